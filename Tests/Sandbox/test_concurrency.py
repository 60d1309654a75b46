"""How many calls run at once: those of batches and single ones share one limit."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import Sandbox, ready_agent, start_batch

SEND = "/api/v1/calls/call"
BATCHES = "/v1/api/batch-calls"
ANSWERED = "+15005550000"
"""A call to it takes 35 seconds."""
PAUSED = ("--requests-per-minute", "0", "--paused")


def place(server: Sandbox, agent: str, number: str = ANSWERED) -> Any:
    return server.post(SEND, {"agentId": agent, "toNumber": number})


def active(server: Sandbox, batch: str) -> int:
    count: int = server.get(f"{BATCHES}/{batch}/status").json["active"]
    return count


def test_single_calls_over_the_limit_are_placed(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*PAUSED, "--concurrency", "1")
    agent = ready_agent(server)
    assert [place(server, agent).status for _ in range(3)] == [200, 200, 200]


def test_single_calls_take_places_of_a_batch(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*PAUSED, "--concurrency", "3")
    agent = ready_agent(server)
    start = server.get("/sandbox/clock").json["now"]
    for _ in range(2):
        place(server, agent)
    server.steer(advanceMs=1_000)
    place(server, agent)
    batch = start_batch(server, agent, 60)
    server.steer()
    assert active(server, batch) == 0
    server.steer(jumpTo=start + 34_999)
    assert active(server, batch) == 0
    assert server.get(f"{BATCHES}/{batch}").json["status"] == "queued"
    server.steer(jumpTo=start + 35_000)
    assert active(server, batch) == 2
    server.steer(jumpTo=start + 36_000)
    assert active(server, batch) == 3
    server.steer(advanceMs=86_400_000)
    calls = server.get(f"/v2/api/call-history?batchId={batch}&limit=100").json
    assert min(call["timestamp"] for call in calls) * 1000 == start + 35_000
    assert busiest(server.get("/v2/api/call-history?limit=100").json) == 3


def busiest(calls: list[dict[str, Any]]) -> int:
    """The most calls that ran at the same time."""
    changes = [(round(call["timestamp"] * 1000), 1) for call in calls]
    changes += [(round((call["timestamp"] + call["duration"]) * 1000), -1) for call in calls]
    running = most = 0
    for _, change in sorted(changes):
        running += change
        most = max(most, running)
    return most


def test_many_single_calls_keep_a_batch_waiting_until_enough_have_ended(
    start_sandbox: StartSandbox,
) -> None:
    server = start_sandbox(*PAUSED, "--concurrency", "2")
    agent = ready_agent(server)
    start = server.get("/sandbox/clock").json["now"]
    for _ in range(5):
        place(server, agent)
        server.steer(advanceMs=1_000)
    batch = start_batch(server, agent, 10)
    server.steer(advanceMs=86_400_000)
    calls = server.get(f"/v2/api/call-history?batchId={batch}&limit=100").json
    starts = sorted(call["timestamp"] * 1000 for call in calls)
    assert starts[0] == pytest.approx(start + 3_000 + 35_000)
    assert starts[1] >= start + 4_000 + 35_000


def test_the_limit_is_each_workspaces_own(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(
        *PAUSED,
        *("--concurrency", "1", "--strict-concurrency"),
        *("--account", "sandbox-key:second-workspace"),
    )
    assert place(server, ready_agent(server)).status == 200
    headers = {"x-workspace-id": "second-workspace"}
    agent = server.send_json(
        "POST",
        "/api/v1/agents",
        {
            "name": "Second",
            "llmModel": "gpt-4o-mini",
            "ttsModel": {"provider": "rime", "voiceId": "mistv2_Brook"},
        },
        headers,
    ).json["_id"]
    flow = {"name": "F", "direction": "outbound", "promptType": "simple", "agent": agent}
    server.send_json("POST", "/api/v1/flows", flow, headers)
    order = {"agentId": agent, "toNumber": ANSWERED}
    assert server.send_json("POST", SEND, order, headers).status == 200
    assert server.send_json("POST", SEND, order, headers).status == 429


def test_a_strict_server_refuses_a_single_call_over_the_limit(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*PAUSED, "--concurrency", "2", "--strict-concurrency")
    agent = ready_agent(server)
    assert place(server, agent).status == 200
    server.steer(advanceMs=1_000)
    assert place(server, agent).status == 200
    for path, order in (
        (SEND, {"agentId": agent, "toNumber": ANSWERED}),
        ("/v1/api/call", {"call_agent_id": agent, "to": ANSWERED}),
    ):
        refused = server.post(path, order)
        assert refused.status == 429
        assert refused.json == {
            "error": {
                "code": "concurrency_limit_exceeded",
                "message": "Too many calls at once: 2 of 2 are running.",
            }
        }
        assert "retry-after" not in refused.headers
    assert len(server.get("/v2/api/call-history").json) == 2
    server.steer(advanceMs=34_000)
    assert place(server, agent).status == 200
    assert place(server, agent).status == 429


def test_calls_of_a_batch_count_for_a_strict_server(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*PAUSED, "--concurrency", "2", "--strict-concurrency")
    agent = ready_agent(server)
    start_batch(server, agent, 5)
    server.steer()
    assert place(server, agent).status == 429
    server.steer(advanceMs=86_400_000)
    assert place(server, agent).status == 200


def test_a_refusal_tells_the_real_time_until_a_call_has_ended(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(
        *("--requests-per-minute", "0", "--speed", "0.5"),
        *("--concurrency", "1", "--strict-concurrency"),
    )
    agent = ready_agent(server)
    place(server, agent)
    refused = place(server, agent)
    assert 60 <= int(refused.headers["retry-after"]) <= 70
    assert refused.json["error"]["reset_at"].endswith("Z")
