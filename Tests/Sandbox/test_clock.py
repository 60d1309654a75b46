"""Steering simulated time."""

from __future__ import annotations

import signal
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import Sandbox, ready_agent, start_batch

CLOCK = "/sandbox/clock"
SEND = "/api/v1/calls/call"
BATCHES = "/v1/api/batch-calls"
DAY = 86_400_000


@pytest.fixture
def paused(start_sandbox: StartSandbox) -> Sandbox:
    """A server whose time stands still."""
    return start_sandbox("--requests-per-minute", "0", "--paused")


def iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def placed(server: Sandbox, number: str = "+15005550000") -> str:
    answer = server.post(SEND, {"agentId": ready_agent(server), "toNumber": number})
    assert answer.status == 200, answer.body
    call: str = answer.json["callId"]
    return call


def test_the_clock_tells_how_it_stands_without_a_key(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--speed", "60")
    answer = server.request("GET", CLOCK, headers={"x-api-key": None, "x-workspace-id": None})
    assert answer.status == 200
    now = answer.json["now"]
    assert answer.json == {"now": now, "time": iso(now), "speed": 60, "paused": False}
    assert server.get(CLOCK).json["now"] >= now


def test_time_stands_still_while_it_is_paused(paused: Sandbox) -> None:
    first = paused.get(CLOCK).json
    assert first["paused"] is True
    assert paused.get(CLOCK).json == first
    resumed = paused.steer(paused=False, speed=1000)
    assert (resumed["paused"], resumed["speed"]) == (False, 1000)
    stopped = paused.steer(paused=True)
    assert stopped["now"] > first["now"]
    assert paused.get(CLOCK).json == stopped


def test_a_step_moves_time_by_exactly_that_much(paused: Sandbox) -> None:
    before = paused.get(CLOCK).json["now"]
    assert paused.steer(advanceMs=1)["now"] == before + 1
    assert paused.steer(advanceMs=DAY)["now"] == before + 1 + DAY
    assert paused.steer(advanceMs=0) == paused.steer() == paused.get(CLOCK).json


def test_a_jump_goes_to_a_moment_in_either_form(paused: Sandbox) -> None:
    now = paused.get(CLOCK).json["now"]
    assert paused.steer(jumpTo=now + DAY)["now"] == now + DAY
    whole = (now // 1000 + 2 * 86_400) * 1000
    assert paused.steer(jumpTo=iso(whole).replace(".000", ""))["now"] == whole
    assert paused.steer(jumpTo=iso(whole + 7))["now"] == whole + 7
    assert paused.get("/healthz").json["time"] == iso(whole + 7)


def test_a_jump_while_time_runs_lets_it_run_on(start_sandbox: StartSandbox) -> None:
    server = start_sandbox()
    now = server.get(CLOCK).json["now"]
    landed = server.steer(jumpTo=now + DAY)
    assert DAY <= landed["now"] - now < DAY + 60_000
    assert landed["paused"] is False


def test_time_never_runs_backwards(paused: Sandbox) -> None:
    now = paused.get(CLOCK).json["now"]
    for target in (now - 1, iso(now - 1), 0, -5):
        answer = paused.post(CLOCK, {"jumpTo": target, "speed": 7})
        assert answer.status == 400
        assert answer.json["error"]["code"] == "bad_request"
        assert iso(now) in answer.json["error"]["message"]
    assert paused.get(CLOCK).json == {"now": now, "time": iso(now), "speed": 1, "paused": True}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"speed": 0}, "speed must be above 0"),
        ({"speed": -1}, "speed must be above 0"),
        ({"speed": 1_000_001}, "speed must be above 0 and at most 1000000"),
        ({"speed": "fast"}, "speed must be"),
        ({"paused": 1}, "paused must be true or false"),
        ({"advanceMs": -1}, "advanceMs must be a whole number"),
        ({"advanceMs": 1.5}, "advanceMs must be a whole number"),
        ({"advanceMs": 2**62}, "The last moment is 9999-12-31T23:59:59.999Z"),
        ({"jumpTo": 2**62}, "The last moment is"),
        ({"jumpTo": "tomorrow"}, "jumpTo must be a time in UTC"),
        ({"jumpTo": "2031-03-04T15:00:00.1Z"}, "jumpTo must be a time in UTC"),
        ({"jumpTo": "2031-02-30T15:00:00Z"}, "jumpTo must be a time in UTC"),
        ({"jumpTo": None}, "jumpTo must be a time in UTC"),
        ({"advanceMs": 1, "jumpTo": 2**50}, "not both"),
        ({"sped": 60}, '"sped" is not known'),
    ],
)
def test_a_wrong_change_is_refused_with_a_reason(
    sandbox: Sandbox, change: dict[str, object], problem: str
) -> None:
    answer = sandbox.post(CLOCK, change)
    assert answer.status == 400
    assert problem in answer.json["error"]["message"]


