"""The webhook that is asked for variables before each call of a batch."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import StartSandbox
from receiver import Received, Receiver
from sandbox import Sandbox, contacts, ready_agent, start_batch

BATCHES = "/v1/api/batch-calls"
DAY = 86_400_000


@pytest.fixture
def server(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox("--requests-per-minute", "0", "--speed", "600")


@pytest.fixture
def asked(receiver: Receiver) -> Receiver:
    receiver.answer_body = json.dumps({"variables": {"plan": "gold", "seats": 3}}).encode()
    return receiver


def asking(server: Sandbox, url: str) -> str:
    prompt = "Your plan is {plan}, {first_name}."
    return ready_agent(server, {"preCallWebhookUrl": url, "prompt": prompt})


def questions(receiver: Receiver, count: int) -> list[Received]:
    return [receiver.next() for _ in range(count)]


def records(server: Sandbox, agent: str) -> list[Any]:
    history: list[Any] = server.get(f"/v2/api/call-history?agentId={agent}&limit=100").json
    return [server.get(f"/v2/api/call-history/{record['_id']}").json for record in history]


def complete(server: Sandbox, batch: str) -> bool:
    state: bool = server.get(f"{BATCHES}/{batch}/status").json["isComplete"]
    return state


def test_each_call_has_the_variables_that_were_answered(server: Sandbox, asked: Receiver) -> None:
    agent = asking(server, asked.url("/before?tenant=7"))
    batch = start_batch(server, agent, 30)
    server.steer(advanceMs=DAY)
    assert complete(server, batch)
    numbers = set()
    for question in questions(asked, 30):
        query = parse_qs(urlsplit(question.path).query)
        assert query == {"tenant": ["7"], "phone_number": [question.json["phone_number"]]}
        assert question.json["agentId"] == agent
        numbers.add(question.json["phone_number"])
    assert len(numbers) == 30
    calls = records(server, agent)
    assert len(calls) >= 30
    for call in calls:
        assert (call["variables"]["plan"], call["variables"]["seats"]) == ("gold", 3)
        assert call["variables"]["first_name"].startswith("Person ")
    assert "Your plan is gold, Person " in json.dumps([call["transcript"] for call in calls])


def test_nobody_is_asked_twice_for_one_call(server: Sandbox, asked: Receiver) -> None:
    batch = start_batch(server, asking(server, asked.url()), 20)
    for _ in range(20):
        server.steer(advanceMs=DAY // 20)
    assert complete(server, batch)
    assert len(questions(asked, 20)) == 20
    assert asked.is_quiet()


def test_a_call_that_is_dialled_again_asks_again(server: Sandbox, asked: Receiver) -> None:
    agent = asking(server, asked.url())
    again = {"smartCallback": True, "maxAttemptsForSmartCallback": 3}
    assert server.send_json("PATCH", f"/api/v1/agents/{agent}", again).status == 200
    batch = server.upload(BATCHES, "phone_number\n+15005550007\n", agentId=agent).json["batchId"]
    server.steer(advanceMs=DAY)
    assert complete(server, batch)
    assert len(records(server, agent)) == len(questions(asked, 2)) == 2
    assert asked.is_quiet()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://example.com/", "no url"])
def test_without_an_answer_the_batch_goes_on(server: Sandbox, url: str) -> None:
    agent = asking(server, url)
    batch = start_batch(server, agent, 25)
    server.steer(advanceMs=DAY)
    assert complete(server, batch)
    assert all("plan" not in call["variables"] for call in records(server, agent))


def test_a_silent_one_holds_up_a_batch_for_three_seconds_alone(
    server: Sandbox, asked: Receiver
) -> None:
    asked.may_answer.clear()
    agent = asking(server, asked.url())
    other = ready_agent(server)
    batch = start_batch(server, agent, 5)
    order = {"agentId": other, "toNumber": "+15005550000"}
    start = time.monotonic()
    assert server.post("/api/v1/calls/call", order).status == 200
    assert time.monotonic() - start < 2.5
    server.steer(advanceMs=DAY)
    assert 2.5 <= time.monotonic() - start < 12
    assert complete(server, batch)


def test_an_end_does_not_wait_for_a_silent_one(
    start_sandbox: StartSandbox, asked: Receiver
) -> None:
    server = start_sandbox("--requests-per-minute", "0")
    asked.may_answer.clear()
    start_batch(server, asking(server, asked.url()), 5)
    asked.next()
    start = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - start < 2.5


def test_a_reset_forgets_what_was_answered(server: Sandbox, asked: Receiver) -> None:
    for plan in ("gold", "iron"):
        asked.answer_body = json.dumps({"variables": {"plan": plan}}).encode()
        agent = asking(server, asked.url())
        upload = server.upload(BATCHES, contacts(3), agentId=agent)
        assert upload.status == 200
        server.steer(advanceMs=DAY)
        assert {call["variables"]["plan"] for call in records(server, agent)} == {plan}
        assert server.post("/sandbox/reset", {}).status == 200
