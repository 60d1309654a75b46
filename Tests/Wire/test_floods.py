"""A server that keeps sending holds up neither the timeout nor cancelling nor other requests."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import floods
from dial_table import NUMBER
from doors import BLOCKING, SUBMITTING, Client, Door, elapsed
from native import Answer
from operations import AGENT
from recording_server import (
    Connection,
    RecordingServer,
    Reply,
    Request,
    json_answer,
)
from wires import HTTP1_WIRES, HTTP2_WIRES, Line, Wire

TIMEOUT_MS = 1000
# A machine under load is slow; a flood that holds a call does so for its whole length.
SOON = floods.LONGEST / 2
MOST_MEMORY_KIB = 64 * 1024
SEND = {"agentId": AGENT, "toNumber": NUMBER}
DOORS = [BLOCKING, SUBMITTING]

# TLS 1.2 adds nothing to what the other two show, and each flood takes its time.
_FEWER_WIRES = [wire for wire in HTTP1_WIRES if wire.name != "tls12"]
_CASES = [
    *((wire, name, reply) for wire in HTTP2_WIRES for name, reply in floods.OVER_HTTP2.items()),
    *((wire, name, reply) for wire in _FEWER_WIRES for name, reply in floods.OVER_HTTP1.items()),
]
over_each_flood = pytest.mark.parametrize(
    ("wire", "reply"), [case[::2] for case in _CASES], ids=[f"{w}-{name}" for w, name, _ in _CASES]
)
through_both_doors = pytest.mark.parametrize("door", DOORS, ids=repr)


def flooding(reply: Reply, begun: threading.Event) -> Callable[[Request], Reply]:
    """The flood for calls, and proper answers for all else."""

    def pour(connection: Connection) -> bool:
        begun.set()
        return reply(connection)

    return lambda request: pour if request.path.endswith("/call") else json_answer({})


@over_each_flood
@through_both_doors
def test_the_timeout_holds(lines: dict[Wire, Line], wire: Wire, reply: Reply, door: Door) -> None:
    line = lines[wire]
    with line.server() as server, Client(server.url, **line.options) as client:
        server.respond = flooding(reply, threading.Event())
        with elapsed() as taken:
            ended = door.start(client, "calls.send", SEND, timeoutMs=TIMEOUT_MS).ended()
    assert ended.answer["error"]["sent"] == "maybe", ended.answer
    assert ended.answer["error"]["type"] in ("timeout", "connection", "response"), ended.answer
    assert taken[0] < TIMEOUT_MS / 1000 + SOON


@over_each_flood
def test_a_flooded_request_can_be_cancelled(
    lines: dict[Wire, Line], wire: Wire, reply: Reply
) -> None:
    line, begun = lines[wire], threading.Event()
    with line.server() as server, Client(server.url, **line.options) as client:
        server.respond = flooding(reply, begun)
        number = client.submit("calls.send", SEND)
        assert begun.wait(10)
        time.sleep(0.3)
        with elapsed() as taken:
            client.cancel(number)
            ended = client.fetched(number)
    assert ended.answer["error"]["sent"] == "maybe", ended.answer
    assert taken[0] < SOON


@over_each_flood
def test_closing_ends_a_flooded_call(lines: dict[Wire, Line], wire: Wire, reply: Reply) -> None:
    line, begun = lines[wire], threading.Event()
    with line.server() as server, Client(server.url, **line.options) as client:
        server.respond = flooding(reply, begun)
        call = BLOCKING.start(client, "calls.send", SEND)
        assert begun.wait(10)
        time.sleep(0.3)
        with elapsed() as taken:
            client.close(0)
            ended = call.ended()
    assert ended.answer["error"]["sent"] == "maybe", ended.answer
    assert taken[0] < SOON


@over_each_flood
def test_other_requests_go_on(lines: dict[Wire, Line], wire: Wire, reply: Reply) -> None:
    line, begun = lines[wire], threading.Event()
    with line.server() as server, Client(server.url, **line.options) as client:
        server.respond = flooding(reply, begun)
        flooded = client.submit("calls.send", SEND, timeoutMs=TIMEOUT_MS)
        assert begun.wait(10)
        with elapsed() as taken:
            other = client.submit("agents.get", {"agentId": AGENT}, timeoutMs=25_000)
            assert client.fetched(other).answer["ok"]
        # On the same connection they share what the flood leaves, and end with it.
        assert taken[0] < TIMEOUT_MS / 1000 + SOON
        assert not client.fetched(flooded).answer["ok"]


def resident_kibibytes() -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


@pytest.mark.parametrize("wire", _FEWER_WIRES, ids=repr)
@pytest.mark.parametrize("name", floods.GROWING)
@through_both_doors
def test_an_answer_that_grows_without_end_is_refused_by_its_size(
    lines: dict[Wire, Line], wire: Wire, name: str, door: Door
) -> None:
    line = lines[wire]
    options = {**line.options, "maxResponseBytes": 1 << 20, "maxRetries": 0}
    before = resident_kibibytes()
    with line.server() as server, Client(server.url, **options) as client:
        server.otherwise = floods.GROWING[name]
        with elapsed() as taken:
            pending = door.start(client, "calls.send", SEND, timeoutMs=8000)
            answer = pending.ended().answer
        assert resident_kibibytes() - before < MOST_MEMORY_KIB
    error = answer["error"]
    assert (error["type"], error["sent"]) == ("response", floods.SENT[name]), answer
    assert "details" not in error
    assert taken[0] < 8


def unpacked(door: Door, reply: Reply) -> Answer:
    # Within a machine no encoding is asked for; a proxy makes it another machine.
    with RecordingServer() as proxy:
        proxy.otherwise = reply
        options = {"proxy": proxy.url, "allowInsecureHttp": True, "maxResponseBytes": 1 << 24}
        with Client("http://service.test", **options) as client, elapsed() as taken:
            ended = door.start(client, "calls.send", SEND, timeoutMs=8000).ended()
    assert taken[0] < SOON
    return ended.answer


@pytest.mark.parametrize("name", floods.PACKED_TWICE)
@through_both_doors
def test_more_than_one_encoding_is_refused_at_once(door: Door, name: str) -> None:
    answer = unpacked(door, floods.PACKED_TWICE[name])
    assert not answer["ok"]
    error = answer["error"]
    assert (error["type"], error["sent"]) == ("response", "yes"), answer
    assert "encoded more than once" in error["message"] or is_unsolicited(error)


def is_unsolicited(error: dict[str, Any]) -> bool:
    """Recent versions of libcurl undo no encoding of the transfer that they have not asked for."""
    details: str = error["details"]
    return details.startswith("Unsolicited Transfer-Encoding")


@pytest.mark.parametrize("name", floods.PACKED_ONCE)
@through_both_doors
def test_one_encoding_is_undone(door: Door, name: str) -> None:
    answer = unpacked(door, floods.PACKED_ONCE[name])
    assert answer["ok"] or is_unsolicited(answer["error"]), answer


@pytest.mark.parametrize("name", floods.PACKED_BADLY)
@through_both_doors
def test_what_cannot_be_unpacked_is_an_answer_that_cannot_be_read(door: Door, name: str) -> None:
    answer = unpacked(door, floods.PACKED_BADLY[name])
    assert not answer["ok"]
    error = answer["error"]
    assert (error["type"], error["sent"]) == ("response", "yes"), answer
    assert error["message"] == "The answer could not be read"


@pytest.mark.parametrize("wire", HTTP2_WIRES, ids=repr)
@pytest.mark.parametrize(("count", "size"), [(400, 990), (44, 8000)])
@through_both_doors
def test_a_head_over_http2_that_is_too_large_may_have_acted(
    lines: dict[Wire, Line], wire: Wire, count: int, size: int, door: Door
) -> None:
    line = lines[wire]
    with line.server() as server, Client(server.url, **line.options) as client:
        server.otherwise = floods.large_head(count, size)
        answer = door.start(client, "calls.send", SEND, timeoutMs=8000).ended().answer
        assert len(server.requests) == 1
    error = answer["error"]
    assert error["type"] in ("connection", "response"), answer
    assert error["sent"] in ("maybe", "yes"), answer
    assert "too large" in error["message"] or "larger than it takes" in error["details"], answer


@pytest.mark.parametrize("wire", HTTP2_WIRES, ids=repr)
@through_both_doors
def test_a_large_head_over_http2_is_taken(lines: dict[Wire, Line], wire: Wire, door: Door) -> None:
    line = lines[wire]
    with line.server() as server, Client(server.url, **line.options) as client:
        server.otherwise = floods.large_head(2, 50_000)
        assert door.start(client, "calls.send", SEND).ended().answer["ok"]
