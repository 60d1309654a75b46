"""An HTTP server on loopback that keeps the exact bytes of every request.

Each request takes the next scripted reply, or a plain ``200 {}`` when none is left. A reply may be
a fault: silence, a reset, half a body.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    import ssl

REASONABLE_WAIT = 10.0
TLS_HANDSHAKE = b"\x16"


@dataclass(frozen=True)
class Part:
    """One part of a multipart body."""

    headers: dict[str, str]
    content: bytes

    @property
    def name(self) -> str | None:
        return self._parameter("name")

    @property
    def file_name(self) -> str | None:
        return self._parameter("filename")

    def _parameter(self, wanted: str) -> str | None:
        for piece in self.headers["content-disposition"].split(";")[1:]:
            name, _, value = piece.strip().partition("=")
            if name == wanted:
                return value.strip('"')
        return None


@dataclass(frozen=True)
class Request:
    """A request as it came: raw bytes, the number of the connection it came on, and when it had
    been read (``time.monotonic``)."""

    raw: bytes
    connection: int
    at: float = field(default_factory=time.monotonic)

    @property
    def head(self) -> str:
        return self.raw.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def line(self) -> str:
        return self.head.split("\r\n")[0]

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(
            self.target.partition("?")[2], keep_blank_values=True, strict_parsing=False
        )

    @property
    def headers(self) -> dict[str, str]:
        fields = (line.partition(":") for line in self.head.split("\r\n")[1:])
        return {name.lower(): value.strip() for name, _, value in fields}

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def parts(self) -> list[Part]:
        """The parts of the multipart body, checked to be framed as RFC 2046 says."""
        kind, _, parameters = self.headers["content-type"].partition(";")
        assert kind == "multipart/form-data"
        boundary = b"--" + parameters.partition("boundary=")[2].strip().encode()
        pieces = (b"\r\n" + self.body).split(b"\r\n" + boundary)
        assert pieces[0] == b""
        assert pieces[-1] in (b"--", b"--\r\n")
        return [_part(piece) for piece in pieces[1:-1]]

    def part(self, name: str) -> Part:
        (found,) = [part for part in self.parts if part.name == name]
        return found


def _part(piece: bytes) -> Part:
    assert piece.startswith(b"\r\n")
    head, _, content = piece[2:].partition(b"\r\n\r\n")
    fields = (line.partition(":") for line in head.decode("utf-8").split("\r\n"))
    return Part({name.lower(): value.strip() for name, _, value in fields}, content)


class Connection:
    """The server's end of one connection, for replies to act on."""

    def __init__(self, channel: socket.socket, stopping: threading.Event) -> None:
        self.channel = channel
        self.stopping = stopping

    def send(self, data: bytes) -> None:
        self.channel.sendall(data)

    def reset(self) -> None:
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# A reply acts on the connection and says whether it stays open.
Reply = Callable[[Connection], bool]


def answer(
    status: int = 200,
    body: bytes | str = b"",
    headers: dict[str, str] | None = None,
    *,
    then_close: bool = False,
) -> Reply:
    """An ordinary answer; ``then_close`` closes the connection without having announced it."""
    content = body.encode("utf-8") if isinstance(body, str) else body

    def reply(connection: Connection) -> bool:
        connection.send(_head(status, headers or {}, len(content)) + content)
        return not then_close

    return reply


def json_answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    all_headers = {"Content-Type": "application/json", **(headers or {})}
    return answer(status, json.dumps(value, ensure_ascii=False), all_headers)


def chunked(*chunks: bytes) -> Reply:
    def reply(connection: Connection) -> bool:
        connection.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for chunk in chunks:
            connection.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        connection.send(b"0\r\n\r\n")
        return True

    return reply


