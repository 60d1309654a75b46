"""Batches: starting them, watching them run, cancelling them."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import Sandbox, contacts, new_agent, ready_agent, start_batch, until

BATCHES = "/v1/api/batch-calls"
COUNTS = ("waiting", "active", "completed", "failed")


def progress(sandbox: Sandbox, batch: str) -> Any:
    answer = sandbox.get(f"{BATCHES}/{batch}/status")
    assert answer.status == 200
    return answer.json


def finished(sandbox: Sandbox, batch: str) -> Any:
    """The progress of the batch after a day in which it has run to its end."""
    sandbox.steer(advanceMs=86_400_000)
    state = progress(sandbox, batch)
    assert state["isComplete"]
    return state


def calls(sandbox: Sandbox, batch: str, query: str = "limit=100") -> Any:
    answer = sandbox.get(f"{BATCHES}/{batch}/calls?{query}")
    assert answer.status == 200
    return answer.json


def test_a_started_batch_is_queued(sandbox: Sandbox) -> None:
    answer = sandbox.upload(BATCHES, contacts(3), agentId=ready_agent(sandbox))
    assert answer.status == 200
    batch = answer.json
    assert re.fullmatch(r"batch_\d+", batch["batchId"])
    assert batch == {
        "batchId": batch["batchId"],
        "totalCalls": 3,
        "status": "queued",
        "message": "Batch calls initiated successfully",
    }


def test_a_batch_runs_to_its_end_and_its_counts_add_up(sandbox: Sandbox) -> None:
    batch = start_batch(sandbox, ready_agent(sandbox), 100)

    def adds_up() -> bool:
        state = progress(sandbox, batch)
        assert sum(state[name] for name in COUNTS) == state["total"] == 100
        assert state["active"] <= 10
        return bool(state["isComplete"])

    until(adds_up, bool)
    end = progress(sandbox, batch)
    assert (end["status"], end["waiting"], end["active"]) == ("completed", 0, 0)
    assert 60 <= end["completed"] <= 99
    assert 15 <= end["averageCallDuration"] <= 90
    assert end["startTime"] < end["lastCompletedTime"] == end["completedTime"]
    status = sandbox.get(f"{BATCHES}/{batch}").json
    assert status["id"] == batch
    assert status["isComplete"] is True
    assert status["totalCalls"] == 100
    assert status["timestamp"] >= end["completedTime"]
    assert set(status) == {"id", "status", "isComplete", "totalCalls", "progress", "timestamp"}
    plain = {
        name: end[name] for name in end if name not in ("status", "isComplete", "recent_calls")
    }
    recent = status["progress"].pop("recent_calls")
    assert status["progress"] == plain
    assert [call["jobId"] for call in recent] == [call["jobId"] for call in end["recent_calls"]]
    assert all(set(call) == {"jobId", "status", "phone_number", "completedAt"} for call in recent)


def test_recent_calls_are_the_last_ten_newest_first(sandbox: Sandbox) -> None:
    batch = start_batch(sandbox, ready_agent(sandbox), 60)
    recent = finished(sandbox, batch)["recent_calls"]
    ends = [call.get("completedAt", call.get("failedAt")) for call in recent]
    assert len(ends) == 10
    assert ends == sorted(ends, reverse=True)
    every = sorted((call["endTime"] for call in calls(sandbox, batch)["calls"]), reverse=True)
    assert ends == every[:10]
    for call in recent:
        names = {"jobId", "status", "phone_number"}
        if call["status"] == "completed":
            assert set(call) == names | {"completedAt", "duration"}
        else:
            assert set(call) == names | {"failedAt", "error"}


def test_calls_of_a_batch_tell_how_they_went(sandbox: Sandbox) -> None:
    batch = start_batch(sandbox, ready_agent(sandbox), 80)
    finished(sandbox, batch)
    entries = calls(sandbox, batch)["calls"]
    assert [call["phone_number"] for call in entries] == [f"+1202555{i:04}" for i in range(80)]
    assert [call["metadata"] for call in entries] == [
        {"first_name": f"Person {i}"} for i in range(80)
    ]
    reasons = set()
    for call in entries:
        assert (call["endTime"] - call["startTime"]) % 1000 == 0
        detail = sandbox.get(f"{BATCHES}/{batch}/calls/{call['jobId']}").json
        if call["status"] == "completed":
            assert call["duration"] == (call["endTime"] - call["startTime"]) / 1000
            assert "error" not in call
            result = detail.pop("result")
            assert result["outcome"] == "successful"
            assert result["metadata"] == call["metadata"]
            name = call["metadata"]["first_name"]
            assert f"Greet {name} and confirm the renewal date." in result["transcript"]
            history = sandbox.get(f"/v2/api/call-history/{result['callId']}").json
            assert history["toPhoneNumber"] == call["phone_number"]
            assert history["callId"] == result["callId"]
        else:
            assert call["status"] == "failed"
            assert "duration" not in call
            reasons.add(call["error"])
        assert detail == {name: call[name] for name in call if name != "metadata"}
    assert reasons
    assert reasons <= {"Number busy", "No answer", "Voicemail", "Number not in service"}


def test_pages_and_filters_of_the_calls(sandbox: Sandbox) -> None:
    batch = start_batch(sandbox, ready_agent(sandbox), 45)
    end = finished(sandbox, batch)
    first = calls(sandbox, batch, "")
    assert len(first["calls"]) == 20
    assert first["pagination"] == {
        "page": 1,
        "limit": 20,
        "total": 45,
        "totalPages": 3,
        "hasNext": True,
        "hasPrev": False,
    }
    summary = {"total": 45, **{name: end[name] for name in COUNTS}}
    assert first["summary"] == summary
    last = calls(sandbox, batch, "page=3")
    assert (len(last["calls"]), last["pagination"]["hasNext"]) == (5, False)
    beyond = calls(sandbox, batch, "page=9&limit=5000")
    assert (beyond["calls"], beyond["pagination"]["limit"]) == ([], 100)
    for status in COUNTS:
        filtered = calls(sandbox, batch, f"status={status}&limit=100")
        assert len(filtered["calls"]) == filtered["pagination"]["total"] == end[status]
        assert {call["status"] for call in filtered["calls"]} <= {status}
        assert filtered["summary"] == summary
    assert calls(sandbox, batch, "status=all&limit=1")["pagination"]["total"] == 45
    for query in ("page=0", "limit=0", "limit=x", "status=cancelled", "status=", "status=ALL"):
        answer = sandbox.get(f"{BATCHES}/{batch}/calls?{query}")
        assert answer.status == 400
        assert set(answer.json) == {"error", "message"}


def test_outcomes_depend_on_the_seed_alone(start_sandbox: StartSandbox) -> None:
    def outcomes(seed: str, concurrency: str) -> list[Any]:
        server = start_sandbox(
            *("--requests-per-minute", "0", "--speed", "5000"),
            *("--seed", seed, "--concurrency", concurrency),
        )
        batch = start_batch(server, ready_agent(server), 40)
        finished(server, batch)
        return [
            (call["status"], call.get("error"), call["endTime"] - call["startTime"])
            for call in calls(server, batch)["calls"]
        ]

    first = outcomes("3", "10")
    assert outcomes("3", "1") == first
    assert outcomes("4", "10") != first


def test_no_more_calls_run_at_once_than_the_concurrency(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "2000", "--concurrency", "3")
    agent = ready_agent(server)
    batches = [start_batch(server, agent, 15) for _ in range(2)]
    for batch in batches:
        finished(server, batch)
    events: list[tuple[int, int]] = []
    for batch in batches:
        for call in calls(server, batch)["calls"]:
            events += [(call["startTime"], 1), (call["endTime"], -1)]
    running, peak = 0, 0
    for _, change in sorted(events):
        running += change
        peak = max(peak, running)
    assert peak == 3


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "agentId is required"),
        ({"agentId": ""}, "agentId is required"),
        ({"agentId": "a", "scheduledAt": "tomorrow"}, "scheduledAt must be a time in UTC"),
        ({"agentId": "a", "scheduledAt": "2099-02-30T00:00:00Z"}, "scheduledAt must be a time"),
        ({"agentId": "a", "scheduledAt": "2099-01-01T00:00:00+01:00"}, "scheduledAt must be"),
        ({"agentId": "a", "scheduledAt": "2020-01-01T00:00:00Z"}, "is past"),
        ({"agentId": "a", "smartCallbackConfig": "{"}, "smartCallbackConfig must be the JSON"),
        ({"agentId": "a", "smartCallbackConfig": "[]"}, "smartCallbackConfig must be the JSON"),
        ({"agentId": "a", "smartCallbackConfig": '{"enabled": 1}'}, "enabled must be true"),
        ({"agentId": "a", "smartCallbackConfig": '{"maxAttempts": 0}'}, "maxAttempts must be"),
        ({"agentId": "a", "smartCallbackConfig": '{"gaps": [{"days": -1}]}'}, "gaps[0].days"),
    ],
)
def test_a_wrong_field_is_400(sandbox: Sandbox, fields: dict[str, str], problem: str) -> None:
    answer = sandbox.upload(BATCHES, contacts(1), **fields)
    assert answer.status == 400
    assert answer.json["error"] == "Invalid request"
    assert problem in answer.json["message"]


def test_bad_rows_refuse_the_whole_file(sandbox: Sandbox) -> None:
    csv = contacts(2) + "555,Bad\n556,Bad\n"
    answer = sandbox.upload(BATCHES, csv, agentId=ready_agent(sandbox))
    assert answer.status == 400
    assert answer.json == {
        "error": "Invalid file",
        "message": 'Row 3: Invalid phone number "555", and 1 more rows are wrong',
    }


def test_the_agent_must_exist_and_be_able_to_call(sandbox: Sandbox) -> None:
    unknown = sandbox.upload(BATCHES, contacts(1), agentId="no-agent")
    assert unknown.status == 404
    assert (unknown.json["error"], unknown.json["id"]) == ("Agent not found", "no-agent")
    without_number = sandbox.upload(BATCHES, contacts(1), agentId=new_agent(sandbox)["_id"])
    assert without_number.status == 400
    assert without_number.json == {
        "error": "Invalid configuration",
        "message": "Agent has no phone number configured",
    }
    without_flow = sandbox.upload(
        BATCHES, contacts(1), agentId=ready_agent(sandbox, {"isActive": False})
    )
    assert without_flow.json["message"] == "Agent has no active flow configured"


@pytest.mark.parametrize("batch", ["batch_1", "batch_9999999", "batch_01", "batch_x", "x", "%20"])
def test_an_unknown_batch_is_404(sandbox: Sandbox, batch: str) -> None:
    path = f"{BATCHES}/{batch}"
    for answer in (
        sandbox.get(path),
        sandbox.get(path + "/status"),
        sandbox.get(path + "/calls"),
        sandbox.delete(path),
    ):
        assert answer.status == 404
        assert answer.json["error"] == "Batch not found"
        assert set(answer.json) == {"error", "message", "id"}
    call = sandbox.get(path + "/calls/call_1")
    assert (call.status, call.json) == (404, {"status": "not_found", "error": "Call not found"})


def test_a_call_is_found_in_its_own_batch_only(sandbox: Sandbox) -> None:
    agent = ready_agent(sandbox)
    batch, other = start_batch(sandbox, agent, 1), start_batch(sandbox, agent, 1)
    (call,) = calls(sandbox, other)["calls"]
    assert sandbox.get(f"{BATCHES}/{other}/calls/{call['jobId']}").status == 200
    for job in (call["jobId"], "call_0", "call_x", "1"):
        answer = sandbox.get(f"{BATCHES}/{batch}/calls/{job}")
        assert answer.status == 404
        assert answer.json == {"status": "not_found", "error": "Call not found"}


def test_cancelling_drops_waiting_calls_and_lets_active_ones_end(
    start_sandbox: StartSandbox,
) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--paused", "--concurrency", "2")
    batch = start_batch(server, ready_agent(server), 10)
    server.steer(advanceMs=150_000)
    assert progress(server, batch)["active"] == 2
    answer = server.delete(f"{BATCHES}/{batch}")
    assert answer.status == 200
    cancelled = answer.json
    details = cancelled["details"]
    assert cancelled == {
        "batchId": batch,
        "status": "cancelled",
        "message": "Batch cancelled successfully",
        "details": details,
    }
    ended = details["completedCalls"] + details["failedCalls"]
    assert ended + details["cancelledCalls"] == details["totalCalls"] == 10
    state = progress(server, batch)
    assert (state["status"], state["isComplete"], state["waiting"]) == ("cancelled", True, 0)
    assert server.delete(f"{BATCHES}/{batch}").json == cancelled
    server.steer(advanceMs=3_600_000)
    end = progress(server, batch)
    assert end["active"] == 0
    assert end["completed"] + end["failed"] == ended + 2
    entries = calls(server, batch)
    dropped = [call for call in entries["calls"] if call["status"] == "cancelled"]
    assert len(dropped) == 8 - ended
    assert all("startTime" not in call for call in dropped)
    assert entries["pagination"]["total"] == entries["summary"]["total"] == 10
    made = server.get(f"/v2/api/call-history?batchId={batch}&limit=100").json
    assert len(made) == ended + 2
    assert server.delete(f"{BATCHES}/{batch}").json == cancelled


def test_a_batch_that_has_ended_cannot_be_cancelled(sandbox: Sandbox) -> None:
    batch = start_batch(sandbox, ready_agent(sandbox), 10)
    status = finished(sandbox, batch)["status"]
    answer = sandbox.delete(f"{BATCHES}/{batch}")
    assert answer.status == 400
    assert answer.json == {
        "error": "Batch cannot be cancelled",
        "message": f"Batch {batch} is already {status}",
        "id": batch,
    }


def test_a_scheduled_batch_waits_for_its_time(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "600")
    agent = ready_agent(server)
    now = datetime.fromisoformat(server.get("/healthz").json["time"].replace("Z", "+00:00"))
    later = (now + timedelta(minutes=30)).replace(microsecond=0)
    scheduled = later.strftime("%Y-%m-%dT%H:%M:%SZ")
    batch = start_batch(server, agent, 3, scheduledAt=scheduled)
    state = progress(server, batch)
    assert (state["status"], state["startTime"], state["waiting"]) == ("queued", None, 3)
    assert finished(server, batch)["startTime"] == later.timestamp() * 1000


@pytest.mark.parametrize("by_agent", [False, True])
def test_smart_callback_dials_again_after_the_gaps(
    start_sandbox: StartSandbox, by_agent: bool
) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "50000")
    gaps = [{"days": 0, "hours": 1}, {"days": 0, "hours": 2}]
    agent = ready_agent(server)
    fields = {}
    if by_agent:
        own = {
            "smartCallback": True,
            "maxAttemptsForSmartCallback": 3,
            "gapBetweenEachAttemptForSmartCallback": gaps,
        }
        assert server.send_json("PATCH", f"/api/v1/agents/{agent}", own).status == 200
    else:
        config = {"enabled": True, "maxAttempts": 3, "gaps": gaps}
        fields["smartCallbackConfig"] = json.dumps(config)
    batch = start_batch(server, agent, 90, **fields)
    finished(server, batch)
    history: dict[str, list[Any]] = {}
    for call in server.get(f"/v2/api/call-history?batchId={batch}&limit=100").json:
        history.setdefault(call["toPhoneNumber"], []).insert(0, call)
    redialled = {number: made for number, made in history.items() if len(made) > 1}
    assert redialled
    for made in redialled.values():
        assert len(made) <= 3
        assert all(call["status"] != "completed" for call in made[:-1])
        for index, call in enumerate(made[1:]):
            wait = call["timestamp"] - made[index]["timestamp"] - made[index]["duration"]
            assert wait == pytest.approx(3600 * (index + 1), abs=600)


def test_without_smart_callback_nobody_is_dialled_twice(sandbox: Sandbox) -> None:
    agent = ready_agent(sandbox)
    sandbox.send_json("PATCH", f"/api/v1/agents/{agent}", {"smartCallback": True})
    config = json.dumps({"enabled": False})
    batch = start_batch(sandbox, agent, 100, smartCallbackConfig=config)
    finished(sandbox, batch)
    made = sandbox.get(f"/v2/api/call-history?batchId={batch}&limit=100").json
    assert len({call["toPhoneNumber"] for call in made}) == len(made) == 100


def test_a_batch_is_dialled_as_it_was_when_it_started(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "300", "--concurrency", "1")
    agent = ready_agent(server)
    batch = start_batch(server, agent, 5)
    assert server.delete(f"/api/v1/agents/{agent}").status == 200
    assert finished(server, batch)["total"] == 5


def test_a_normalised_number_is_dialled(sandbox: Sandbox) -> None:
    csv = "first_name,phone_number\nAda,+1 (202) 555-01.64\n"
    answer = sandbox.upload(BATCHES, csv, agentId=ready_agent(sandbox))
    (call,) = calls(sandbox, answer.json["batchId"])["calls"]
    assert call["phone_number"] == "+12025550164"
    assert call["metadata"] == {"first_name": "Ada"}
