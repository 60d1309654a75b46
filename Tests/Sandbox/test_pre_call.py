"""The webhook that is asked for variables before a call."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import StartSandbox
from receiver import Receiver
from sandbox import Sandbox, ready_agent
from trillet.webhooks import PreCall, PreCallRequest, verify

SEND = "/api/v1/calls/call"
NUMBER = "+15005550000"


@pytest.fixture
def server(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox("--requests-per-minute", "0", "--speed", "600")


def asking(server: Sandbox, url: str) -> str:
    return ready_agent(
        server, {"preCallWebhookUrl": url, "prompt": "Your plan is {plan}, {first_name}."}
    )


def placed(server: Sandbox, agent: str, **fields: object) -> dict[str, Any]:
    """The record of a new call."""
    answer = server.post(SEND, {"agentId": agent, "toNumber": NUMBER, **fields})
    assert answer.status == 200, answer.body
    record: dict[str, Any] = server.get(f"/v2/api/call-history/{answer.json['callId']}").json
    return record


def warnings(server: Sandbox) -> list[str]:
    entries = server.get("/sandbox/journal").json["entries"]
    return [text for entry in entries if entry["path"] == SEND for text in entry["warnings"]]


def test_its_variables_are_those_of_the_call(server: Sandbox, receiver: Receiver) -> None:
    receiver.answer_body = json.dumps({"variables": {"plan": "gold", "seats": 3}}).encode()
    agent = asking(server, receiver.url("/before?tenant=7"))
    record = placed(server, agent, dynamicVariables={"first_name": "Ada", "plan": "none"})
    assert record["variables"] == {"first_name": "Ada", "plan": "gold", "seats": 3}
    asked = receiver.next()
    address = urlsplit(asked.path)
    assert address.path == "/before"
    assert parse_qs(address.query) == {"tenant": ["7"], "phone_number": [NUMBER]}
    assert asked.json == {
        "phone_number": NUMBER,
        "agentId": agent,
        "callFlowId": record["callFlowId"],
    }
    verify(asked.body, asked.headers["x-trillet-signature"], "whsec_sandbox")
    server.steer(advanceMs=60_000)
    ended = server.get(f"/v2/api/call-history/{record['_id']}").json
    assert "Your plan is gold, Ada." in json.dumps(ended["transcript"])
    assert warnings(server) == []


def test_that_of_the_number_comes_before_that_of_the_flow(
    server: Sandbox, receiver: Receiver
) -> None:
    receiver.answer_body = b'{"variables":{"plan":"gold"}}'
    agent = asking(server, receiver.url("/flow"))
    numbers = server.get("/v1/api/twilio/user-phone-numbers").json
    number = next(each["_id"] for each in numbers if each["agentId"] == agent)
    path = f"/v1/api/twilio/phone-numbers/{number}/config"
    settings = {"preCallWebhookUrl": receiver.url("/number")}
    assert server.send_json("PUT", path, settings).status == 200
    placed(server, agent)
    assert urlsplit(receiver.next().path).path == "/number"
    assert receiver.is_quiet()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"variables":{"plan":"gold"}}'),
        (302, b""),
        (200, b""),
        (200, b"not JSON"),
        (200, b"[]"),
        (200, b'{"variables":[]}'),
        (200, b'{"variables":' + b"[" * 100_000),
        (200, b'{"variables":{"plan":"' + b"x" * 100_000 + b'"}}'),
    ],
)
def test_without_a_good_answer_the_call_goes_on_and_a_warning_says_so(
    server: Sandbox, receiver: Receiver, status: int, body: bytes
) -> None:
    receiver.answer(status)
    receiver.answer_body = body
    record = placed(server, asking(server, receiver.url()), dynamicVariables={"plan": "none"})
    assert record["variables"] == {"plan": "none"}
    (warning,) = warnings(server)
    assert "pre-call" in warning


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://example.com/", "no url"])
def test_an_address_that_cannot_be_asked_does_not_stop_a_call(server: Sandbox, url: str) -> None:
    assert placed(server, asking(server, url))["variables"] == {}
    assert len(warnings(server)) == 1


def test_a_silent_one_is_left_after_three_seconds(server: Sandbox, receiver: Receiver) -> None:
    receiver.may_answer.clear()
    agent = asking(server, receiver.url())
    other = ready_agent(server)
    start = time.monotonic()
    assert placed(server, agent)["variables"] == {}
    assert 2.9 <= time.monotonic() - start < 10
    assert len(warnings(server)) == 1
    assert placed(server, other)["status"]


def test_a_refused_call_asks_nobody(server: Sandbox, receiver: Receiver) -> None:
    agent = asking(server, receiver.url())
    for number in ("+15005550008", "+15005550009", "12"):
        assert server.post(SEND, {"agentId": agent, "toNumber": number}).status >= 400
    assert receiver.is_quiet()


def test_a_test_of_it_says_that_it_is_one(server: Sandbox, receiver: Receiver) -> None:
    seen: list[PreCallRequest] = []

    def variables(request: PreCallRequest) -> dict[str, object]:
        seen.append(request)
        return {"plan": "gold"}

    receiver.answer_body = b'{"variables":{"plan":"gold"}}'
    answer = server.post("/sandbox/pre-call", {"url": receiver.url(), "phoneNumber": NUMBER})
    assert (answer.json["status"], answer.json["error"]) == (200, None)
    assert answer.json["variables"] == {"plan": "gold"}
    asked = receiver.next()
    query = urlsplit(asked.path).query
    reply = PreCall(variables).answer("POST", asked.headers, asked.body, query)
    assert json.loads(reply.body) == {"variables": {"plan": "gold"}}
    assert [(request.phone_number, request.is_test) for request in seen] == [(NUMBER, True)]


def test_a_test_without_an_address_is_refused(server: Sandbox) -> None:
    assert server.post("/sandbox/pre-call", {}).status == 400
