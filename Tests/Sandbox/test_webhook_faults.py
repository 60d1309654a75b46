"""Webhooks that get lost, doubled or held back on purpose, and sending one again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from conftest import StartSandbox
from receiver import Receiver
from sandbox import Sandbox, ready_agent, until
from webhooks import deliveries, send, settled

FAULTS = "/sandbox/faults"


@pytest.fixture
def server(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox("--requests-per-minute", "0", "--speed", "600")


def order(server: Sandbox, fault: str, **members: object) -> None:
    answer = server.post(FAULTS, {"fault": fault, **members})
    assert answer.status == 200, answer.body


def test_a_lost_webhook_is_never_sent_and_says_so(server: Sandbox, receiver: Receiver) -> None:
    order(server, "lose", operation="call.started")
    send(server, ready_agent(server), receiver.url(), "+15005550000")
    assert receiver.next().event == "call.completed"
    lost, delivered = settled(server)
    assert (lost["event"], lost["status"], lost["fault"]) == ("call.started", "lost", "lose")
    assert lost["attempts"] == []
    assert (delivered["status"], delivered["fault"]) == ("delivered", None)
    assert deliveries(server, "?status=lost") == [lost]
    totals = server.get("/sandbox/deliveries").json["totals"]
    assert totals == {"pending": 0, "delivered": 1, "failed": 0, "lost": 1}


def test_a_doubled_webhook_comes_again_with_the_same_id(
    server: Sandbox, receiver: Receiver
) -> None:
    order(server, "duplicate", times=2)
    send(server, ready_agent(server), receiver.url(), "+15005550000")
    first, second, third, end = (receiver.next() for _ in range(4))
    assert {each.event for each in (first, second, third)} == {"call.started"}
    assert first.body == second.body == third.body
    assert len({each.headers["x-trillet-delivery"] for each in (first, second, third)}) == 1
    assert end.event == "call.completed"
    entry = settled(server)[0]
    assert [attempt.get("repeated") for attempt in entry["attempts"]] == [True, True, None]
    assert (entry["status"], entry["fault"]) == ("delivered", "duplicate; times=2")


def test_a_webhook_that_is_held_back_comes_after_later_ones(
    server: Sandbox, receiver: Receiver
) -> None:
    order(server, "hold", operation="call.started", ms=120_000)
    send(server, ready_agent(server), receiver.url(), "+15005550000")
    assert [receiver.next().event for _ in range(2)] == ["call.completed", "call.started"]
    assert settled(server)[0]["fault"] == "hold; ms=120000"


def test_a_rule_strikes_as_often_as_it_says(server: Sandbox, receiver: Receiver) -> None:
    order(server, "lose", skip=1, count=2)
    agent = ready_agent(server)
    for _ in range(3):
        send(server, agent, receiver.url(), "+15005550001")
    entries = until(lambda: settled(server), lambda entries: len(entries) == 6)
    assert [entry["status"] for entry in entries].count("lost") == 2
    (rule,) = server.get(FAULTS).json["faults"]
    assert (rule["operation"], rule["applied"], rule["remaining"]) == ("webhooks", 2, 0)


def test_faults_of_webhooks_and_of_requests_do_not_mix(server: Sandbox) -> None:
    order(server, "lose", count=None)
    order(server, "status", count=1, operation="agents.list")
    assert server.get("/api/v1/agents").status == 503
    assert server.get("/api/v1/agents").status == 200
    for wrong in (
        {"fault": "lose", "operation": "calls.send"},
        {"fault": "lose", "operation": "*"},
        {"fault": "reset", "operation": "call.started"},
        {"fault": "duplicate", "times": 11},
        {"fault": "hold", "ms": -1},
    ):
        assert server.post(FAULTS, wrong).json["error"]["code"] == "invalid_fault"
    answer = server.request("GET", "/api/v1/agents", headers={"x-sandbox-fault": "lose"})
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_fault")


def resend(server: Sandbox, delivery: str) -> None:
    answer = server.request("POST", f"/sandbox/deliveries/{delivery}/resend")
    assert answer.status == 200, answer.body
    assert answer.json["status"] == "pending"


def test_any_delivery_can_be_sent_again(server: Sandbox, receiver: Receiver) -> None:
    order(server, "lose", operation="call.started")
    send(server, ready_agent(server), receiver.url(), "+15005550000")
    end = receiver.next()
    for entry in settled(server):
        resend(server, entry["id"])
        again = receiver.next()
        assert again.headers["x-trillet-delivery"] == entry["id"]
        assert again.body.decode() == entry["body"]
    assert again.body == end.body
    started, completed = settled(server)
    assert (started["status"], len(started["attempts"])) == ("delivered", 1)
    assert (completed["status"], len(completed["attempts"])) == ("delivered", 2)
    path = f"/sandbox/deliveries/{started['id']}"
    assert server.get(path).json == started


def test_one_that_was_given_up_can_be_sent_again(
    start_sandbox: StartSandbox, receiver: Receiver
) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "20000")
    receiver.answer(*[500] * 12)
    send(server, ready_agent(server), receiver.url(), "+15005550000")
    failed = settled(server)[0]
    assert (failed["status"], len(failed["attempts"])) == ("failed", 6)
    until(lambda: settled(server, "?status=failed"), lambda entries: len(entries) == 2)
    resend(server, failed["id"])
    entry = until(lambda: settled(server)[0], lambda entry: entry["status"] == "delivered")
    assert len(entry["attempts"]) == 7


def test_an_event_that_has_not_happened_is_not_sent_early(
    start_sandbox: StartSandbox, receiver: Receiver
) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--paused")
    send(server, ready_agent(server), receiver.url())
    receiver.next()
    end = deliveries(server)[1]
    answer = server.request("POST", f"/sandbox/deliveries/{end['id']}/resend")
    assert (answer.status, answer.json["error"]["code"]) == (400, "bad_request")
    assert server.request("POST", "/sandbox/deliveries/evt_none/resend").status == 404
    assert server.get("/sandbox/deliveries/evt_none").status == 404


def test_of_very_many_webhooks_that_wait_the_oldest_are_given_up(
    start_sandbox: StartSandbox, receiver: Receiver, tmp_path: Path
) -> None:
    path = tmp_path / "sandbox.sqlite"
    server = start_sandbox("--database", str(path), "--paused")
    server.stop()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            """
            WITH RECURSIVE number(value) AS (
                SELECT 1 UNION ALL SELECT value + 1 FROM number WHERE value < 200100
            )
            INSERT INTO delivery SELECT
                value, 'evt_' || value, 'sandbox-workspace', 'c' || value, 'call.completed', ?,
                'far', '{}', 0, 9e15, 'pending', '[]', NULL, NULL, NULL FROM number
            """,
            (receiver.url(),),
        )
        # Every thousandth that is sent looks at those that wait.
        database.execute("UPDATE delivery SET sequence = 201000, dueAt = 0 WHERE sequence = 200100")
    server = start_sandbox("--database", str(path), "--paused")
    until(lambda: deliveries(server, "?status=delivered"), lambda entries: len(entries) == 1)
    totals = server.get("/sandbox/deliveries").json["totals"]
    assert totals == {"pending": 199_099, "delivered": 1, "failed": 1_000, "lost": 0}
    (given_up,) = deliveries(server, "?callId=c1000")
    assert given_up["attempts"][0]["error"] == "More than 200000 webhooks wait"
