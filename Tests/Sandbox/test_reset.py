"""Forgetting everything, and doing it again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import (
    OTHER_KEY,
    OTHER_WORKSPACE,
    Sandbox,
    agent_fields,
    ready_agent,
    start_batch,
    until,
)

RESET = "/sandbox/reset"
CLOCK = "/sandbox/clock"
SEND = "/api/v1/calls/call"
OTHER = {"x-api-key": OTHER_KEY, "x-workspace-id": OTHER_WORKSPACE}


def reset(server: Sandbox, **body: object) -> Any:
    answer = server.post(RESET, body)
    assert answer.status == 200, answer.body
    return answer.json


def test_nothing_is_left_but_the_accounts(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(
        *("--requests-per-minute", "0", "--speed", "600"),
        *("--account", f"{OTHER_KEY}:{OTHER_WORKSPACE}"),
    )
    agent = ready_agent(server)
    start_batch(server, agent, 50)
    server.post(SEND, {"agentId": agent, "toNumber": "+12025550164"})
    server.send_json("POST", "/api/v1/agents", agent_fields(), OTHER)
    answer = server.request("POST", RESET, headers={"x-api-key": None, "x-workspace-id": None})
    assert (answer.status, answer.json) == (200, {"status": "success", "seed": 1})
    for path in ("/v1/api/agents", "/v1/api/call-flows", "/v2/api/call-history"):
        assert server.get(path).json == []
        assert server.request("GET", path, headers=OTHER).json == []
    (number,) = server.get("/v1/api/twilio/user-phone-numbers").json
    assert (number["phoneNumber"], number["agentId"]) == ("+12025550100", None)
    assert server.get("/v1/api/batch-calls/batch_1000001").status == 404
    assert start_batch(server, ready_agent(server), 1) == "batch_1000001"


def test_time_is_real_again(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "60")
    server.steer(paused=True, speed=5, jumpTo="2100-01-01T00:00:00Z")
    reset(server)
    state = server.get(CLOCK).json
    assert (state["speed"], state["paused"]) == (60, False)
    assert abs(state["now"] / 1000 - time.time()) < 600


def test_the_rate_is_counted_anew(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "1")
    assert [server.get("/api/v1/agents").status for _ in range(2)] == [200, 429]
    reset(server)
    assert server.get("/api/v1/agents").status == 200


def test_a_database_file_is_emptied_too(start_sandbox: StartSandbox, tmp_path: Path) -> None:
    arguments = ("--database", str(tmp_path / "sandbox.sqlite"), "--requests-per-minute", "0")
    first = start_sandbox(*arguments)
    start_batch(first, ready_agent(first), 20)
    first.steer(paused=True, jumpTo="2100-01-01T00:00:00Z")
    reset(first)
    first.stop()
    second = start_sandbox(*arguments)
    assert second.get("/v1/api/agents").json == []
    assert second.get(CLOCK).json["paused"] is False
    assert second.get(CLOCK).json["time"] < "2100"


def course(server: Sandbox) -> list[Any]:
    """What becomes of 20 single calls and a batch of 20, from a known moment on."""
    server.steer(paused=True, jumpTo="2100-01-01T00:00:00Z")
    agent = ready_agent(server)
    for _ in range(20):
        server.post(SEND, {"agentId": agent, "toNumber": "+12025550164"})
    start_batch(server, agent, 20)
    server.steer(advanceMs=3_600_000)
    calls = server.get("/v2/api/call-history?limit=100").json
    assert len(calls) == len({call["_id"] for call in calls}) == 40
    changing = ("agent", "recordingUrl")
    return [{name: call[name] for name in call if name not in changing} for call in calls]


def test_the_same_seed_gives_the_same_run_with_the_same_ids(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--seed", "7")
    first = course(server)
    reset(server)
    assert course(server) == first
    assert reset(server, seed=8)["seed"] == 8
    other = course(server)
    assert other != first
    assert not {call["callId"] for call in other} & {call["callId"] for call in first}
    assert reset(server)["seed"] == 7
    assert course(server) == first


def test_the_largest_seed_is_taken_exactly(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0")
    answer = server.request(
        "POST", RESET, b'{"seed":18446744073709551615}', {"Content-Type": "application/json"}
    )
    assert answer.body == b'{"status":"success","seed":18446744073709551615}'


@pytest.mark.parametrize("body", [{"seed": -1}, {"seed": 1.5}, {"seed": "1"}, {"sed": 1}])
def test_a_wrong_body_is_refused_and_nothing_is_lost(
    sandbox: Sandbox, body: dict[str, object]
) -> None:
    agent = ready_agent(sandbox)
    assert sandbox.post(RESET, body).status == 400
    assert sandbox.get(f"/api/v1/agents/{agent}").status == 200


def test_a_page_of_another_host_cannot_reset(sandbox: Sandbox) -> None:
    agent = ready_agent(sandbox)
    answer = sandbox.send_json("POST", RESET, {}, {"Origin": "http://evil.example"})
    assert answer.status == 403
    assert sandbox.get(f"/api/v1/agents/{agent}").status == 200


def test_a_running_batch_leaves_nothing_behind(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "2000")
    for _ in range(10):
        start_batch(server, ready_agent(server), 3_000)
        until(
            lambda: server.get("/v1/api/batch-calls/batch_1000001").json,
            lambda state: state["progress"]["active"] > 0,
        )
        reset(server)
        server.steer()
        assert server.get("/v2/api/call-history").json == []
        assert abs(server.get(CLOCK).json["now"] / 1000 - time.time()) < 2_000 * 60
