"""How often a request is sent again, and what is told of that."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from doors import BLOCKING, SUBMITTING, Client, Door
from failing_service import (
    refusal,
)
from operations import AGENT
from recording_server import (
    RecordingServer,
    close_without_answer,
    json_answer,
)
from sending_again import GET, MOMENT, ROUNDING, SEND, gaps

# How often


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_a_request_is_sent_again_at_most_max_retries_times(
    server: RecordingServer, door: Door, retries: int
) -> None:
    server.otherwise = refusal(503)
    with Client(server.url, maxRetries=retries) as client:
        answer = door.start(client, "agents.get", GET).ended().answer
    assert answer["error"]["type"] == "server"
    assert answer["meta"]["attempts"] == len(server.requests) == retries + 1
    assert len(answer["meta"].get("retries", [])) == retries


def test_the_option_of_a_request_comes_before_the_client_s(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = refusal(503)
    with Client(server.url, maxRetries=5) as client:
        door.start(client, "agents.get", GET, maxRetries=0).ended()
        assert len(server.requests) == 1
        door.start(client, "agents.get", GET, maxRetries=1).ended()
        assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 501, 505])
def test_what_another_attempt_would_not_change_is_not_sent_again(
    server: RecordingServer, door: Door, status: int
) -> None:
    server.otherwise = refusal(status)
    with Client(server.url) as client:
        answer = door.start(client, "agents.get", GET).ended().answer
    assert answer["meta"]["attempts"] == len(server.requests) == 1
    assert "retries" not in answer["meta"]


@pytest.mark.parametrize("retry_after", ["0", "Thu, 01 Jan 2026 00:00:00 GMT"])
def test_a_time_that_has_passed_is_a_refusal_as_well(
    server: RecordingServer, door: Door, retry_after: str
) -> None:
    server.script(json_answer({"error": "Busy"}, 503, {"Retry-After": retry_after}))
    with Client(server.url) as client:
        answer = door.start(client, "calls.send", SEND).ended().answer
    assert answer["ok"]
    assert answer["meta"]["attempts"] == len(server.requests) == 2
    assert answer["meta"]["retries"][0]["sent"] == "no"


def test_a_connection_that_is_not_made_in_time_was_certainly_not_sent(door: Door) -> None:
    with socket.socket() as full, socket.socket() as first:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        first.connect(address)  # takes the only place; further ones are not answered
        with Client(f"http://127.0.0.1:{address[1]}", connectTimeoutMs=100) as client:
            answer = door.start(client, "calls.send", SEND).ended().answer
    assert answer["error"]["type"] == "timeout"
    assert answer["error"]["sent"] == "no"
    assert answer["meta"]["attempts"] == 3


def test_a_failed_tls_handshake_is_tried_again(server: RecordingServer, door: Door) -> None:
    with Client(f"https://127.0.0.1:{server.port}") as client:
        answer = door.start(client, "calls.send", SEND).ended().answer
    assert answer["error"]["type"] == "tls"
    assert answer["error"]["sent"] == "no"
    assert answer["meta"]["attempts"] == 3
    assert server.requests == []


def test_a_published_update_by_method_and_path_that_adds_webhooks_is_not_repeated(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = close_without_answer()
    body = {"promptType": "simple", "webhooks": [{"url": "https://example.com"}]}
    with Client(server.url) as client:
        door.start(client, f"PUT /v1/api/call-flows/{AGENT}", body).ended()
    assert len(server.requests) == 1


# What is told, and what is sent


def test_meta_tells_what_the_service_saw(server: RecordingServer, door: Door) -> None:
    server.script(refusal(503), close_without_answer(), refusal(429, 1))
    with Client(server.url) as client:
        answer = door.start(client, "agents.get", GET, maxRetries=3).ended().answer
    assert answer["ok"]
    meta = answer["meta"]
    assert meta["attempts"] == len(server.requests) == 4
    told = [(retry["type"], retry["status"], retry["sent"]) for retry in meta["retries"]]
    assert told == [
        ("server", 503, "maybe"),
        ("connection", 0, "maybe"),
        ("rate_limited", 429, "no"),
    ]
    for retry, gap in zip(meta["retries"], gaps(server.requests)):
        assert retry["waitMs"] / 1000 - ROUNDING <= gap <= retry["waitMs"] / 1000 + MOMENT
    waited = sum(retry["waitMs"] for retry in meta["retries"])
    assert waited <= meta["elapsedMs"] <= waited + 4 * MOMENT * 1000
    assert "queuedMs" not in meta


def test_an_answer_at_the_first_attempt_tells_of_no_retries(
    server: RecordingServer, door: Door
) -> None:
    with Client(server.url) as client:
        meta = door.start(client, "calls.send", SEND).ended().answer["meta"]
    assert meta["attempts"] == 1
    assert "retries" not in meta
    assert "queuedMs" not in meta


def test_sent_is_about_all_attempts(server: RecordingServer, door: Door) -> None:
    server.script(close_without_answer(), refusal(404))
    with Client(server.url) as client:
        answer = door.start(client, "agents.delete", GET).ended().answer
    assert answer["error"]["type"] == "not_found"
    assert answer["error"]["sent"] == "maybe", "the first attempt may have deleted it"


@pytest.mark.parametrize("operation", ["agents.delete", "agents.get"])
def test_a_wait_that_is_too_long_does_not_make_an_earlier_attempt_unsent(
    server: RecordingServer, door: Door, operation: str
) -> None:
    server.script(close_without_answer(), refusal(429, 3600))
    with Client(server.url) as client:
        answer = door.start(client, operation, GET).ended().answer
    assert answer["error"]["type"] == "rate_limited"
    assert answer["error"]["sent"] == "maybe"


def test_every_attempt_is_the_same_request(server: RecordingServer, door: Door) -> None:
    server.script(refusal(429), refusal(503, 0))
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with Client(server.url, headers={"x-tenant": "north"}) as client:
        answer = door.start(
            client, "calls.send", SEND, idempotencyKey="order-1001", traceparent=trace
        )
        assert answer.ended().answer["ok"]
    assert len(server.requests) == 3
    assert len({request.raw for request in server.requests}) == 1
    headers = server.requests[0].headers
    assert headers["idempotency-key"] == "order-1001"
    assert headers["traceparent"] == trace
    assert headers["x-tenant"] == "north"


@pytest.mark.parametrize("source", ["file", "csv"])
def test_an_upload_is_sent_whole_again(
    server: RecordingServer, door: Door, source: str, tmp_path: Path
) -> None:
    contacts = "phone_number,first_name\n" + "+12025550164,Ada\n" * 30_000
    file = tmp_path / "contacts.csv"
    file.write_text(contacts)
    given = {"file": str(file)} if source == "file" else {"csv": contacts}
    server.script(refusal(429), refusal(503, 0))
    with Client(server.url) as client:
        answer = door.start(client, "batch_calls.start", {"agentId": AGENT, **given}).ended().answer
    assert answer["ok"]
    assert len(server.requests) == 3
    for request in server.requests:
        assert request.part("file").content == contacts.encode()
        assert request.part("agentId").content == AGENT.encode()


def test_a_file_that_is_gone_by_the_next_attempt_ends_the_request(
    server: RecordingServer, door: Door, tmp_path: Path
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("phone_number\n+12025550164\n")

    def reply(connection: Any) -> bool:
        file.unlink()
        return refusal(429)(connection)

    server.script(reply)
    with Client(server.url) as client:
        request = {"agentId": AGENT, "file": str(file)}
        answer = door.start(client, "batch_calls.start", request).ended().answer
    assert answer["error"]["type"] == "invalid_argument"
    assert answer["error"]["sent"] == "no"
    assert len(server.requests) == 1


def test_retries_are_counted(server: RecordingServer) -> None:
    server.script(refusal(503), refusal(503))
    with Client(server.url) as client:
        for door in (BLOCKING, SUBMITTING):
            door.start(client, "agents.get", GET).ended()
        stats = client.stats()
    assert stats["total"]["calls"] == 2
    assert stats["total"]["retries"] == stats["operations"]["agents.get"]["retries"] == 2
    assert stats["waits"]["backoff"]["count"] == 2
