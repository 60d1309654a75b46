"""A server that receives webhooks, and answers them as a test says."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass(frozen=True)
class Received:
    """One webhook as it came in. Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def event(self) -> str:
        name: str = self.json["event"]
        return name

    def is_signed_with(self, secret: str) -> bool:
        expected = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, self.headers["x-trillet-signature"])


class Receiver:
    """Listens on a free port of this machine."""

    def __init__(self) -> None:
        self._received: queue.Queue[Received] = queue.Queue()
        self._statuses: queue.Queue[int] = queue.Queue()
        self.answer_body = b""
        self.may_answer = Event()
        self.may_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver._received.put(Received(self.path, headers, body))
                receiver.may_answer.wait(15)
                try:
                    status = receiver._statuses.get_nowait()
                except queue.Empty:
                    status = 200
                self.send_response(status)
                if status in (301, 307):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(receiver.answer_body)))
                self.end_headers()
                self.wfile.write(receiver.answer_body)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self._server.server_address[1]}{path}"

    def answer(self, *statuses: int) -> None:
        """Says how to answer the next webhooks; all others get 200."""
        for status in statuses:
            self._statuses.put(status)

    def next(self) -> Received:
        return self._received.get(timeout=15)

    def is_quiet(self) -> bool:
        return self._received.empty()

    def close(self) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()