def test_a_page_of_another_host_cannot_steer(sandbox: Sandbox) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        answer = sandbox.send_json("POST", CLOCK, {"paused": True}, headers)
        assert answer.status == 403
    assert sandbox.get(CLOCK).json["paused"] is False


def test_a_call_is_in_each_state_at_its_moment(paused: Sandbox) -> None:
    call = placed(paused)
    start = paused.get(CLOCK).json["now"]
    steps = [
        (0, "queued", 0),
        (999, "queued", 0),
        (1_000, "ringing", 1_000),
        (4_999, "ringing", 1_000),
        (5_000, "talking", 5_000),
        (34_999, "talking", 5_000),
        (35_000, "ended", 35_000),
        (DAY, "ended", 35_000),
    ]
    timeline: list[dict[str, Any]] = []
    for offset, state, since in steps:
        paused.steer(jumpTo=start + offset)
        if not timeline or timeline[-1]["state"] != state:
            timeline.append({"state": state, "at": start + since})
        shown = paused.get(f"/sandbox/calls/{call}").json
        assert (shown["status"], shown["timeline"]) == (state, timeline)
        named = {"talking": "in-progress", "ended": "completed"}.get(state, state)
        entry = paused.get(f"/v2/api/call-history/{call}").json
        assert entry["status"] == named
        (listed,) = paused.get(f"/v2/api/call-history?status={named}").json
        assert (listed["_id"], listed["status"]) == (entry["_id"], named)


def test_a_call_is_shown_with_all_that_is_known_of_it(paused: Sandbox) -> None:
    agent = ready_agent(paused)
    order = {
        "call_agent_id": agent,
        "to": "+15005550000",
        "callback_url": "http://127.0.0.1:9/events",
        "dynamic_variables": {"first_name": "Ada"},
        "metadata": {"order": "1001"},
    }
    call = paused.post("/v1/api/call", order).json["call_id"]
    path = f"/sandbox/calls/{call}"
    shown = paused.request("GET", path, headers={"x-api-key": None, "x-workspace-id": None}).json
    unknown_yet = ("answeredAt", "endedAt", "duration", "outcome", "error", "transcript")
    assert [shown[name] for name in unknown_yet] == [None] * len(unknown_yet)
    start = paused.get(CLOCK).json["now"]
    paused.steer(advanceMs=35_000)
    assert paused.get(f"/sandbox/calls/{agent}-{call}").json == {
        "id": call,
        "roomName": f"{agent}-{call}",
        "workspaceId": "sandbox-workspace",
        "agentId": agent,
        "flowId": shown["flowId"],
        "batchId": None,
        "fromNumber": "+12025550100",
        "toNumber": "+15005550000",
        "status": "ended",
        "timeline": [
            {"state": "queued", "at": start},
            {"state": "ringing", "at": start + 1_000},
            {"state": "talking", "at": start + 5_000},
            {"state": "ended", "at": start + 35_000},
        ],
        "createdAt": start,
        "answeredAt": start + 5_000,
        "endedAt": start + 35_000,
        "duration": 35,
        "outcome": "successful",
        "error": None,
        "recorded": True,
        "transcript": "Agent: Hi Ada, this is Front Desk.\nCustomer: Hello.\n"
        "Agent: Greet Ada and confirm the renewal date.\n"
        "Customer: Thank you, that is all.\nAgent: Goodbye.",
        "variables": {"first_name": "Ada"},
        "metadata": {"order": "1001"},
        "callbackUrl": "http://127.0.0.1:9/events",
        "conversation": None,
    }


