"""A Python program with `ssl` imported whose daemon threads call when it ends."""

from __future__ import annotations

import os
import subprocess
import sys

from conftest import LIBRARY, ROOT, ROUNDS, Service

PROGRAM = """
import ssl, sys, threading, time
ssl.create_default_context()
from trillet import Trillet

client = Trillet("k", base_url=sys.argv[1], ca_file=sys.argv[2], env=False)

def call():
    while True:
        client.call("POST /echo", {"delayMs": 3})

def submit():
    while True:
        for _ in client.map("POST /echo", ({"delayMs": 1} for _ in range(1000))):
            pass

for work in (call, call, call, submit):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
sys.exit(7)
"""


def test_a_program_with_ssl_and_daemon_threads_ends_with_its_own_status(service: Service) -> None:
    environment = os.environ | {
        "TRILLET_LIBRARY": str(LIBRARY),
        "PYTHONPATH": str(ROOT / "bindings/python/src"),
    }
    command = [sys.executable, "-c", PROGRAM, service.url, str(service.certificate)]
    ends = [
        subprocess.run(command, env=environment, timeout=60, capture_output=True).returncode
        for _ in range(ROUNDS)
    ]
    assert ends == [7] * ROUNDS
