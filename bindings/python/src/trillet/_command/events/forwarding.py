"""Posts an event as it came: the bytes of its body, and the headers that prove them."""

from __future__ import annotations

import http.client
import ssl
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from ... import ConfigurationError, __version__
from ..profiles.settings import shown_url

if TYPE_CHECKING:
    from collections.abc import Iterable

TIMEOUT_SECONDS = 30.0
SECRET_HEADER = "x-webhook-secret"


class Forwarded(NamedTuple):
    """What became of an event at its receiver; `error` where nobody answered."""

    to: str
    status: int | None
    error: str | None
    milliseconds: int

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        told = self.error or f"HTTP {self.status}"
        return f"{told} after {self.milliseconds} ms from {self.to}"


class Receiver(NamedTuple):
    """Where events go."""

    scheme: str
    host: str
    port: int | None
    target: str

    @property
    def shown(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = host if self.port is None else f"{host}:{self.port}"
        # A query may be a password.
        return shown_url(f"{self.scheme}://{place}{self.target}")


def receiver_of(address: str, option: str) -> Receiver:
    """The receiver at an address, ``http://`` unless it says so.

    Raises:
        ConfigurationError: It is none.
    """
    whole = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(whole)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    is_plain = whole.isascii() and whole.isprintable() and " " not in whole
    if not host or parts.scheme not in ("http", "https") or not is_plain:
        raise ConfigurationError(
            f"{option} is an address such as http://localhost:8000/hook, not "
            f"{shown_url(address)!r}",
            field=option,
        )
    if parts.username is not None:
        raise ConfigurationError(
            f"{option} has a user name, which would stand in the list of processes; leave it out",
            field=option,
        )
    target = parts.path or "/"
    return Receiver(parts.scheme, host, port, f"{target}?{parts.query}" if parts.query else target)


def post(receiver: Receiver, headers: Iterable[tuple[str, str]], body: bytes) -> Forwarded:
    """Sends it once; no redirect is followed, as no sender of webhooks does."""
    start = time.monotonic()
    status, error = None, None
    connection: http.client.HTTPConnection
    if receiver.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            receiver.host, receiver.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(
            receiver.host, receiver.port, timeout=TIMEOUT_SECONDS
        )
    try:
        connection.putrequest("POST", receiver.target, skip_accept_encoding=True)
        for name, value in (*headers, ("user-agent", f"trillet/{__version__}")):
            connection.putheader(name, value.encode("latin-1", "replace"))
        connection.putheader("content-length", str(len(body)))
        connection.putheader("connection", "close")
        connection.endheaders(body)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as failure:
        error = getattr(failure, "strerror", None) or str(failure) or type(failure).__name__
    finally:
        connection.close()
    return Forwarded(receiver.shown, status, error, round((time.monotonic() - start) * 1000))


def with_secret(
    headers: Iterable[tuple[str, str]], scheme: str, secret: str | None
) -> list[tuple[str, str]]:
    """The headers that are kept, with the one that is not: a secret is in no file of events."""
    sent = list(headers)
    if scheme == "secret" and secret is not None:
        sent.append((SECRET_HEADER, secret))
    return sent
