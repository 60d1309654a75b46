"""The page's server: for this machine alone, and to look only."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .looker import Looker

LOOPBACK = "127.0.0.1"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
}
ASSETS = ("page.html", "page.css", "page.js", "elements.js", "plots.js")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
IDLE_SECONDS = 30


class PageServer(ThreadingHTTPServer):
    """Serves one campaign."""

    daemon_threads = True

    def __init__(self, port: int, looker: Looker) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.looker = looker
        folder = files(__package__)
        self.assets = {f"/{name}": (folder / name).read_bytes() for name in ASSETS}
        self.assets["/"] = self.assets.pop("/page.html")
        # Of another name, a page of somebody else could have this machine's browser read this one.
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that has gone is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self.close_connection = "Content-Length" in self.headers or (
            "Transfer-Encoding" in self.headers
        )
        path = self.path.partition("?")[0]
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            self._tell(HTTPStatus.FORBIDDEN, f"Open this page as {self.server.address}")
        elif path != "/" and self.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            self._tell(HTTPStatus.FORBIDDEN, "This is for the page itself")
        elif path == "/data.json":
            answer = self.server.looker.answer()
            if answer is None:
                self._tell(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer")
            else:
                self._answer(HTTPStatus.OK, "application/json", answer)
        elif path in self.server.assets:
            kind = "html" if path == "/" else path.rpartition(".")[2]
            self._answer(HTTPStatus.OK, TYPES[kind], self.server.assets[path])
        else:
            self._tell(HTTPStatus.NOT_FOUND, "There is nothing here")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Also of methods that this has none for."""
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else code
        self.close_connection = True
        self._tell(status, "This page can be looked at only: GET" if status != code else "No")

    def version_string(self) -> str:
        return "trillet"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the terminal is a person's."""

    def _tell(self, status: int, text: str) -> None:
        self._answer(status, "text/plain; charset=utf-8", f"{text}\n".encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        headers = {**HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = "GET"
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