def half_body(body: bytes) -> Reply:
    """Announces the whole body, sends half of it and closes."""

    def reply(connection: Connection) -> bool:
        connection.send(_head(200, {"Content-Type": "application/json"}, len(body)))
        connection.send(body[: len(body) // 2])
        return False

    return reply


def close_without_answer() -> Reply:
    return lambda connection: False


def reset() -> Reply:
    def reply(connection: Connection) -> bool:
        connection.reset()
        return False

    return reply


def silence() -> Reply:
    """Never answers; the connection ends when the other side or the server closes it."""

    def reply(connection: Connection) -> bool:
        connection.channel.settimeout(0.05)
        while not connection.stopping.is_set():
            try:
                if not connection.channel.recv(1):
                    break
            except (TimeoutError, socket.timeout):
                continue
        return False

    return reply


def held(release: threading.Event, then: Reply) -> Reply:
    """Answers once the event is set."""

    def reply(connection: Connection) -> bool:
        return release.wait(REASONABLE_WAIT) and then(connection)

    return reply


def _head(status: int, headers: dict[str, str], length: int) -> bytes:
    lines = [f"HTTP/1.1 {status} Reply", *(f"{name}: {value}" for name, value in headers.items())]
    if status != 204:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


@dataclass(repr=False)
class RecordingServer:
    """The running server; ``script`` appends replies, ``requests`` is what came.

    With ``discard_bodies`` large bodies are read but not kept. ``otherwise`` is the reply to a
    request that the script has none for, or ``respond`` chooses one by the request.
    ``resets_connections`` ends every new connection when the first byte is there, and reads none.
    ``port`` may be chosen before the start, or taken by `reserve`.
    """

    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    discard_bodies: bool = False
    tls: ssl.SSLContext | None = None
    otherwise: Reply = field(default_factory=lambda: json_answer({}))
    respond: Callable[[Request], Reply] | None = None
    resets_connections: bool = False
    port: int = 0
    _listener: socket.socket | None = None
    _ended: int = 0
    _replies: list[Reply] = field(default_factory=list)
    _arrived: threading.Condition = field(default_factory=threading.Condition)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _channels: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> RecordingServer:
        listener = self.reserve()
        listener.listen(1024)
        self._start(lambda: self._accept(listener))
        return self

    def reserve(self) -> socket.socket:
        """Takes the port, where connections are refused until the start."""
        if self._listener is None:
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
        return self._listener

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        assert self._listener is not None
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = None
        with self._arrived:
            channels, threads = list(self._channels), list(self._threads)
        for channel in channels:
            _shut(channel)
        for thread in threads:
            thread.join(REASONABLE_WAIT)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def only_request(self) -> Request:
        (request,) = self.requests
        return request

    def script(self, *replies: Reply) -> None:
        with self._arrived:
            self._replies.extend(replies)

    def wait_for(self, count: int) -> None:
        """Waits until that many requests have come."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, REASONABLE_WAIT)

    def wait_for_ends(self, count: int) -> None:
        """Waits until the server has closed that many connections."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: self._ended >= count, REASONABLE_WAIT)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        with self._arrived:
            self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                channel, _ = listener.accept()
            except OSError:
                return
            with self._arrived:
                self.connections += 1
                number = self.connections
                self._channels.append(channel)
            self._start(lambda channel=channel, number=number: self._attend(channel, number))  # type: ignore[misc]

    def _attend(self, channel: socket.socket, number: int) -> None:
        self._serve(channel, number)
        with self._arrived:
            self._ended += 1
            self._arrived.notify_all()

    def _serve(self, channel: socket.socket, number: int) -> None:
        try:
            if self.tls is not None:
                channel = self.tls.wrap_socket(channel, server_side=True)
            if self.resets_connections:
                channel.recv(1, socket.MSG_PEEK)
                Connection(channel, self._stopping).reset()
                channel.close()
                return
            with channel:
                self._answer_requests(channel, number)
        except OSError:
            return

    def _answer_requests(self, channel: socket.socket, number: int) -> None:
        connection = Connection(channel, self._stopping)
        unread = b""
        while True:
            raw, unread = _next_request(channel, unread, self.discard_bodies)
            if raw is None or not self._record(Request(raw, number))(connection):
                return

    def _record(self, request: Request) -> Reply:
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
            if self._replies:
                return self._replies.pop(0)
        return self.otherwise if self.respond is None else self.respond(request)


def _next_request(
    channel: socket.socket, unread: bytes, discard: bool
) -> tuple[bytes | None, bytes]:
    data = unread
    while b"\r\n\r\n" not in data:
        if data.startswith(TLS_HANDSHAKE):
            channel.sendall(_head(400, {"Connection": "close"}, 0))
            return None, b""
        more = channel.recv(65536)
        if not more:
            return None, data
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    length = _content_length(head)
    pieces = [rest]
    received = len(rest)
    while received < length:
        more = channel.recv(65536)
        if not more:
            return None, data
        if not discard:
            pieces.append(more)
        received += len(more)
    body = b"".join(pieces)
    return head + b"\r\n\r\n" + body[:length], body[length:]


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _shut(channel: socket.socket) -> None:
    try:
        channel.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
