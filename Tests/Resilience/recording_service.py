"""A service that keeps one recording: it resumes as HTTP has it, and fails as a test has it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from recording_server import Connection, RecordingServer, Reply, Request
from seed import SEED

CONTENT = random.Random(SEED).randbytes(300_000)
TAG = '"v1"'
MODIFIED = "Wed, 01 May 2030 10:00:00 GMT"
MADE = "Wed, 01 May 2030 10:00:09 GMT"
CHOICE = {"callHistoryId": "66f1"}

Fault = Callable[[Request], "Reply | None"]


def sent(status: int, headers: dict[str, str], body: bytes, *, closes: bool = False) -> Reply:
    """An answer with these header lines and no others."""
    lines = [f"HTTP/1.1 {status} Reply", *(f"{name}: {value}" for name, value in headers.items())]

    def reply(connection: Connection) -> bool:
        connection.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return not closes

    return reply


def first_byte(request: Request) -> int:
    return int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))


@dataclass
class RecordingService:
    """`faults` are asked one after the other, each once; None is for the service itself."""

    server: RecordingServer
    content: bytes = CONTENT
    validators: dict[str, str] = field(default_factory=lambda: {"ETag": TAG})
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.respond = self.answer

    def answer(self, request: Request) -> Reply:
        fault = self.faults.pop(0) if self.faults else None
        reply = fault(request) if fault is not None else None
        return reply or self.whole(request)

    def whole(self, request: Request) -> Reply:
        start = self._start(request)
        headers = self.headers(start)
        return sent(206 if start else 200, headers, self.content[start:])

    def cut(self, length: int) -> Fault:
        """Ends the connection behind so many bytes of the body."""

        def fault(request: Request) -> Reply:
            start = self._start(request)
            body = self.content[start : start + length]
            return sent(206 if start else 200, self.headers(start), body, closes=True)

        return fault

    def headers(self, start: int) -> dict[str, str]:
        size = len(self.content)
        given = {"Content-Type": "audio/mpeg", "Content-Length": str(size - start)}
        if start:
            given["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        return {**given, **self.validators}

    def _start(self, request: Request) -> int:
        version = request.headers.get("if-range")
        known = version is None or version in self.validators.values()
        return first_byte(request) if known else 0

    @property
    def ranges(self) -> list[str | None]:
        """What each request asked for."""
        return [request.headers.get("range") for request in self.server.requests]
