"""Webhooks: what is sent to whom, signed, retried, kept over a crash."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from conftest import StartSandbox
from receiver import Receiver
from sandbox import Sandbox, ready_agent, start_batch, until
from webhooks import NUMBER, deliveries, send, settled


@pytest.fixture
def server(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox("--requests-per-minute", "0", "--speed", "600")


@pytest.mark.parametrize(
    ("number", "status", "told"),
    [
        ("+15005550000", "completed", {"duration": 35}),
        ("+15005550002", "failed", {"duration": 31, "error": "No answer"}),
    ],
)
def test_a_call_tells_its_callback_url_how_it_went(
    server: Sandbox, receiver: Receiver, number: str, status: str, told: dict[str, object]
) -> None:
    agent = ready_agent(server)
    metadata = {"order": "1001", "nested": {"ü": [1, None]}}
    call = send(server, agent, receiver.url(), number, metadata=metadata)
    started, ended = receiver.next(), receiver.next()
    assert (started.path, started.event) == ("/hook", "call.started")
    assert (ended.path, ended.event) == ("/hook", f"call.{status}")
    assert set(started.json) == set(ended.json) == {"event", "data"}
    common = {
        "callId": call,
        "agentId": agent,
        "fromNumber": "+12025550100",
        "toNumber": number,
        "metadata": metadata,
    }
    assert started.json["data"] == {**common, "status": "started"}
    assert ended.json["data"] == {**common, "status": status, **told}


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
    for query in ("?status=gone", "?limit=0", "?after=x"):
        answer = server.get(f"/sandbox/deliveries{query}")
        assert (answer.status, answer.json["error"]["code"]) == (400, "bad_request")


def test_a_call_without_a_receiver_has_no_deliveries(server: Sandbox) -> None:
    agent = ready_agent(server)
    server.post("/api/v1/calls/call", {"agentId": agent, "toNumber": NUMBER})
    assert deliveries(server) == []
