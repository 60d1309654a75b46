"""Closing, cancelling and forking a client at work, over each wire."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hyperframe.frame import GoAwayFrame

from dial_table import NUMBER
from doors import BLOCKING, Client, Ended, elapsed
from http2_service import Http2Connection, Http2Server
from operations import AGENT
from recording_server import RecordingServer, Reply, Request, held, json_answer
from sessions import DOORS, Asked, Door
from wires import HTTP2_WIRES, Line, Wire

SEND = {"agentId": AGENT, "toNumber": NUMBER}
REQUESTS = 40
SHARING = ("callback", "next", "map", "asyncio", "cpp")
SOON = 5.0


@pytest.fixture
def release(server: RecordingServer) -> Iterator[threading.Event]:
    """The server answers calls when this is set, and other requests at once."""
    event = threading.Event()

    def respond(request: Request) -> Reply:
        return held(event, json_answer({})) if request.method == "POST" else json_answer({})

    server.respond = respond
    yield event
    event.set()


def ends(answers: list[Ended]) -> Counter[str]:
    return Counter(
        "ok" if error is None else f"{error['type']} {error['sent']}"
        for error in (ended.answer.get("error") for ended in answers)
    )


def test_a_client_closed_at_work_answers_each_call(
    server: RecordingServer, line: Line, release: threading.Event
) -> None:
    with Client(server.url, **line.options) as client:
        numbers = [client.submit("calls.send", SEND) for _ in range(REQUESTS)]
        calls = [BLOCKING.start(client, "calls.send", SEND) for _ in range(8)]
        server.wait_for(REQUESTS + 8)
        with elapsed() as taken:
            assert client.close(0) == 1
        assert taken[0] < SOON
        answers = [client.fetched(number) for number in numbers]
        assert ends(answers) == {"cancelled maybe": REQUESTS}
        assert ends([call.ended() for call in calls]) == {"cancelled maybe": 8}


def test_a_client_closed_with_time_gets_its_answers(
    server: RecordingServer, line: Line, release: threading.Event
) -> None:
    with Client(server.url, **line.options) as client:
        numbers = [client.submit("calls.send", SEND) for _ in range(REQUESTS)]
        server.wait_for(REQUESTS)
        threading.Timer(0.2, release.set).start()
        assert client.close(20_000) == 0
        assert ends([client.fetched(number) for number in numbers]) == {"ok": REQUESTS}


def test_cancelling_some_calls_leaves_the_others(
    server: RecordingServer, line: Line, release: threading.Event
) -> None:
    with Client(server.url, **line.options) as client:
        numbers = [client.submit("calls.send", SEND) for _ in range(REQUESTS)]
        server.wait_for(REQUESTS)
        with elapsed() as taken:
            for number in numbers[::2]:
                client.cancel(number)
            cancelled = [client.fetched(number) for number in numbers[::2]]
        assert taken[0] < SOON
        assert ends(cancelled) == {"cancelled maybe": REQUESTS // 2}
        release.set()
        assert ends([client.fetched(number) for number in numbers[1::2]]) == {"ok": REQUESTS // 2}
        assert client.call("agents.get", {"agentId": AGENT})["ok"]


def test_cancelling_at_any_moment_is_true_to_the_server(
    server: RecordingServer, line: Line
) -> None:
    """From before the connection is made to behind the answer."""
    server.otherwise = json_answer({})
    for round_number in range(12):
        # A request that was cancelled late may arrive during the next round.
        mark = {"round": round_number}
        with Client(server.url, **line.options) as client:
            numbers = [client.submit("calls.send", {**SEND, **mark}) for _ in range(10)]
            threading.Event().wait(round_number * 0.001)
            for number in numbers:
                client.cancel(number)
            found = ends([client.fetched(number) for number in numbers])
        threading.Event().wait(0.05)
        received = sum(
            f'"round":{round_number}}}'.encode() in request.body for request in server.requests
        )
        assert set(found) <= {"ok", "cancelled maybe", "cancelled no"}
        assert found["ok"] <= received <= 10 - found["cancelled no"], found


def test_forks_use_neither_each_others_connections_nor_answers(
    server: RecordingServer, line: Line
) -> None:
    """The parent calls while children are forked, make clients of their own, and end."""
    program = Path(__file__).with_name("forking.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(program), server.url, line.options.get("caFile", "")]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    paths = Counter(request.path for request in server.requests)
    assert all(count == 1 for count in paths.values()), paths.most_common(3)


@pytest.mark.parametrize("wire", HTTP2_WIRES, ids=repr)
@pytest.mark.parametrize("door", DOORS, ids=repr)
def test_one_stream_at_a_time_serves_all_calls(
    lines: dict[Wire, Line], wire: Wire, door: Door
) -> None:
    """What a client sends before it knows the limit is refused, and comes again."""
    line = lines[wire]
    server = line.server()
    assert isinstance(server, Http2Server)
    server.most_streams = 1
    with server:
        session = door.open(server.url, {**line.options, "maxRetries": 10})
        outcomes = session.run([Asked("calls.send", SEND)] * REQUESTS)
        session.close()
    assert all(outcome.ok for outcome in outcomes), outcomes
    assert len(server.requests) == REQUESTS


@pytest.mark.parametrize("wire", HTTP2_WIRES, ids=repr)
@pytest.mark.parametrize("door", DOORS, ids=repr)
def test_a_goodbye_right_behind_the_handshake_is_certainly_no(
    lines: dict[Wire, Line], wire: Wire, door: Door
) -> None:
    """GOAWAY before any request, on every other connection: no call is lost or made twice."""
    line = lines[wire]
    server = line.server()
    assert isinstance(server, Http2Server)

    def say(connection: Http2Connection) -> None:
        if server.connections % 2 == 1:
            connection.last = 0
            connection.frame(GoAwayFrame(0, last_stream_id=0))

    server.at_once = say
    with server:
        session = door.open(server.url, {**line.options, "maxRetries": 8})
        outcomes = session.run([Asked("calls.send", SEND)] * 4)
        session.close()
    arrived = sum(outcome.ok for outcome in outcomes)
    assert len(server.requests) == arrived, outcomes
    if arrived < 4 and door.name in SHARING:
        # libcurl 7.88 reports nothing of the last request that a GOAWAY ends, and seldom
        # the library does not hear of it from another either.
        sent = [outcome.sent for outcome in outcomes]
        assert sorted(sent) == ["maybe", "ok", "ok", "ok"], outcomes
        pytest.xfail("libcurl does not say why the last of the requests has ended")
    assert arrived == 4, outcomes


def test_threads_share_a_client(server: RecordingServer, line: Line) -> None:
    with Client(server.url, **line.options) as client, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.call("calls.send", SEND), range(320)))
    assert all(answer["ok"] for answer in answers)
    assert len(server.requests) == 320
