"""Connections that are opened ahead, and the next calls over them, over each wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import trillet
from libcurl import KEEPS_CONNECTIONS
from recording_server import RecordingServer, Reply, Request, answer, json_answer
from wires import Line

pytestmark = pytest.mark.skipif(
    not KEEPS_CONNECTIONS, reason="this libcurl opens a connection for each request"
)
COUNT = 3
KEY = "warming-key-4d1c"
WORKSPACE = "warming-workspace-77"


def respond(request: Request) -> Reply:
    return answer(404, "", {}) if request.method == "HEAD" else json_answer({})


@pytest.fixture
def client(server: RecordingServer, line: Line) -> Iterator[trillet.Trillet]:
    server.respond = respond
    with trillet.Trillet(
        KEY,
        workspace_id=WORKSPACE,
        base_url=server.url,
        ca_file=line.options.get("caFile"),
        env=False,
    ) as made:
        yield made


def test_the_next_calls_take_the_connections(
    client: trillet.Trillet, server: RecordingServer, line: Line
) -> None:
    opened = client.warm(COUNT, 10_000)
    assert opened["open"] == COUNT
    protocol = "HTTP/2" if line.wire.speaks_http2 else "HTTP/1.1"
    assert {each["protocol"] for each in opened["connections"]} == {protocol}
    assert all((each["tlsMs"] > 0) == (line.wire.tls is not None) for each in opened["connections"])
    before = server.connections
    submitted = 1 if line.wire.speaks_http2 else COUNT
    assert before == COUNT + submitted
    with ThreadPoolExecutor(COUNT) as threads:
        for _ in range(10):
            blocking = [threads.submit(client.call, "GET /blocking") for _ in range(COUNT)]
            answers = list(client.map("GET /submitted", ({"n": n} for n in range(COUNT))))
            assert len(answers) == COUNT
            assert [call.result(20).data for call in blocking] == [{}] * COUNT
    assert server.connections == before


def test_no_connection_is_opened_by_a_request_with_the_key(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.warm(COUNT, 10_000)
    sent = list(server.requests)
    assert sent
    assert {(request.method, request.target) for request in sent} == {("HEAD", "/")}
    for secret in (KEY, WORKSPACE):
        assert all(secret.encode() not in request.raw for request in sent)


def test_warming_again_opens_no_more(client: trillet.Trillet, server: RecordingServer) -> None:
    client.warm(COUNT, 10_000)
    before = server.connections
    for _ in range(5):
        opened = client.warm(COUNT, 10_000)
        assert opened["open"] == COUNT
        assert all(each["reused"] for each in opened["connections"]), json.dumps(opened)
    assert server.connections == before


def test_hundreds_are_opened_once_and_used(line: Line, server: RecordingServer) -> None:
    count = 300
    server.respond = respond
    with trillet.Trillet(
        KEY,
        base_url=server.url,
        ca_file=line.options.get("caFile"),
        env=False,
        max_in_flight=count,
    ) as client:
        for _ in range(2):
            opened = client.warm(count, 30_000)
            assert opened["open"] == count, json.dumps(opened["errors"])
        # Of HTTP/2 connections libcurl opens more where one may not have as many streams.
        submitted, calls = (1, 90) if line.wire.speaks_http2 else (count, count)
        before = server.connections
        assert before <= count + submitted
        for _ in range(2):
            answers = list(client.map("GET /submitted", ({"n": n} for n in range(calls))))
            assert len(answers) == calls
        assert server.connections == before
