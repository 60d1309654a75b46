"""Faults as they are on the wire, below what a client library shows."""

from __future__ import annotations

import email.utils
import json
import re
import socket
import time
from pathlib import Path

import pytest

from sandbox import KEY, WORKSPACE, Answer, Sandbox

AGENTS = "/api/v1/agents"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "sandbox.md"


def exchange(sandbox: Sandbox, fault: str) -> tuple[bytes, bool]:
    """What a raw connection gets for one request, and whether it ended by a reset."""
    request = (
        f"GET {AGENTS} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: {KEY}\r\n"
        f"x-workspace-id: {WORKSPACE}\r\nx-sandbox-fault: {fault}\r\n\r\n"
    )
    received = b""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as connection:
        connection.sendall(request.encode())
        try:
            while chunk := connection.recv(65_536):
                received += chunk
        except ConnectionResetError:
            return received, True
    return received, False


def get(sandbox: Sandbox, fault: str, path: str = AGENTS) -> Answer:
    return sandbox.request("GET", path, headers={"x-sandbox-fault": fault})


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_reset_is_a_reset_and_close_is_an_orderly_end(sandbox: Sandbox, when: str) -> None:
    assert exchange(sandbox, f"reset; when={when}") == (b"", True)
    assert exchange(sandbox, f"close; when={when}") == (b"", False)


@pytest.mark.parametrize("end", ["close", "reset"])
def test_partial_announces_all_and_sends_a_part(sandbox: Sandbox, end: str) -> None:
    whole = sandbox.get(AGENTS).body
    received, was_reset = exchange(sandbox, f"partial; end={end}")
    assert was_reset == (end == "reset")
    if was_reset and not received:
        return  # A reset may overtake what was sent before it.
    head, body = received.split(b"\r\n\r\n", 1)
    assert f"content-length: {len(whole)}".encode() in head.lower()
    assert body == whole[: len(whole) // 2]
    received, _ = exchange(sandbox, "partial; bytes=3")
    assert received.endswith(b"\r\n\r\n" + whole[:3])


def test_slow_sends_everything_in_pieces(sandbox: Sandbox) -> None:
    whole = sandbox.get(AGENTS).body
    start = time.monotonic()
    answer = get(sandbox, f"slow; bytes={len(whole) // 4}; ms=50")
    assert answer.body == whole
    assert time.monotonic() - start >= 0.15, "there is a pause between any two pieces"


def test_delay_is_at_least_as_long_as_it_says(sandbox: Sandbox) -> None:
    start = time.monotonic()
    assert get(sandbox, "delay; ms=120").status == 200
    assert time.monotonic() - start >= 0.12


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 502, 503, 418, 599])
def test_a_status_has_the_shape_of_its_route(sandbox: Sandbox, status: int) -> None:
    flat = get(sandbox, f"status; status={status}")
    batch = get(sandbox, f"status; status={status}", "/v1/api/batch-calls/batch_1")
    assert flat.status == batch.status == status
    assert "retry-after" not in flat.headers
    if status in (401, 403, 429):
        assert set(flat.json["error"]) == set(batch.json["error"]) == {"code", "message"}
    else:
        assert set(flat.json) == {"error", "details", "code"}
        assert set(batch.json) == {"error", "message"}


def test_retry_after_comes_in_both_forms(sandbox: Sandbox) -> None:
    seconds = get(sandbox, "status; status=429; retryAfter=90")
    assert seconds.headers["retry-after"] == "90"
    assert "reset_at" in seconds.json["error"]
    date = get(sandbox, "status; retryAfter=90; retryAfterForm=date").headers["retry-after"]
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", date)
    moment = email.utils.parsedate_to_datetime(date)
    assert email.utils.format_datetime(moment, usegmt=True) == date, "the weekday is right"
    assert 85 <= moment.timestamp() - time.time() <= 95


def test_html_is_a_page(sandbox: Sandbox) -> None:
    answer = get(sandbox, "html")
    assert answer.status == 502
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_bodies_are_broken_empty_renamed_or_huge(sandbox: Sandbox) -> None:
    broken = get(sandbox, "invalid-json")
    assert broken.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken.body)
    empty = get(sandbox, "empty")
    assert (empty.status, empty.body, empty.headers["content-length"]) == (200, b"", "0")
    assert get(sandbox, "content-type").headers["content-type"] == "text/plain"
    huge = get(sandbox, "huge; bytes=1000000")
    assert len(huge.body) == 1_000_000
    assert isinstance(json.loads(huge.body), str)


def test_every_answer_of_a_fault_has_its_request_id(sandbox: Sandbox) -> None:
    for fault in ("status", "html", "empty", "invalid-json", "huge; bytes=9", "slow; ms=0"):
        answer = sandbox.request(
            "GET", AGENTS, headers={"x-sandbox-fault": fault, "x-request-id": "mine"}
        )
        assert answer.headers["x-request-id"] == "mine"


@pytest.mark.parametrize("fault", ["status", "html; when=after", "huge", "slow", "empty"])
def test_an_answer_to_head_has_no_body(sandbox: Sandbox, fault: str) -> None:
    request = (
        f"HEAD {AGENTS} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: {KEY}\r\nConnection: close\r\n"
        f"x-workspace-id: {WORKSPACE}\r\nx-sandbox-fault: {fault}\r\n\r\n"
    )
    received = b""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as connection:
        connection.sendall(request.encode())
        while chunk := connection.recv(65_536):
            received += chunk
    assert received.startswith(b"HTTP/1.1 ")
    assert received.endswith(b"\r\n\r\n")
    assert received.count(b"\r\n\r\n") == 1


def test_a_fault_before_comes_even_before_the_key(sandbox: Sandbox) -> None:
    headers = {"x-api-key": "wrong-key", "x-sandbox-fault": "status; status=503"}
    assert sandbox.request("GET", AGENTS, headers=headers).status == 503
    headers = {"x-api-key": "wrong-key", "x-sandbox-fault": "content-type"}
    assert sandbox.request("GET", AGENTS, headers=headers).status == 401


def test_the_document_lists_every_fault(sandbox: Sandbox) -> None:
    refusal = get(sandbox, "earthquake").json["error"]["message"]
    names = refusal.split("there are ")[1].split(", ")
    table = DOCUMENT.read_text().split("| fault | what happens")[1].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE) == names


def test_foreign_pages_cannot_order_faults(sandbox: Sandbox) -> None:
    answer = sandbox.send_json(
        "POST", "/sandbox/faults", {"fault": "reset"}, {"Origin": "http://evil.example"}
    )
    assert answer.status == 403
    assert sandbox.get("/sandbox/faults").json == {"faults": []}
