"""Following one call to its end, by whatever it is known."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest

import native
from call_history import (
    AGENT,
    EMPTY,
    NUMBER,
    QUICK,
    History,
    by_number,
    follow,
    record,
    stages,
)
from list_doors import ListClient
from recording_server import RecordingServer, answer, close_without_answer, json_answer, reset

SENT = {"status": "success", "callId": "call_1", "roomName": "room_1", "toNumber": NUMBER}


def test_a_call_is_followed_from_the_send_to_its_end(
    server: RecordingServer, client: ListClient
) -> None:
    whole = record(status="completed", duration=31, transcript=[{"role": "user", "content": "Hi"}])
    history = stages(
        [], [record(status="queued")], [record(status="in-progress")], [whole, record(2)]
    )
    ended, reports = follow(server, client, history, SENT)
    assert ended["ok"], ended
    assert ended["meta"]["operation"] == "calls.wait"
    data = ended["data"]
    assert data.pop("elapsedMs") >= 0
    assert data == {
        "state": "ended",
        "callId": "call_1",
        "outcome": "completed",
        "matchedBy": "callId",
        "record": whole,
        "faults": 0,
        "looks": 4,
        "endedBy": "calls",
    }
    assert [report["state"] for report in reports] == ["not_listed", "ringing", "talking", "ended"]
    assert [change["state"] for report in reports for change in report["changes"]] == [
        "ringing",
        "talking",
        "ended",
    ]


@pytest.mark.parametrize(
    "request_",
    [
        SENT,
        {"data": SENT, "ok": True, "status": 200, "meta": {"callId": "call_1"}},
        {"status": "success", "call_id": "call_1", "message": "Call initiated"},
        {"callId": "call_1"},
        {"calls": ["call_1"]},
        {"calls": [{"call_id": "call_1"}]},
    ],
)
def test_a_call_is_named_in_each_form_that_a_send_answers(
    server: RecordingServer, client: ListClient, request_: Any
) -> None:
    ended, _ = follow(server, client, History(record()), request_)
    call = ended["data"]["calls"][0] if "calls" in request_ else ended["data"]
    assert (call["state"], call["matchedBy"]) == ("ended", "callId")


@pytest.mark.parametrize(
    ("told", "matched"),
    [
        (record(callId="call_1"), "callId"),
        (record(callId="other", roomName="room_1"), "roomName"),
        (record(callId="room_1"), "roomName"),
        (record(callId=None, _id="call_1"), "callId"),
    ],
)
def test_a_record_is_the_calls_by_id_or_by_room(
    server: RecordingServer, client: ListClient, told: dict[str, Any], matched: str
) -> None:
    history = History(told)
    history.filters = ["callId", "_id", "roomName"]
    ended, _ = follow(server, client, history, SENT)
    assert (ended["data"]["matchedBy"], ended["data"]["record"]) == (matched, told)


def test_a_call_without_an_id_is_known_by_agent_number_and_time(
    server: RecordingServer, client: ListClient
) -> None:
    now = time.time()
    others = [
        record(2, toPhoneNumber="+12025550165"),
        record(3, agent=AGENT[::-1]),
        record(6, agent={"_id": "agent_2", "name": "Night Desk"}),
        record(7, agentId="agent_3"),
        record(4, timestamp=now - 3600),
        record(5, direction="inbound"),
    ]
    ended, _ = follow(server, client, History(record(), *others), by_number(now))
    data = ended["data"]
    assert (data["state"], data["matchedBy"], data["callId"]) == (
        "ended",
        "agentNumberTime",
        "call_1",
    )


@pytest.mark.parametrize("form", ["iso", "seconds", "milliseconds"])
def test_its_time_is_written_in_each_form(
    server: RecordingServer, client: ListClient, form: str
) -> None:
    now = time.time()
    forms = {
        "iso": datetime.fromtimestamp(now, timezone.utc).isoformat().replace("+00:00", "Z"),
        "seconds": int(now),
        "milliseconds": int(now * 1000),
    }
    ended, _ = follow(server, client, History(record()), by_number(time=forms[form]))
    assert ended["data"]["state"] == "ended"


@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize(
    "other",
    [
        {"timestamp": None},
        {"timestamp": "soon"},
        {"callId": None, "_id": None},
        {"agent": "Front Desk"},
        {"seconds_before": 10},
    ],
)
def test_a_call_that_may_be_another_is_never_called_the_call(
    server: RecordingServer, client: ListClient, other: dict[str, Any], is_listed: bool
) -> None:
    now = time.time()
    members = dict(other)
    at = now - members.pop("seconds_before", 0)
    told = record(2, **{"timestamp": at, **members})
    history = History(*([record(timestamp=now)] if is_listed else []), told)
    ended, _ = follow(server, client, history, by_number(now))
    assert ended["data"]["state"] == "ambiguous"


def test_of_two_calls_neither_is_called_the_call(
    server: RecordingServer, client: ListClient
) -> None:
    now = time.time()
    history = History(record(2, timestamp=now + 5), record(timestamp=now))
    ended, _ = follow(server, client, history, by_number(now))
    assert ended["data"]["state"] == "ambiguous"


def test_a_second_call_that_is_listed_late_is_waited_for(
    server: RecordingServer, client: ListClient
) -> None:
    history = stages(*[[record()]] * 4, [record(2), record()])
    ended, _ = follow(server, client, history, {**by_number(), "settleMs": 2000})
    assert ended["data"]["state"] == "ambiguous"


@pytest.mark.parametrize(
    ("told", "state", "outcome"),
    [
        (record(status="completed"), "ended", "completed"),
        (record(status="busy"), "ended", "busy"),
        (record(status="no-answer"), "ended", "no_answer"),
        (record(status="NO_ANSWER"), "ended", "no_answer"),
        (record(status="canceled"), "ended", "cancelled"),
        (record(status="failed"), "ended", "failed"),
        (record(status="voicemail"), "ended", "voicemail"),
        (record(status="left-a-message", duration=12), "ended", "left-a-message"),
        (record(status="in-progress", endTime=1932109391), "ended", "in-progress"),
        (record(status=None, endTime=1932109391), "ended", None),
        (record(status="queued"), "ringing", None),
        (record(status="dialing"), "ringing", None),
        (record(status="in_progress", duration=3), "talking", None),
        (record(status="transferring"), "talking", None),
        (record(status=7), "talking", None),
    ],
)
def test_each_word_of_the_service_says_how_a_call_stands(
    server: RecordingServer,
    client: ListClient,
    told: dict[str, Any],
    state: str,
    outcome: str | None,
) -> None:
    server.respond = History(told)
    stop = {"callId": "call_1", **QUICK}
    ended = client.wait_for_calls(stop, lambda _: True)
    data = ended["data"]
    assert (data["state"], data["outcome"]) == (state, outcome)
    assert data["endedBy"] == ("calls" if state == "ended" else "progress")


def test_faults_that_pass_are_ridden_out(server: RecordingServer, client: ListClient) -> None:
    history = stages(
        [record(status="ringing")],
        answer(500, "{}", {"Content-Type": "application/json"}),
        answer(502, "<html>", {"Content-Type": "text/html"}),
        EMPTY,
        close_without_answer(),
        reset(),
        answer(200, "<html>", {"Content-Type": "text/html"}),
        json_answer({"status": "success"}),
        json_answer([1, 2]),
        json_answer({"error": {"code": "rate_limit_exceeded", "message": "slow down"}}, 429),
        [record()],
    )
    ended, reports = follow(server, client, history, SENT)
    assert ended["data"]["state"] == "ended"
    assert ended["data"]["faults"] == 8
    assert "unreachable" in {report["state"] for report in reports}


def test_a_call_that_the_history_never_has_is_lost(
    server: RecordingServer, client: ListClient
) -> None:
    for history in (History(), History(record(2)), stages(EMPTY)):
        ended, _ = follow(server, client, history, {**SENT, "lostMs": 200})
        assert (ended["data"]["state"], ended["data"]["record"]) == ("lost", None)


def test_a_call_that_leaves_the_history_is_lost_with_its_last_record(
    server: RecordingServer, client: ListClient
) -> None:
    told = record(status="in-progress")
    ended, _ = follow(server, client, stages([told], []), {**SENT, "lostMs": 200})
    assert (ended["data"]["state"], ended["data"]["record"]) == ("lost", told)


def test_at_the_deadline_the_error_tells_how_the_call_stood(
    server: RecordingServer, client: ListClient
) -> None:
    told = record(status="in-progress")
    ended, _ = follow(server, client, History(told), {**SENT, "deadlineMs": 300})
    error = ended["error"]
    assert error["type"] == "timeout"
    assert "The call has not ended within 300 ms" in error["message"]
    assert (error["body"]["state"], error["body"]["record"]) == ("talking", told)


def test_a_permanent_error_tells_how_the_call_stood(
    server: RecordingServer, client: ListClient
) -> None:
    history = stages([record(status="ringing")], json_answer({"error": "no"}, 401))
    ended, _ = follow(server, client, history, SENT)
    assert ended["error"]["type"] == "authentication"
    assert ended["error"]["body"]["state"] == "ringing"


def test_progress_ends_the_wait(server: RecordingServer, client: ListClient) -> None:
    server.respond = History(record(status="ringing"))
    ended = client.wait_for_calls({**SENT, **QUICK}, lambda _: True)
    assert (ended["data"]["endedBy"], ended["data"]["state"]) == ("progress", "ringing")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({}, "names no call"),
        ({"agentId": AGENT, "toNumber": NUMBER}, "names no call"),
        ({"agentId": AGENT, "toNumber": NUMBER, "time": "yesterday"}, "names no call"),
        ({"callId": ""}, "names no call"),
        ({"calls": [{}]}, "calls[0] names no call"),
        ({"calls": ["a", 1.5, None]}, "calls[2] names no call"),
        ({"calls": "call_1"}, "'calls' must be an array"),
        ({"callId": "a", "deadlineMS": 5}, "There is no field 'deadlineMS'"),
        ({"callId": "a", "minIntervalMs": 9, "maxIntervalMs": 5}, "'minIntervalMs'"),
        ({"callId": "a", "lostMs": -1}, "'lostMs'"),
    ],
)
def test_a_mistake_in_the_request_is_named(
    client: ListClient, request_: dict[str, Any], words: str
) -> None:
    refused = client.wait_for_calls(request_)
    assert refused["error"]["type"] == "invalid_argument"
    assert words in refused["error"]["message"]


@pytest.mark.parametrize("number", [2**63 - 1, 253_402_300_799_999, 2**64, -1, 1e300, 0, ""])
def test_numbers_beyond_all_time_are_no_times(
    server: RecordingServer, client: ListClient, number: object
) -> None:
    server.respond = History(
        record(timestamp=number, duration=number, endTime=number), {}, {"_id": 7}
    )
    short = {"deadlineMs": 200, "lostMs": 100}
    for request in ({"calls": ["call_1", by_number()]}, {**by_number(), "time": number}):
        answered = client.wait_for_calls({**QUICK, **short, **request})
        assert answered["ok"] or answered["error"]["type"] in ("invalid_argument", "timeout")
    found = client.find_call({**by_number(), **QUICK, **short, "since": number})
    assert found["ok"] or found["error"]["type"] == "invalid_argument"


def test_without_a_client_it_is_refused() -> None:
    refused = native.answer("trillet_calls_wait", None, b"{}", None, None, None)
    assert refused["error"]["type"] == "invalid_argument"