@pytest.mark.parametrize("call", ["unknown", "-", "a-b", "%20"])
def test_an_unknown_call_is_404(sandbox: Sandbox, call: str) -> None:
    answer = sandbox.get(f"/sandbox/calls/{call}")
    assert answer.status == 404
    assert answer.json["error"]["code"] == "not_found"


def test_a_step_is_answered_when_all_of_it_has_happened(paused: Sandbox) -> None:
    batch = start_batch(paused, ready_agent(paused), 1_000)
    paused.steer(advanceMs=DAY)
    state = paused.get(f"{BATCHES}/{batch}/status").json
    assert (state["isComplete"], state["completed"] + state["failed"]) == (True, 1_000)


def test_a_batch_runs_the_same_in_small_steps_and_in_one(start_sandbox: StartSandbox) -> None:
    def run(steps: int) -> list[Any]:
        server = start_sandbox("--requests-per-minute", "0", "--paused", "--concurrency", "3")
        server.steer(jumpTo="2100-01-01T00:00:00Z")
        agent = ready_agent(server)
        single = server.post(SEND, {"agentId": agent, "toNumber": "+15005550005"}).json["callId"]
        batch = start_batch(server, agent, 40)
        for _ in range(steps):
            server.steer(advanceMs=3_600_000 // steps)
        calls = server.get(f"/v2/api/call-history?batchId={batch}&limit=100").json
        assert len(calls) == 40
        jobs = server.get(f"{BATCHES}/{batch}/calls?limit=100").json["calls"]
        changing = ("agent", "recordingUrl")
        return [
            single,
            batch,
            jobs,
            [{name: call[name] for name in call if name not in changing} for call in calls],
        ]

    assert run(1) == run(200)


def test_a_scheduled_batch_starts_when_time_is_moved_there(paused: Sandbox) -> None:
    now = paused.get(CLOCK).json["now"]
    at = (now // 1000 + 30 * 86_400) * 1000
    scheduled = iso(at).replace(".000", "")
    batch = start_batch(paused, ready_agent(paused), 2, scheduledAt=scheduled)
    paused.steer(jumpTo=at - 1)
    assert paused.get(f"{BATCHES}/{batch}").json["status"] == "queued"
    paused.steer(advanceMs=1)
    state = paused.get(f"{BATCHES}/{batch}/status").json
    assert (state["status"], state["active"], state["startTime"]) == ("processing", 2, at)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_paused_clock_is_kept_with_the_database(
    start_sandbox: StartSandbox, tmp_path: Path, ending: int
) -> None:
    arguments = ("--database", str(tmp_path / "sandbox.sqlite"), "--requests-per-minute", "0")
    first = start_sandbox(*arguments)
    call = placed(first)
    state = first.steer(paused=True, speed=30, advanceMs=10_000)
    shown = first.get(f"/sandbox/calls/{call}").json
    first.stop(ending)
    second = start_sandbox(*arguments)
    assert second.get(CLOCK).json == state
    assert second.get(f"/sandbox/calls/{call}").json == shown
    second.stop()
    third = start_sandbox(*arguments, "--speed", "5")
    assert third.get(CLOCK).json == {**state, "speed": 5}


def test_a_jump_is_kept_with_the_database(start_sandbox: StartSandbox, tmp_path: Path) -> None:
    arguments = ("--database", str(tmp_path / "sandbox.sqlite"))
    first = start_sandbox(*arguments)
    state = first.steer(jumpTo="2100-01-01T00:00:00Z")
    first.stop(signal.SIGKILL)
    second = start_sandbox(*arguments).get(CLOCK).json
    assert state["now"] <= second["now"] < state["now"] + 60_000
