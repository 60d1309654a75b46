"""Calls of the sandbox, followed and found: the service that programs are written against."""

from __future__ import annotations

from typing import Any

import pytest

from list_doors import ListClient
from started_batch import FIRST_NUMBER, new_agent
from trillet.testing import Sandbox

QUICK = {"minIntervalMs": 5, "maxIntervalMs": 50, "deadlineMs": 30_000}
FAULTS: dict[str, dict[str, Any]] = {
    "status": {"status": 500},
    "reset": {"when": "after"},
    "close": {},
    "partial": {},
    "html": {},
    "invalid-json": {},
}


def send(client: ListClient, agent: str, row: int = 0) -> dict[str, Any]:
    sent = client.call("calls.send", {"agentId": agent, "toNumber": f"+{FIRST_NUMBER + row}"})
    assert sent["ok"], sent
    return sent


@pytest.mark.parametrize("routes", ["overview", "published"])
def test_a_call_is_followed_from_the_send_to_its_end(sandbox: Sandbox, routes: str) -> None:
    with ListClient(sandbox.url, routes=routes) as client:
        sent = send(client, new_agent(client))
        states = []

        def go_on(report: dict[str, Any]) -> None:
            states.append(report["state"])
            sandbox.clock.advance(10)

        ended = client.wait_for_calls({**sent, **QUICK}, go_on)
    data = ended["data"]
    assert data["state"] == "ended"
    assert data["callId"] == sent["meta"]["callId"]
    assert data["record"]["callId"] == data["callId"]
    assert states[0] == "ringing"
    assert states[-1] == "ended"


def test_many_calls_are_followed_through_faults_of_every_kind(sandbox: Sandbox) -> None:
    with ListClient(sandbox.url, maxRetries=0) as client:
        agent = new_agent(client)
        sent = [send(client, agent, row) for row in range(150)]
        for kind, fault in FAULTS.items():
            sandbox.faults.add("calls.history", kind, count=None, probability=0.04, **fault)

        def go_on(_: dict[str, Any]) -> None:
            sandbox.clock.advance(60)

        ended = client.wait_for_calls({"calls": sent, **QUICK}, go_on)
    calls = ended["data"]["calls"]
    assert [call["callId"] for call in calls] == [call["meta"]["callId"] for call in sent]
    assert {call["state"] for call in calls} == {"ended"}
    assert len({call["outcome"] for call in calls}) > 1


@pytest.mark.parametrize(("when", "found"), [("after", "yes"), ("before", "no")])
def test_a_lost_answer_is_looked_for(sandbox: Sandbox, when: str, found: str) -> None:
    with ListClient(sandbox.url, maxRetries=0) as client:
        agent = new_agent(client)
        sandbox.clock.resume()
        if when == "after":
            sandbox.faults.add("calls.send", "reset", count=1, when="after")
        else:
            sandbox.faults.add("calls.send", "status", count=1, status=500)
        lost = client.call("calls.send", {"agentId": agent, "toNumber": f"+{FIRST_NUMBER}"})
        assert lost["error"]["sent"] == "maybe"
        data = client.find_call({**lost, **QUICK, "settleMs": 200})["data"]
    assert data["found"] == found
