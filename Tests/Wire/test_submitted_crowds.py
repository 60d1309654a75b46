"""Hundreds of submitted requests at once, and on how many connections they travel."""

from __future__ import annotations

import threading
import time

import pytest

from dial_table import NUMBER
from doors import Client
from http2_service import Http2Server
from libcurl import KEEPS_CONNECTIONS
from operations import AGENT
from recording_server import RecordingServer, held, json_answer
from wires import HTTP1_WIRES, HTTP2_WIRES, Line, Wire

pytestmark = pytest.mark.skipif(
    not KEEPS_CONNECTIONS, reason="this libcurl opens a connection for each request"
)
CROWD = 300
STREAMS = 128
SEND = {"agentId": AGENT, "toNumber": NUMBER}


@pytest.fixture(params=HTTP2_WIRES, ids=repr)
def http2(request: pytest.FixtureRequest, lines: dict[Wire, Line]) -> Line:
    return lines[request.param]


def submit(client: Client, server: RecordingServer) -> None:
    """A crowd whose requests are all under way before the first is answered."""
    release = threading.Event()
    server.otherwise = held(release, json_answer({}))
    before = len(server.requests)
    numbers = [client.submit("calls.send", SEND) for _ in range(CROWD)]
    server.wait_for(before + CROWD)
    release.set()
    answers = [client.fetched(number).answer for number in numbers]
    assert all(each["ok"] for each in answers), next(each for each in answers if not each["ok"])


def with_streams(line: Line, count: int) -> Http2Server:
    server = line.server()
    assert isinstance(server, Http2Server)
    server.most_streams = count
    return server


def test_a_crowd_over_http2_shares_a_handful_of_connections(http2: Line) -> None:
    with (
        with_streams(http2, STREAMS) as server,
        Client(server.url, **http2.options, maxInFlight=CROWD) as client,
    ):
        for _ in range(3):
            submit(client, server)
            assert server.connections <= 2 * (1 + CROWD // STREAMS)


def test_a_service_that_allows_few_streams_gets_more_connections(http2: Line) -> None:
    with (
        with_streams(http2, 10) as server,
        Client(server.url, **http2.options, maxInFlight=CROWD) as client,
    ):
        submit(client, server)
        assert server.connections >= CROWD // 10


@pytest.mark.parametrize("wire", HTTP1_WIRES, ids=repr)
def test_a_crowd_over_http1_has_a_connection_for_each(lines: dict[Wire, Line], wire: Wire) -> None:
    line = lines[wire]
    started = time.monotonic()
    with line.server() as server, Client(server.url, **line.options, maxInFlight=CROWD) as client:
        submit(client, server)
        assert server.connections == CROWD
    assert time.monotonic() - started < 15
