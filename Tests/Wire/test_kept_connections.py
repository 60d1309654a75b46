"""Kept connections that a service has closed, or has written to while nobody waited for an answer:
the next request goes over another one, and no answer is taken for that of another request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import fronts
from certificates import Certificate
from dial_table import NUMBER
from doors import BLOCKING, KEY, SUBMITTING, Client
from doors import DOORS as BOTH_DOORS
from doors import Door as OneOfBoth
from libcurl import KEEPS_CONNECTIONS
from operations import AGENT
from recording_server import Connection, RecordingServer, Reply, answer, json_answer
from sessions import BLOCKING as ONE_AFTER_ANOTHER
from sessions import DOORS, NEXT, Asked, Door
from trillet import ConnectionFailedError, Trillet
from wires import HTTP1_WIRES, TLS_WIRES, WIRES, Line, Wire

SEND = {"agentId": AGENT, "toNumber": NUMBER}
CALL = Asked("calls.send", SEND)
# Long enough for what the server does behind its answer to have arrived.
IDLE = 0.3
BEHIND = 0.1
KEEPALIVE = 1

over_http1 = pytest.mark.parametrize("wire", HTTP1_WIRES, ids=repr)
over_tls = pytest.mark.parametrize(
    "wire", [wire for wire in HTTP1_WIRES if wire in TLS_WIRES], ids=repr
)
through_each_door = pytest.mark.parametrize("door", DOORS, ids=repr)
through_both_doors = pytest.mark.parametrize("door", BOTH_DOORS, ids=repr)


def followed_by(unasked: bytes) -> Reply:
    """An answer, and a moment later bytes that answer nothing."""

    def reply(connection: Connection) -> bool:
        json_answer({"answer": "its own"})(connection)
        time.sleep(BEHIND)
        connection.send(unasked)
        return True

    return reply


def closing_in_good_order(*, at_once: bool) -> Reply:
    """An answer, and a moment later TLS's notice that nothing more comes; the connection below it
    ends with that, or when the client has noticed."""

    def reply(connection: Connection) -> bool:
        json_answer({})(connection)
        time.sleep(BEHIND)
        connection.channel.settimeout(0.05 if at_once else 5)
        # It waits for the other side's notice, which never comes from one that is idle.
        with suppress(OSError):
            connection.channel.unwrap()  # type: ignore[attr-defined]
        return False

    return reply


def written(status: int, *lines: bytes, body: bytes = b"") -> bytes:
    head = [b"HTTP/1.1 %d Unasked" % status, b"Content-Length: %d" % len(body), *lines]
    return b"\r\n".join([*head, b"", body])


UNASKED = {
    "408": written(408, b"Connection: close"),
    "200": written(200, b"Content-Type: application/json", body=b'{"answer":"of another"}'),
    "503": written(503, b"Retry-After: 0"),
    "400": written(400),
    "an empty line": b"\r\n",
}


@pytest.mark.parametrize("wire", WIRES, ids=repr)
@pytest.mark.parametrize("door", [ONE_AFTER_ANOTHER, NEXT], ids=repr)
def test_no_call_is_lost_after_nginx_closed_its_idle_connection(
    certificate: Certificate, lines: dict[Wire, Line], tmp_path: Path, wire: Wire, door: Door
) -> None:
    with fronts.nginx(wire.name, certificate, tmp_path, keepalive=KEEPALIVE) as server:
        session = door.open(server.url, lines[wire].options)
        try:
            for _ in range(3):
                (outcome,) = session.run([CALL])
                assert (outcome.sent, outcome.attempts) == ("ok", 1), outcome
                time.sleep(KEEPALIVE + 0.6)
        finally:
            session.close()


@over_tls
@through_each_door
@pytest.mark.parametrize("at_once", [True, False], ids=["closed", "half-closed"])
def test_no_call_is_lost_after_a_connection_was_closed_in_good_order(
    lines: dict[Wire, Line], wire: Wire, door: Door, at_once: bool
) -> None:
    with lines[wire].server() as server:
        server.otherwise = closing_in_good_order(at_once=at_once)
        session = door.open(server.url, lines[wire].options)
        try:
            for count in range(1, 4):
                (outcome,) = session.run([CALL])
                assert (outcome.sent, outcome.attempts) == ("ok", 1), outcome
                assert len(server.requests) == count
                time.sleep(IDLE)
        finally:
            session.close()


@over_http1
@pytest.mark.parametrize("leaving", ["closed", "half-closed", *UNASKED])
def test_no_call_is_lost_so_while_another_request_waits(
    lines: dict[Wire, Line], wire: Wire, leaving: str
) -> None:
    release = threading.Event()

    def wait(connection: Connection) -> bool:
        release.wait(20)
        return json_answer({"data": []})(connection)

    if leaving in UNASKED:
        reply = followed_by(UNASKED[leaving])
    elif wire in TLS_WIRES:
        reply = closing_in_good_order(at_once=leaving == "closed")
    else:
        pytest.skip("without TLS there is no notice")
    with lines[wire].server() as server, Client(server.url, **lines[wire].options) as client:
        server.respond = lambda request: wait if request.method == "GET" else reply
        waiting = SUBMITTING.start(client, "agents.list", {})
        try:
            for _ in range(3):
                ended = SUBMITTING.start(client, "calls.send", SEND).ended().answer
                assert ended["ok"], ended
                assert ended["meta"]["attempts"] == 1
                time.sleep(IDLE)
        finally:
            release.set()
        assert waiting.ended().answer["ok"]
        assert [request.method for request in server.requests].count("POST") == 3


@over_http1
@through_both_doors
@pytest.mark.parametrize("unasked", UNASKED.values(), ids=list(UNASKED))
def test_what_nobody_asked_for_answers_no_later_request(
    lines: dict[Wire, Line], wire: Wire, door: OneOfBoth, unasked: bytes
) -> None:
    with lines[wire].server() as server, Client(server.url, **lines[wire].options) as client:
        server.otherwise = followed_by(unasked)
        for count in range(1, 4):
            ended = door.start(client, "calls.send", SEND).ended().answer
            assert ended["ok"], ended
            assert ended["data"] == {"answer": "its own"}
            assert ended["meta"]["attempts"] == 1
            assert len(server.requests) == count
            time.sleep(IDLE)


def page_for_a_head(delay: float) -> Callable[[Connection], bool]:
    """A body for a request that must have none."""

    def reply(connection: Connection) -> bool:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n")
        time.sleep(delay)
        connection.send(b"<html>page</html>\r\n\r\n")
        return True

    return reply


@over_http1
@pytest.mark.parametrize("delay", [0, 0.05], ids=["at once", "later"])
@pytest.mark.parametrize("door", [BLOCKING, SUBMITTING], ids=repr)
def test_warming_at_a_server_that_answers_head_with_a_body_costs_no_call(
    lines: dict[Wire, Line], wire: Wire, delay: float, door: OneOfBoth
) -> None:
    with lines[wire].server() as server:
        server.respond = lambda request: (
            page_for_a_head(delay) if request.method == "HEAD" else json_answer({})
        )
        ca_file = lines[wire].options.get("caFile")
        with Trillet(KEY, base_url=server.url, ca_file=ca_file, env=False) as client:
            with suppress(ConnectionFailedError):
                client.warm(2, 10_000)
            time.sleep(IDLE)
            for _ in range(3):
                if door is BLOCKING:
                    client.calls.send(AGENT, NUMBER)
                else:
                    client.submit("calls.send", SEND).result(20)
        assert [request.method for request in server.requests].count("POST") == 3


@over_http1
@through_both_doors
def test_a_body_behind_an_answer_that_has_none_is_not_the_next_answer(
    lines: dict[Wire, Line], wire: Wire, door: OneOfBoth
) -> None:
    def reply(connection: Connection) -> bool:
        answer(204)(connection)
        connection.send(b'{"answer":"to nothing"}')
        return True

    with lines[wire].server() as server, Client(server.url, **lines[wire].options) as client:
        server.otherwise = reply
        for count in range(1, 4):
            ended = door.start(client, "calls.send", SEND).ended().answer
            assert ended["ok"], ended
            assert len(server.requests) == count
            time.sleep(0.05)


def test_a_quiet_connection_is_used_again(server: RecordingServer, line: Line) -> None:
    with Client(server.url, **line.options) as client:
        for door in (BLOCKING, SUBMITTING):
            for _ in range(5):
                assert door.start(client, "calls.send", SEND).ended().answer["ok"]
                time.sleep(0.05)
    assert server.connections == (2 if KEEPS_CONNECTIONS else len(server.requests))


@over_http1
def test_the_sockets_of_the_host_are_left_alone(lines: dict[Wire, Line], wire: Wire) -> None:
    """The number of a connection that ended may have been given to another socket."""
    with lines[wire].server() as server, Client(server.url, **lines[wire].options) as client:
        server.otherwise = answer(200, "{}", {"Connection": "close"})
        pairs: list[tuple[socket.socket, socket.socket]] = []
        for door in (BLOCKING, SUBMITTING) * 5:
            assert door.start(client, "calls.send", SEND).ended().answer["ok"]
            pairs.append(socket.socketpair())
            pairs[-1][0].send(b"unread")
        for sender, receiver in pairs:
            assert receiver.recv(10) == b"unread"
            sender.send(b"more")
            assert receiver.recv(10) == b"more"
            sender.close()
            receiver.close()
