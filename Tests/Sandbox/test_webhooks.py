"""Webhooks: what is sent to whom, signed, retried, kept over a crash."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from conftest import StartSandbox
from receiver import Receiver
from sandbox import Sandbox, ready_agent, start_batch, until

SEND = "/v1/api/call"
NUMBER = "+12025550164"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def server(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox("--requests-per-minute", "0", "--speed", "600")


def send(sandbox: Sandbox, agent: str, url: str, **fields: object) -> str:
    """Sends a call on the published route and returns its id."""
    body = {"call_agent_id": agent, "to": NUMBER, "callback_url": url, **fields}
    answer = sandbox.post(SEND, body)
    assert answer.status == 200, answer.body
    call: str = answer.json["call_id"]
    return call


def deliveries(sandbox: Sandbox, query: str = "") -> list[dict[str, Any]]:
    answer = sandbox.request("GET", f"/sandbox/deliveries{query}", headers={"x-api-key": None})
    assert answer.status == 200, answer.body
    entries: list[dict[str, Any]] = answer.json["entries"]
    return entries


def settled(sandbox: Sandbox, query: str = "") -> list[dict[str, Any]]:
    """The deliveries once none of them is pending."""

    def is_settled(entries: list[dict[str, Any]]) -> bool:
        return bool(entries) and all(entry["status"] != "pending" for entry in entries)

    return until(lambda: deliveries(sandbox, query), is_settled)


def test_a_call_tells_its_callback_url_how_it_went(server: Sandbox, receiver: Receiver) -> None:
    agent = ready_agent(server)
    metadata = {"order": "1001", "nested": {"ü": [1, None]}}
    call = send(server, agent, receiver.url(), metadata=metadata)
    started, ended = receiver.next(), receiver.next()
    assert (started.path, started.event) == ("/hook", "call.started")
    assert set(started.json) == set(ended.json) == {"event", "data"}
    data = started.json["data"]
    assert data == {
        "callId": call,
        "agentId": agent,
        "status": "started",
        "fromNumber": "+12025550100",
        "toNumber": NUMBER,
        "metadata": metadata,
    }
    data = ended.json["data"]
    history = server.get(f"/v2/api/call-history/{call}").json
    assert history["duration"] == data["duration"]
    assert data["metadata"] == metadata
    if history["outcome"] == "successful":
        assert (ended.event, data["status"]) == ("call.completed", "completed")
    else:
        assert (ended.event, data["status"]) == ("call.failed", "failed")
        assert data["error"] == history["error"]


def test_the_body_is_signed_and_every_event_has_an_id(
    start_sandbox: StartSandbox, receiver: Receiver
) -> None:
    secret = "whsec_of the test"
    server = start_sandbox("--speed", "600", "--webhook-secret", secret)
    send(server, ready_agent(server), receiver.url(), metadata={"ü": "😀"})
    webhooks = [receiver.next(), receiver.next()]
    for webhook in webhooks:
        assert webhook.is_signed_with(secret)
        assert webhook.headers["content-type"] == "application/json"
    ids = [webhook.headers["x-trillet-delivery"] for webhook in webhooks]
    entries = settled(server)
    assert [entry["id"] for entry in entries] == ids
    assert [entry["signature"] for entry in entries] == [
        webhook.headers["x-trillet-signature"] for webhook in webhooks
    ]
    assert [entry["body"].encode() for entry in entries] == [webhook.body for webhook in webhooks]


def test_the_default_secret_signs(server: Sandbox, receiver: Receiver) -> None:
    send(server, ready_agent(server), receiver.url())
    assert receiver.next().is_signed_with("whsec_sandbox")


@pytest.mark.parametrize("is_in_settings", [False, True])
def test_a_flow_hears_of_all_its_outbound_calls(
    server: Sandbox, receiver: Receiver, is_in_settings: bool
) -> None:
    url = receiver.url("/flow")
    flow: dict[str, object] = {"inboundWebhookUrl": receiver.url("/inbound")}
    if is_in_settings:
        flow["settings"] = {"webhooks": {"agent": url}}
    else:
        flow["agentWebhookUrl"] = url
    agent = ready_agent(server, flow)
    server.post("/api/v1/calls/call", {"agentId": agent, "toNumber": NUMBER})
    webhooks = [receiver.next(), receiver.next()]
    assert {webhook.path for webhook in webhooks} == {"/flow"}
    assert webhooks[0].json["data"]["metadata"] == {}


def test_a_receiver_named_twice_is_told_once(server: Sandbox, receiver: Receiver) -> None:
    agent = ready_agent(server, {"agentWebhookUrl": receiver.url()})
    send(server, agent, receiver.url())
    send(server, agent, receiver.url("/other"))
    assert len(settled(server)) == 2 + 4


def test_every_call_of_a_batch_is_told_with_its_row(server: Sandbox, receiver: Receiver) -> None:
    agent = ready_agent(server, {"agentWebhookUrl": receiver.url()})
    batch = start_batch(server, agent, 12)
    webhooks = [receiver.next() for _ in range(24)]
    started = [w.json["data"] for w in webhooks if w.event == "call.started"]
    assert {data["batchId"] for data in started} == {batch}
    rows = sorted(data["metadata"]["first_name"] for data in started)
    assert rows == sorted(f"Person {index}" for index in range(12))
    progress = until(
        lambda: server.get(f"/v1/api/batch-calls/{batch}/status").json,
        lambda progress: bool(progress["isComplete"]),
    )
    ended = [webhook.event for webhook in webhooks]
    assert ended.count("call.completed") == progress["completed"]
    assert ended.count("call.failed") == progress["failed"]
    jobs = server.get(f"/v1/api/batch-calls/{batch}/calls").json["calls"]
    assert {data["jobId"] for data in started} == {job["jobId"] for job in jobs}


def test_a_refused_webhook_comes_again_until_it_is_taken(
    server: Sandbox, receiver: Receiver
) -> None:
    receiver.answer(500, 404, 307)
    call = send(server, ready_agent(server), receiver.url())
    first = receiver.next()
    again = [webhook for webhook in (receiver.next() for _ in range(4)) if webhook != first]
    entry = settled(server, f"?callId={call}&event=call.started")[0]
    assert entry["status"] == "delivered"
    statuses = [attempt["status"] for attempt in entry["attempts"]]
    assert statuses[-1] == 200
    assert set(statuses[:-1]) <= {500, 404, 307}
    assert all(webhook.path == "/hook" for webhook in again)
    at = [attempt["at"] for attempt in entry["attempts"]]
    assert all(later - earlier >= 5_000 for earlier, later in zip(at, at[1:], strict=False))


def test_the_steered_clock_decides_when_a_webhook_comes(
    start_sandbox: StartSandbox, receiver: Receiver
) -> None:
    server = start_sandbox("--paused")
    receiver.answer(500)
    call = send(server, ready_agent(server), receiver.url())
    first = receiver.next()

    def refused() -> dict[str, Any]:
        return deliveries(server, "?event=call.started")[0]

    entry = until(refused, lambda entry: len(entry["attempts"]) == 1)
    assert entry["dueAt"] == entry["at"] + 5_000
    assert deliveries(server, f"?callId={call}")[1]["attempts"] == []
    server.post("/sandbox/clock", {"advanceMs": 5_000})
    assert receiver.next() == first
    server.post("/sandbox/clock", {"advanceMs": 120_000})
    assert receiver.next().event in ("call.completed", "call.failed")


def test_a_reset_forgets_what_was_to_be_sent(
    start_sandbox: StartSandbox, receiver: Receiver
) -> None:
    server = start_sandbox("--paused")
    send(server, ready_agent(server), receiver.url())
    receiver.next()
    assert server.post("/sandbox/reset", {}).status == 200
    assert deliveries(server) == []
    second = send(server, ready_agent(server), receiver.url())
    assert receiver.next().json["data"]["callId"] == second


def test_a_webhook_nobody_takes_is_given_up(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "20000")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        send(server, ready_agent(server), f"http://127.0.0.1:{closed.getsockname()[1]}/")
        for entry in settled(server):
            assert entry["status"] == "failed"
            assert len(entry["attempts"]) == 6
            assert all(attempt["error"] for attempt in entry["attempts"])
            assert entry["dueAt"] is None


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "http://192.0.2.1:8080/",
        "http://127.0.0.1.example.com/",
        "http://[2001:db8::1]/",
        "ftp://127.0.0.1/",
        "no url at all",
        "http://",
    ],
)
def test_nothing_is_sent_elsewhere_than_to_this_machine(server: Sandbox, url: str) -> None:
    send(server, ready_agent(server), url)
    for entry in settled(server):
        assert (entry["status"], entry["url"]) == ("failed", url)
        (attempt,) = entry["attempts"]
        assert attempt["status"] is None
        assert "not this machine" in attempt["error"] or "URL" in attempt["error"]


def test_another_host_is_tried_when_that_is_allowed(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--speed", "20000", "--allow-webhook-hosts")
    send(server, ready_agent(server), "http://nowhere.invalid/hook")
    assert all(len(entry["attempts"]) == 6 for entry in settled(server))


@contextmanager
def raw_receiver(answer: bytes, *, stays_open: bool = False) -> Iterator[str]:
    """The address of a server that answers every connection with these bytes."""
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                connection.recv(65_536)
                connection.sendall(answer)
            except OSError:
                pass  # it may hang up before it has everything
            if stays_open:
                kept.append(connection)
            else:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "the body is cut off"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000, "the body is very long"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "an interim one"),
    ],
)
def test_a_whole_head_is_an_answer_whatever_its_body(
    server: Sandbox, answer: bytes, why: str
) -> None:
    with raw_receiver(answer) as url:
        send(server, ready_agent(server), url)
        for entry in settled(server):
            assert entry["status"] == "delivered", why
            assert [attempt["error"] for attempt in entry["attempts"]] == [None]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"no HTTP at all\r\n\r\n",
    ],
)
def test_less_than_a_whole_head_is_no_answer(start_sandbox: StartSandbox, answer: bytes) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "20000")
    with raw_receiver(answer) as url:
        send(server, ready_agent(server), url)
        for entry in settled(server):
            assert (entry["status"], len(entry["attempts"])) == ("failed", 6)
            assert all(attempt["status"] is None for attempt in entry["attempts"])
            assert all(attempt["error"] for attempt in entry["attempts"])


def test_no_proxy_gets_what_is_for_this_machine(
    start_sandbox: StartSandbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Receiver()
    try:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        server = start_sandbox("--requests-per-minute", "0", "--speed", "600")
        send(server, ready_agent(server), receiver.url())
        assert {receiver.next().event, receiver.next().event} >= {"call.started"}
        assert proxy.is_quiet()
    finally:
        proxy.close()


def test_a_receiver_gets_the_path_and_query_of_its_url_alone(
    server: Sandbox, receiver: Receiver
) -> None:
    url = receiver.url("/a b/ü?x=1&y=%41#part").replace("http://", "HTTP://user:secret@")
    send(server, ready_agent(server), url)
    webhook = receiver.next()
    assert webhook.path == "/a%20b/%C3%BC?x=1&y=%41"
    assert "authorization" not in webhook.headers


def test_a_receiver_that_is_silent_does_not_hold_up_the_end(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "600")
    slow = Receiver()
    slow.may_answer.clear()
    try:
        send(server, ready_agent(server), slow.url())
        slow.next()
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 8  # a receiver has ten seconds to answer
    finally:
        slow.close()


def test_a_receiver_that_never_answers_is_left_after_ten_seconds(
    start_sandbox: StartSandbox,
) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--paused")
    with raw_receiver(b"HTTP/1.1 100 Continue\r\n\r\n", stays_open=True) as url:
        send(server, ready_agent(server), url)
        entry = until(
            lambda: deliveries(server, "?event=call.started")[0],
            lambda entry: bool(entry["attempts"]),
        )
        (attempt,) = entry["attempts"]
        assert attempt["status"] is None
        assert attempt["error"]
        assert attempt["milliseconds"] >= 10_000


def test_localhost_by_name_is_this_machine(server: Sandbox, receiver: Receiver) -> None:
    send(server, ready_agent(server), receiver.url(host="localhost"))
    assert receiver.next().event == "call.started"


def test_a_slow_receiver_holds_up_nobody_else(server: Sandbox, receiver: Receiver) -> None:
    slow = Receiver()
    slow.may_answer.clear()
    try:
        agent = ready_agent(server)
        send(server, agent, slow.url())
        slow.next()
        quick = send(server, agent, receiver.url())
        assert all(e["status"] == "delivered" for e in settled(server, f"?callId={quick}"))
        assert deliveries(server)[0]["status"] == "pending"
    finally:
        slow.close()


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM])
def test_events_survive_the_end_of_the_server(
    start_sandbox: StartSandbox, receiver: Receiver, tmp_path: Path, way: int
) -> None:
    options = ("--database", str(tmp_path / "sandbox.sqlite"), "--requests-per-minute", "0")
    server = start_sandbox(*options)
    agent = ready_agent(server)
    calls = [send(server, agent, receiver.url()) for _ in range(20)]
    server.stop(way)
    start_sandbox(*options, "--speed", "600")
    told: dict[str, set[str]] = {call: set() for call in calls}
    while any(len(events) < 2 for events in told.values()):
        webhook = receiver.next()
        told[webhook.json["data"]["callId"]].add(webhook.event)
    assert all("call.started" in events for events in told.values())


def test_deliveries_can_be_paged_and_filtered(server: Sandbox, receiver: Receiver) -> None:
    agent = ready_agent(server)
    calls = [send(server, agent, receiver.url()) for _ in range(3)]
    entries = settled(server)
    assert len(entries) == 6
    assert deliveries(server, f"?after={entries[3]['sequence']}") == entries[4:]
    assert deliveries(server, "?limit=2") == entries[-2:]
    assert deliveries(server, "?after=0&limit=2") == entries[:2]
    assert [e["event"] for e in deliveries(server, "?event=call.started")] == ["call.started"] * 3
    assert {e["callId"] for e in deliveries(server, f"?callId={calls[1]}")} == {calls[1]}
    assert deliveries(server, "?status=pending") == []
    for query in ("?status=lost", "?limit=0", "?after=x"):
        answer = server.get(f"/sandbox/deliveries{query}")
        assert (answer.status, answer.json["error"]["code"]) == (400, "bad_request")


def test_a_call_without_a_receiver_has_no_deliveries(server: Sandbox) -> None:
    agent = ready_agent(server)
    server.post("/api/v1/calls/call", {"agentId": agent, "toNumber": NUMBER})
    assert deliveries(server) == []
