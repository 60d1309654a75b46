"""A service that places calls after a while, and remembers every number that it rang."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from places import LIBRARY, ROOT

SECONDS = 60


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Workers are killed with requests under way: that is what some tests are about."""


class CallsService:
    """Rings at once, and answers `delay` seconds later."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.delay = 0.0
        service = self

        class Front(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                service.rung.append(next(text for text in map(str, asked.values()) if "+" in text))
                time.sleep(service.delay)
                body = json.dumps({"callId": f"call-{len(service.rung)}"}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Front)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What the hosts take their clients' options from."""
        return os.environ | {
            "TRILLET_LIBRARY": str(LIBRARY),
            "TRILLET_BASE_URL": f"http://127.0.0.1:{self._server.server_port}",
            "TRILLET_API_KEY": "sandbox-key",
            "TRILLET_WORKSPACE_ID": "sandbox-workspace",
            "PYTHONPATH": str(ROOT / "bindings/python/src"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def calls_service() -> Iterator[CallsService]:
    service = CallsService()
    try:
        yield service
    finally:
        service.close()


def wait_until(condition: Callable[[], bool], what: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)
