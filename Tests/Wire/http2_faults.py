"""What a server can do to one stream, or to the connection below it, that HTTP/1.1 has no word
for. Each is a reply of the recording server, made for every request that comes."""

from __future__ import annotations

import socket
from enum import Enum

from h2.errors import ErrorCodes
from hyperframe.frame import DataFrame, GoAwayFrame, HeadersFrame

from http2_service import Stream
from recording_server import Connection, Reply

_EVERY_STREAM = 2**31 - 1

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n"
_PART = b'{"callId":"call-1",'


class Last(Enum):
    """The last stream that a GOAWAY says is processed."""

    BELOW = "the one before this request's"
    WITH = "this request's, or a later one that has come"
    EVERY = "none yet: the first of two notices"


def _stream(connection: Connection) -> Stream:
    assert isinstance(connection, Stream), "this fault needs HTTP/2"
    return connection


def ended(code: ErrorCodes, *, head: bool = False, part: bool = False) -> Reply:
    """RST_STREAM, at first or behind a part of the answer."""

    def reply(connection: Connection) -> bool:
        stream = _stream(connection)
        if head or part:
            stream.send(_HEAD)
        if part:
            stream.send(_PART)
        stream.end(code)
        return True

    return reply


def demanding_http1(answer: Reply) -> Reply:
    """Answers over HTTP/1.1 alone."""

    def reply(connection: Connection) -> bool:
        if not isinstance(connection, Stream):
            return answer(connection)
        connection.end(ErrorCodes.HTTP_1_1_REQUIRED)
        return True

    return reply


def going_away(last: Last, code: ErrorCodes = ErrorCodes.NO_ERROR) -> Reply:
    """GOAWAY, then the end of the connection."""

    def reply(connection: Connection) -> bool:
        stream = _stream(connection)
        with stream.on.lock:
            if last is Last.BELOW and stream.on.highest > stream.number:
                # A later stream has been processed: a GOAWAY would deny that.
                # docs/decisions.md, truthful-goaway.
                stream.end(ErrorCodes.REFUSED_STREAM)
                return True
            number = {
                Last.BELOW: max(stream.number - 2, 0),
                Last.WITH: stream.on.highest,
                Last.EVERY: _EVERY_STREAM,
            }[last]
            stream.on.last = number
            stream.on.frame(GoAwayFrame(0, last_stream_id=number, error_code=code))
        stream.on.say_goodbye()
        return False

    return reply


def going_away_after(answer: Reply) -> Reply:
    """GOAWAY that includes this request, its whole answer, then the end of the connection."""

    def reply(connection: Connection) -> bool:
        stream = _stream(connection)
        with stream.on.lock:
            stream.on.last = stream.on.highest
            stream.on.frame(GoAwayFrame(0, last_stream_id=stream.on.highest))
        answer(connection)
        stream.on.say_goodbye()
        return False

    return reply


def cut_in_the_head() -> Reply:
    """A HEADERS frame that a CONTINUATION would have to follow, then the end."""

    def reply(connection: Connection) -> bool:
        stream = _stream(connection)
        stream.on.frame(HeadersFrame(stream.number, data=b"\x88"))  # `:status: 200`
        return False

    return reply


def cut_in_a_frame() -> Reply:
    """The end inside a DATA frame."""

    def reply(connection: Connection) -> bool:
        stream = _stream(connection)
        stream.send(_HEAD)
        frame = DataFrame(stream.number, data=_PART).serialize()
        stream.on.write(frame[: len(frame) // 2])
        return False

    return reply


def half_closed() -> Reply:
    """The server says that nothing more comes, and keeps reading."""

    def reply(connection: Connection) -> bool:
        stream = _stream(connection)
        stream.on.raw.shutdown(socket.SHUT_WR)
        stream.on.ended.wait(10)
        return False

    return reply


def goodbye() -> Reply:
    """An end in good order, without an answer."""

    def reply(connection: Connection) -> bool:
        _stream(connection).on.say_goodbye()
        return False

    return reply
