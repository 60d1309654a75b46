"""Receives webhooks on this machine: each is checked, kept, and then answered."""

from __future__ import annotations

import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from ... import ConfigurationError, InvalidArgumentError, SignatureError, TrilletError
from ..._core.secret_naming import is_secret
from ..._webhooks.receiver import HEADERS
from ..._webhooks.reply import Reply, is_json, refusal
from ...webhooks import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from .store import EventStore, Kept

LOOPBACK = "127.0.0.1"
MOST_BYTES = 1_048_576
# A sender gives up sooner.
_IDLE_SECONDS = 30


class Intake:
    """Decides about each webhook.

    Args:
        wanted: The types of event to take; all if there are none.
        take: Told of each that was kept; whether there was room for it.
        refuse: Told why one was refused.
    """

    def __init__(
        self,
        secret: str,
        scheme: Literal["hmac", "secret"],
        wanted: frozenset[str],
        store: EventStore,
        take: Callable[[Kept], None],
        refuse: Callable[[str], None],
    ) -> None:
        self._secret = secret
        self._scheme = scheme
        self._wanted = wanted
        self._store = store
        self._take = take
        self._refuse = refuse

    def answer(self, method: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """The answer to a request; header names are in small letters."""
        if method != "POST":
            return self._refused(405, f"a {method}: webhooks are POST", ("Allow", "POST"))
        if not is_json(headers.get("content-type")):
            return self._refused(415, f"the content type {headers['content-type']}, not JSON")
        if body is None:
            return self._refused(413, f"no length, or more than {MOST_BYTES} bytes")
        try:
            signature = headers.get(HEADERS[self._scheme])
            event = verify(body, signature, self._secret, scheme=self._scheme)
        except SignatureError as error:
            header = HEADERS[self._scheme]
            return self._refused(401, f"{error.code} ({header}): is the secret the sender's?")
        except (InvalidArgumentError, TrilletError) as error:
            return self._refused(400, f"signed, but: {error.message}")
        if self._wanted and event.type not in self._wanted:
            return Reply(200, {"ok": True})
        kept_headers = [
            (name, value)
            for name, value in headers.items()
            if name == "content-type" or (name.startswith("x-trillet-") and not is_secret(name))
        ]
        try:
            kept = self._store.add(event, kept_headers, body)
        except sqlite3.Error as error:
            # The sender keeps it, and comes again.
            return self._refused(503, f"it cannot be kept: {error}", ("Retry-After", "5"))
        self._take(kept)
        return Reply(200, {"ok": True})

    def _refused(self, status: int, why: str, *extra: tuple[str, str]) -> Reply:
        self._refuse(f"HTTP {status}: {why}")
        return refusal(status, *extra)


class ListeningServer(ThreadingHTTPServer):
    """On this machine alone; a tunnel brings webhooks from elsewhere."""

    daemon_threads = True

    def __init__(self, port: int, intake: Intake) -> None:
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except (OSError, OverflowError) as error:
            raise ConfigurationError(
                f"Port {port} cannot be used ({error}); name another by --port, or 0 for any",
                field="port",
            ) from None
        self.intake = intake

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that has gone comes again."""


class _Handler(BaseHTTPRequestHandler):
    server: ListeningServer
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "")
        body = None
        if length.isascii() and length.isdigit() and int(length[:9]) <= MOST_BYTES:
            body = self.rfile.read(int(length[:9]))
            if len(body) != int(length):
                self.close_connection = True
                return
        else:
            self.close_connection = True
        reply = self.server.intake.answer(self.command, headers, body)
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_POST  # noqa: N815

    def log_message(self, format: str, *arguments: object) -> None:
        """What comes is printed elsewhere."""
