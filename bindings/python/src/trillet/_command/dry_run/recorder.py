"""A service on loopback that writes down what it is asked, and refuses it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    # The body of an answer that lets the command go on; None ends it.
    Answer = Callable[["Sent"], "str | None"]

# No retry and no other route follows on it.
_REFUSED = 418


class Sent(NamedTuple):
    """A request as it came."""

    method: str
    # The path and the query, encoded.
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Recorder:
    """Listens from `with` to its end. After a refusal it keeps no further request."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[Sent] = []
        self._answer = answer
        self._has_refused = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(recorder) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if self.raw_requestline and self.parse_request():
                    recorder._take(self)
                else:
                    self.close_connection = True

            def log_message(self, format: str, *values: object) -> None:
                """Standard error is the command's."""

        return Handler

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        sent = Sent(handler.command, handler.path, tuple(handler.headers.items()), body)
        answer = None
        if not self._has_refused:
            self.requests.append(sent)
            answer = self._answer(sent)
            self._has_refused = answer is None
        text = (answer or '{"error":"dry run"}').encode()
        handler.send_response(_REFUSED if answer is None else 200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)
