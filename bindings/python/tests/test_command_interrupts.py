"""Ctrl-C in the command: what it interrupts may already ring a phone, and the command says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from conftest import KEY, ROOT, WORKSPACE
from recording_server import silence

if TYPE_CHECKING:
    from recording_server import RecordingServer

GOOD = ROOT / "examples" / "contacts.csv"
NUMBER = "+12025550164"


def interrupted(server: RecordingServer, *arguments: object) -> tuple[int, str]:
    """The exit status of a command that has Ctrl-C once its request is there, and what it said."""
    server.respond = lambda _: silence()
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_API_KEY": KEY,
        "TRILLET_WORKSPACE_ID": WORKSPACE,
        "TRILLET_BASE_URL": server.url,
    }
    command: list[Any] = [sys.executable, "-m", "trillet", *map(str, arguments)]
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
        end = threading.Timer(30, process.kill)
        end.start()
        while not server.requests and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read()
        end.cancel()
        return process.wait(30), said


def test_an_interrupted_call_that_may_ring_is_status_7_and_says_where_to_look(
    server: RecordingServer,
) -> None:
    status, said = interrupted(server, "call", "a", NUMBER)
    assert status == 7
    assert said.startswith("trillet: interrupted: calls.send: ")
    assert "call history" in said


def test_an_interrupted_start_of_a_batch_is_status_7_and_says_where_to_look(
    server: RecordingServer,
) -> None:
    status, said = interrupted(server, "batch", "start", GOOD, "--agent", "a")
    assert status == 7
    assert said.startswith("trillet: interrupted: batch_calls.start: ")
    assert "The batch may be running" in said
    assert "GET /v2/api/call-history" in said


def test_an_interrupted_call_tells_programs_the_same(server: RecordingServer) -> None:
    status, said = interrupted(server, "call", "a", NUMBER, "--output", "json")
    error = json.loads(said)["error"]
    assert status == 7
    assert (error["type"], error["sent"]) == ("cancelled", "maybe")
    assert "call history" in error["lookFor"]


def test_an_interrupted_question_is_status_130(server: RecordingServer) -> None:
    assert interrupted(server, "request", "agents.list") == (130, "interrupted\n")
