"""The server of the comparison: nginx with fixed answers, on a core of its own."""

from __future__ import annotations

import http.client
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from suite import machine, service

TEMPLATE = pathlib.Path(__file__).resolve().parent.parent / "nginx.conf"


class Counts(NamedTuple):
    """What the server has done so far."""

    connections: int
    requests: int
    seconds: float


class Nginx:
    """A running server."""

    def __init__(self, port: int, process: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._process = process
        # One connection for the whole run, so that asking opens none.
        self._control = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._asked = 0

    def counts(self) -> Counts:
        self._control.request("GET", "/status")
        answer = self._control.getresponse().read().decode()
        self._asked += 1
        accepted, _, requests = (int(field) for field in answer.splitlines()[2].split())
        seconds = machine.processor_seconds(self._process)
        return Counts(accepted, requests - self._asked, seconds)

    def close(self) -> None:
        self._control.close()


@contextmanager
def running() -> Iterator[Nginx]:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        configuration = pathlib.Path(folder, "nginx.conf")
        configuration.write_text(_configuration(port))
        command = [*machine.pinned(-1), program, "-p", folder, "-c", str(configuration)]
        server = subprocess.Popen(command)
        try:
            _wait_for(port, server)
            nginx = Nginx(port, server.pid)
            yield nginx
            nginx.close()
        finally:
            server.terminate()
            server.wait(timeout=10)


def _configuration(port: int) -> str:
    # A request of another size is refused: that all send the same is proven by their success.
    lines = [
        f"        location = {path} {{\n"
        f"            if ($http_content_length != {service.SIZE}) {{ return 422; }}\n"
        f"            return 200 '{answer}';\n"
        "        }"
        for path, answer in service.ANSWERS.items()
    ]
    text = TEMPLATE.read_text().replace("@PORT@", str(port))
    return text.replace("@ANSWERS@", "\n".join(lines))


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit("nginx did not start; its message is above")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit("nginx did not answer within 10 s")
