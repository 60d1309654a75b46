"""That a request was refused unread is believed of nothing that the server acted on.

Each test keeps its own ledger of what the server acted on.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import GoAwayFrame, HeadersFrame, RstStreamFrame

from dial_table import NUMBER
from doors import Client
from http2_faults import Last, cut_in_the_head, ended, going_away, goodbye, half_closed
from http2_service import Http2Connection, Http2Server, Stream
from operations import AGENT
from recording_server import Connection, Reply, Request, close_without_answer, json_answer
from sessions import BLOCKING, DOORS, NEXT, Asked, Door, Outcome
from wires import HTTP2_WIRES, Line

pytestmark = pytest.mark.skipif(not HTTP2_WIRES, reason="this run has no HTTP/2")

DONE = json_answer({"callId": "call-1"})
SEND = Asked("calls.send", {"agentId": AGENT, "toNumber": NUMBER})
OTHER_CODES = [
    code
    for code in ErrorCodes
    if code not in (ErrorCodes.REFUSED_STREAM, ErrorCodes.HTTP_1_1_REQUIRED)
]
BOTH = pytest.mark.parametrize("door", [BLOCKING, NEXT], ids=repr)


@pytest.fixture
def line(lines: dict[object, Line]) -> Line:
    return lines[HTTP2_WIRES[0]]


@pytest.fixture
def server(line: Line) -> Iterator[Http2Server]:
    running = line.server()
    assert isinstance(running, Http2Server)
    with running:
        yield running


def calls(count: int) -> list[Asked]:
    return [
        Asked("calls.send", {"agentId": f"call{index}x", "toNumber": NUMBER})
        for index in range(count)
    ]


def number_of(request: Request) -> int:
    found = re.search(rb"call(\d+)x", request.raw)
    assert found
    return int(found[1])


def run(
    line: Line, server: Http2Server, door: Door, asked: list[Asked], **options: int
) -> list[Outcome]:
    session = door.open(server.url, {**line.options, **options})
    try:
        return session.run(asked)
    finally:
        session.close()


def stopped(code: ErrorCodes, last: int | None, *, closes: bool) -> Reply:
    """RST_STREAM and GOAWAY in one piece, as a server that fails writes them."""

    def reply(connection: Connection) -> bool:
        assert isinstance(connection, Stream)
        number = connection.number if last is None else last
        connection.on.frame(
            RstStreamFrame(connection.number, error_code=code),
            GoAwayFrame(0, last_stream_id=number, error_code=code),
        )
        return not closes

    return reply


@BOTH
@pytest.mark.parametrize("closes", [True, False], ids=["closed", "open"])
@pytest.mark.parametrize("code", OTHER_CODES, ids=lambda code: code.name)
def test_a_stream_that_ends_with_another_code_may_have_been_acted_on(
    line: Line, server: Http2Server, door: Door, code: ErrorCodes, closes: bool
) -> None:
    server.otherwise = stopped(code, None, closes=closes)
    (outcome,) = run(line, server, door, [SEND])
    assert outcome.sent == "maybe", outcome
    assert len(server.requests) == 1


@BOTH
@pytest.mark.parametrize("closes", [True, False], ids=["closed", "open"])
def test_a_goodbye_that_contradicts_the_end_of_the_stream_is_not_believed(
    line: Line, server: Http2Server, door: Door, closes: bool
) -> None:
    """Some servers write 0 for the last stream of a GOAWAY whatever they have done."""
    server.otherwise = stopped(ErrorCodes.INTERNAL_ERROR, 0, closes=closes)
    (outcome,) = run(line, server, door, [SEND])
    assert outcome.sent == "maybe", outcome
    assert len(server.requests) == 1


def test_a_goodbye_of_another_connection_is_not_this_ones(line: Line, server: Http2Server) -> None:
    """libcurl reads it as it looks for a connection for the next attempt."""
    server.most_streams = 2
    end, idle = threading.Event(), threading.Event()

    def held(connection: Connection) -> bool:
        return end.wait(10) and False

    def spare(connection: Connection) -> bool:
        assert isinstance(connection, Stream)
        DONE(connection)
        assert idle.wait(10)
        connection.on.frame(GoAwayFrame(0, last_stream_id=0))
        end.set()
        return True

    def respond(request: Request) -> Reply:
        return spare if b"spare" in request.raw else held

    server.respond = respond
    with Client(server.url, **line.options, maxRetries=0) as client:
        call = client.submit(*SEND[:2])
        server.wait_for(1)
        client.submit("agents.get", {"agentId": "shares"})
        server.wait_for(2)
        other = client.submit("agents.get", {"agentId": "spare"})
        assert client.fetched(other).answer["ok"]
        assert server.connections == 2
        idle.set()
        error = client.fetched(call).answer["error"]
    assert error["sent"] == "maybe", error
    assert sum(request.method == "POST" for request in server.requests) == 1


@BOTH
@pytest.mark.parametrize("end", [
    close_without_answer(), goodbye(), half_closed(), cut_in_the_head(),
    ended(ErrorCodes.INTERNAL_ERROR), going_away(Last.WITH), going_away(Last.EVERY),
], ids=["closed", "goodbye", "half-closed", "cut", "reset", "with", "every"])  # fmt: skip
@pytest.mark.parametrize("refusal", [
    ended(ErrorCodes.REFUSED_STREAM), going_away(Last.BELOW),
], ids=["REFUSED_STREAM", "GOAWAY"])  # fmt: skip
def test_a_refusal_is_forgotten_with_the_next_request(
    line: Line, server: Http2Server, door: Door, refusal: Reply, end: Reply
) -> None:
    session = door.open(server.url, {**line.options, "maxRetries": 0})
    # Refused on a new connection and on a kept one, each time followed by a call that is lost.
    told: list[str] = []
    for reply in (refusal, DONE, end, DONE, refusal, end, DONE, end):
        server.otherwise = reply
        told += [outcome.sent for outcome in session.run([SEND])]
    session.close()
    # Of a GOAWAY on a kept connection libcurl may not say whose stream it is below.
    assert told[4] in ("no", "maybe")
    assert told[:4] + told[5:] == ["no", "ok", "maybe", "ok", "maybe", "ok", "maybe"]


def begun(frame: bytes, refusal: Reply) -> Reply:
    """A field block of an answer before it is refused."""

    def reply(connection: Connection) -> bool:
        assert isinstance(connection, Stream)
        connection.on.frame(HeadersFrame(connection.number, data=frame, flags=["END_HEADERS"]))
        return refusal(connection)

    return reply


@BOTH
@pytest.mark.parametrize("kept", [False, True], ids=["new", "kept"])
@pytest.mark.parametrize("frame", [b"\x88", b"\x08\x03103"], ids=["200", "103"])
@pytest.mark.parametrize("refusal", [
    ended(ErrorCodes.REFUSED_STREAM), going_away(Last.BELOW),
], ids=["REFUSED_STREAM", "GOAWAY"])  # fmt: skip
def test_a_refusal_behind_the_beginning_of_an_answer_is_not_believed(
    line: Line, server: Http2Server, door: Door, refusal: Reply, frame: bytes, kept: bool
) -> None:
    """Who answers has read the request."""
    if kept:
        server.script(DONE)
    server.otherwise = begun(frame, refusal)
    asked = [SEND] * (2 if kept else 1)
    session = door.open(server.url, line.options)
    try:
        told = [outcome.sent for each in asked for outcome in session.run([each])]
    finally:
        session.close()
    assert told == ["ok"] * (len(asked) - 1) + ["maybe"]
    assert len(server.requests) == len(asked)


@BOTH
def test_a_refusal_behind_the_whole_answer_is_forgotten(
    line: Line, server: Http2Server, door: Door
) -> None:
    def contradiction(connection: Connection) -> bool:
        assert isinstance(connection, Stream)
        with connection.on.lock:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            connection.send(b"Content-Length: 2\r\n\r\n")
            # The frame that ends the stream is missing.
            connection._missing = 3  # noqa: SLF001
            connection.data(b"{}")
            connection.end(ErrorCodes.REFUSED_STREAM)
        return True

    session = door.open(server.url, {**line.options, "maxRetries": 0})
    for _ in range(4):
        server.otherwise = contradiction
        assert session.run([SEND])[0].sent in ("ok", "yes", "maybe")
        server.otherwise = DONE
        assert session.run([SEND])[0].sent == "ok"
        server.otherwise = close_without_answer()
        assert session.run([SEND])[0].sent == "maybe"
    session.close()


class Together:
    """Holds the first `count` calls until all are there, and then ends them at once."""

    def __init__(self, server: Http2Server, count: int) -> None:
        self.acted: Counter[int] = Counter()
        self.count = count
        self.streams: dict[int, Stream] = {}
        self.lock = threading.Lock()
        server.respond = self.respond

    def respond(self, request: Request) -> Reply:
        number = number_of(request)

        def reply(connection: Connection) -> bool:
            assert isinstance(connection, Stream)
            with self.lock:
                if number in self.streams or len(self.streams) == self.count:
                    self.acted[number] += 1
                    return DONE(connection)
                self.streams[number] = connection
                is_last = len(self.streams) == self.count
            if is_last:
                return self.end()
            return not connection.on.ended.wait(10)

        return reply

    def end(self) -> bool:
        raise NotImplementedError


class SomeRefused(Together):
    """Acts on every other stream, refuses the others, and then loses the connections."""

    def end(self) -> bool:
        for number, stream in self.streams.items():
            if number % 2:
                self.acted[number] += 1
            else:
                stream.end(ErrorCodes.REFUSED_STREAM)
        for stream in self.streams.values():
            stream.on.close()
        return False


class LaterRefused(Together):
    """Acts on the lower half of the streams of a connection, and says goodbye to the others."""

    def end(self) -> bool:
        by_connection: dict[Http2Connection, list[tuple[int, int]]] = {}
        for number, stream in self.streams.items():
            by_connection.setdefault(stream.on, []).append((stream.number, number))
        for connection, pairs in by_connection.items():
            pairs.sort()
            lower = pairs[: len(pairs) // 2]
            self.acted.update(number for _, number in lower)
            last = lower[-1][0] if lower else 0
            connection.last = last
            connection.frame(GoAwayFrame(0, last_stream_id=last))
            connection.say_goodbye()
            connection.close()
        return False


@pytest.mark.parametrize("door", [door for door in DOORS if door is not BLOCKING], ids=repr)
@pytest.mark.parametrize("kind", [SomeRefused, LaterRefused])
@pytest.mark.parametrize("retries", [0, 2])
def test_streams_that_are_refused_together_are_told_from_those_acted_on(
    line: Line, server: Http2Server, door: Door, kind: type[Together], retries: int
) -> None:
    count = 8
    together = kind(server, count)
    outcomes = run(line, server, door, calls(count), maxRetries=retries)
    for number, outcome in enumerate(outcomes):
        assert together.acted[number] <= 1, f"call {number} was made twice: {outcomes}"
        if outcome.sent == "no":
            assert together.acted[number] == 0, f"call {number} was made: {outcomes}"
        if outcome.sent == "ok":
            assert together.acted[number] == 1, f"call {number} was not made: {outcomes}"
