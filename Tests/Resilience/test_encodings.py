"""Answers in an encoding that was not asked for, and trailers that are too long."""

from __future__ import annotations

import gzip

import pytest

from doors import Client, Door
from native import Answer
from operations import AGENT
from recording_server import Connection, RecordingServer, answer

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
PACKED = gzip.compress(b'{"callId":"c"}')


def encoded(name: str, kind: str = "application/json") -> dict[str, str]:
    return {"Content-Type": kind, "Content-Encoding": name}


def ended(server: RecordingServer, door: Door, operation: str, request: object) -> Answer:
    with Client(server.url, maxRetries=0) as client:
        return door.start(client, operation, request).ended().answer


@pytest.mark.parametrize("name", ["gzip", "br", "x-odd"])
def test_an_encoding_that_was_not_asked_for_is_named(
    server: RecordingServer, door: Door, name: str
) -> None:
    server.otherwise = answer(200, PACKED, encoded(name))
    error = ended(server, door, "calls.send", SEND)["error"]
    assert (error["type"], error["sent"]) == ("response", "yes")
    assert f"'{name}'" in error["message"]
    assert "Accept-Encoding" not in server.requests[0].headers


def test_an_encoded_text_is_not_taken_for_the_text(server: RecordingServer, door: Door) -> None:
    server.otherwise = answer(200, PACKED, encoded("gzip", "text/csv"))
    for operation in ("batch_calls.template", "GET /v1/api/export"):
        error = ended(server, door, operation, None)["error"]
        assert error["type"] == "response"
        assert "'gzip'" in error["message"]
        assert "act" not in error["message"]


@pytest.mark.parametrize(("status", "kind"), [(403, "permission"), (500, "server")])
def test_the_encoding_of_a_refusal_is_named(
    server: RecordingServer, door: Door, status: int, kind: str
) -> None:
    server.otherwise = answer(status, PACKED, encoded("gzip"))
    error = ended(server, door, "calls.send", SEND)["error"]
    assert (error["type"], error["sent"]) == (kind, "maybe")
    assert "'gzip'" in error["message"]


def test_json_that_only_says_it_were_encoded_is_taken(server: RecordingServer, door: Door) -> None:
    for name in ("identity", "gzip"):
        server.otherwise = answer(200, '{"callId":"c"}', encoded(name))
        assert ended(server, door, "calls.send", SEND)["data"] == {"callId": "c"}


def test_a_trailer_that_is_too_long_is_an_answer_that_cannot_be_taken(
    server: RecordingServer, door: Door
) -> None:
    def reply(connection: Connection) -> bool:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        chunks = b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Long: "
        connection.send(head + chunks + b"x" * 120_000 + b"\r\n\r\n")
        return True

    server.otherwise = reply
    error = ended(server, door, "calls.send", SEND)["error"]
    assert (error["type"], error["sent"]) == ("response", "yes")
    assert "trailer" in error["message"]
