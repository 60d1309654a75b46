"""A sandbox whose front looks at the threads of its client while a request waits for its answer."""

from __future__ import annotations

import http.client
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from conftest import LIBRARY
from sandbox_program import binary, started

ANSWER_HEADERS = ("content-type", "x-request-id")
SECONDS = 60


class _Front(ThreadingHTTPServer):
    # With the 5 of Python, the kernel would make a client with many connections wait for seconds.
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Programs end with requests under way: that is what some tests are about."""


class WatchedService:
    """Runs programs against a sandbox, and remembers the names of their threads."""

    def __init__(self, port: int) -> None:
        self.threads: list[list[str]] = []
        self._sandbox = port
        self._program: subprocess.Popen[str] | None = None
        self._has_started = threading.Event()
        service = self

        class Front(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service.forward(self)

            def log_message(self, *_: object) -> None:
                pass

        self._front = _Front(("127.0.0.1", 0), Front)
        threading.Thread(target=self._front.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What the programs take their client's options from."""
        return os.environ | {
            "TRILLET_LIBRARY": str(LIBRARY),
            "TRILLET_BASE_URL": f"http://127.0.0.1:{self._front.server_port}",
            "TRILLET_API_KEY": "sandbox-key",
            "TRILLET_WORKSPACE_ID": "sandbox-workspace",
        }

    def run(self, command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
        """The program's end, and what it wrote; `text` is its standard input."""
        self.threads.clear()
        self._has_started.clear()
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, env=self.environment, text=True, stdin=pipe, stdout=pipe, stderr=pipe
        ) as program:
            self._program = program
            self._has_started.set()
            try:
                output, errors = program.communicate(text, timeout=SECONDS)
            except subprocess.TimeoutExpired:
                program.kill()
                raise
        return subprocess.CompletedProcess(command, program.returncode, output, errors)

    def forward(self, request: BaseHTTPRequestHandler) -> None:
        self._has_started.wait(SECONDS)
        assert self._program is not None
        tasks = Path(f"/proc/{self._program.pid}/task").iterdir()
        self.threads.append([(task / "comm").read_text().strip() for task in tasks])
        connection = http.client.HTTPConnection("127.0.0.1", self._sandbox, timeout=SECONDS)
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        connection.request("GET", request.path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        request.send_response(answer.status)
        for name in ANSWER_HEADERS:
            if (value := answer.getheader(name)) is not None:
                request.send_header(name, value)
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def close(self) -> None:
        self._front.shutdown()
        self._front.server_close()


@contextmanager
def watched_service() -> Iterator[WatchedService]:
    """A service for one test, with a sandbox of its own."""
    command = [str(binary()), "--port", "0", "--log-level", "error", "--requests-per-minute", "0"]
    process, ready = started(command)
    service = WatchedService(int(ready["port"]))
    try:
        yield service
    finally:
        service.close()
        process.kill()
        process.communicate()
