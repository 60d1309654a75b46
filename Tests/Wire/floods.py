"""Answers that never end: bytes that keep coming and carry nothing."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable

from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    ExtensionFrame,
    Frame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from http2_service import Stream
from recording_server import Connection, Reply

# A flood ends when the client goes away: only a failed test waits for this.
LONGEST = 30.0
_AT_ONCE = 500
_HTTP1_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_LARGEST_FRAME = 16_000
_STATUS_200 = b"\x88"  # in HPACK's static table


def _frames(
    make: Callable[[int], Frame], *, behind_a_head: bool = False, opens_a_head: bool = False
) -> Reply:
    def reply(connection: Connection) -> bool:
        assert isinstance(connection, Stream)
        if behind_a_head or opens_a_head:
            flags = ["END_HEADERS"] if behind_a_head else []
            connection.on.frame(HeadersFrame(connection.number, data=_STATUS_200, flags=flags))
        many = make(connection.number).serialize() * _AT_ONCE
        return _pour(connection, lambda: connection.on.write(many))

    return reply


def _pour(connection: Connection, write: Callable[[], None]) -> bool:
    """Until the client goes away, or it has surely failed the test."""
    ended = connection.on.ended if isinstance(connection, Stream) else threading.Event()
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline and not connection.stopping.is_set() and not ended.is_set():
        write()
    return False


def _raw(start: bytes, piece: bytes) -> Reply:
    def reply(connection: Connection) -> bool:
        connection.send(start)
        many = piece * _AT_ONCE
        return _pour(connection, lambda: connection.send(many))

    return reply


OVER_HTTP2: dict[str, Reply] = {
    "empty DATA": _frames(lambda number: DataFrame(number), behind_a_head=True),
    "PING": _frames(lambda _: PingFrame(0, opaque_data=b"12345678")),
    "PING behind the head": _frames(
        lambda _: PingFrame(0, opaque_data=b"12345678"), behind_a_head=True
    ),
    "WINDOW_UPDATE": _frames(lambda _: WindowUpdateFrame(0, window_increment=1)),
    "PRIORITY": _frames(lambda number: PriorityFrame(number, depends_on=0, stream_weight=7)),
    "SETTINGS": _frames(lambda _: SettingsFrame(0, settings={})),
    "empty CONTINUATION": _frames(lambda number: ContinuationFrame(number), opens_a_head=True),
    "CONTINUATION": _frames(
        lambda number: ContinuationFrame(number, data=b"\x00\x01x\x01y"), opens_a_head=True
    ),
    "an unknown type": _frames(lambda _: ExtensionFrame(0xFA, stream_id=0, body=b"nothing")),
    "100 Continue": _frames(
        lambda number: HeadersFrame(number, data=b"\x08\x03100", flags=["END_HEADERS"])
    ),
}
OVER_HTTP1: dict[str, Reply] = {
    "empty chunk extensions": _raw(
        _HTTP1_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1;a=b\r\n \r\n"
    ),
    "100 Continue": _raw(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}

# What grows without being a body.
GROWING: dict[str, Reply] = {
    "trailers": _raw(
        _HTTP1_HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
        b"X-Trailer: " + b"t" * 400 + b"\r\n",
    ),
    "header lines": _raw(_HTTP1_HEAD, b"X-Header: " + b"h" * 400 + b"\r\n"),
    "heads of 100 Continue": _raw(
        b"", b"HTTP/1.1 100 Continue\r\nX-Header: " + b"h" * 400 + b"\r\n\r\n"
    ),
    "the body": _raw(
        _HTTP1_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10\r\n" + b" " * 16 + b"\r\n"
    ),
}


# What of them shows that the service acted: the status line of a success.
SENT = {name: "maybe" if name == "heads of 100 Continue" else "yes" for name in GROWING}


def nested_gzip(depth: int, size: int) -> bytes:
    """Spaces around JSON, packed more than once."""
    packed = b"{" + b" " * size + b"}"
    for _ in range(depth):
        packed = gzip.compress(packed, 9)
    return packed


def packed(lines: bytes, depth: int, *, in_chunks: bool = False) -> Reply:
    """A success with these header lines about how it is packed."""
    body = nested_gzip(depth, 1 << 20)

    def reply(connection: Connection) -> bool:
        if in_chunks:
            framed = b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        else:
            framed = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        connection.send(_HTTP1_HEAD + lines + framed)
        return True

    return reply


# More than one encoding, in each of the ways to write it.
PACKED_TWICE: dict[str, Reply] = {
    "one line": packed(b"Content-Encoding: gzip, gzip\r\n", 2),
    "two lines": packed(b"Content-Encoding: gzip\r\ncontent-encoding: gzip\r\n", 2),
    "three": packed(b"Content-Encoding: gzip, gzip, gzip\r\n", 3),
    "of the transfer": packed(b"Transfer-Encoding: gzip, gzip, chunked\r\n", 2, in_chunks=True),
    "of both": packed(
        b"Transfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip\r\n", 2, in_chunks=True
    ),
}
PACKED_ONCE: dict[str, Reply] = {
    "one line": packed(b"Content-Encoding: gzip\r\n", 1),
    "beside one that is none": packed(b"Content-Encoding: identity, gzip\r\n", 1),
    "of the transfer": packed(b"Transfer-Encoding: gzip, chunked\r\n", 1, in_chunks=True),
}


def _gzip(body: bytes) -> Reply:
    """A success whose body is said to be packed once."""
    head = _HTTP1_HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)

    def reply(connection: Connection) -> bool:
        connection.send(head + body)
        return True

    return reply


_PACKED = gzip.compress(b'{"callId":"call-1"}')
# libcurl unpacks one member alone.
PACKED_BADLY: dict[str, Reply] = {
    "not packed": _gzip(b"{}"),
    "a wrong sum": _gzip(_PACKED[:-8] + bytes(8)),
    "bytes behind it": _gzip(_PACKED + b"and what is not packed"),
    "two members": _gzip(_PACKED + gzip.compress(b" ")),
}


def large_head(count: int, size: int) -> Reply:
    """A success over HTTP/2 with so many fields of that size."""

    def reply(connection: Connection) -> bool:
        assert isinstance(connection, Stream)
        fields = [(":status", "200"), ("content-type", "application/json")]
        fields += [(f"x-{number}", "h" * size) for number in range(count)]
        rest = Encoder().encode(fields, huffman=False)
        kind: type[HeadersFrame] | type[ContinuationFrame] = HeadersFrame
        while rest:
            piece, rest = rest[:_LARGEST_FRAME], rest[_LARGEST_FRAME:]
            flags = [] if rest else ["END_HEADERS"]
            connection.on.frame(kind(connection.number, data=piece, flags=flags))
            kind = ContinuationFrame
        connection.on.frame(DataFrame(connection.number, data=b"{}", flags=["END_STREAM"]))
        return True

    return reply
