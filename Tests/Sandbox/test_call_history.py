"""The call history, with the members and filters that the service documents."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from conftest import StartSandbox
from sandbox import OTHER_KEY, OTHER_WORKSPACE, UNKNOWN_ID, Sandbox, ready_agent, start_batch

HISTORY = "/v2/api/call-history"
SEND = "/api/v1/calls/call"
ANSWERED = "+15005550000"
BUSY = "+15005550001"
SILENT = "+15005550002"
VOICEMAIL = "+15005550003"
LISTED = {
    *("_id", "timestamp", "callId", "fromPhoneNumber", "toPhoneNumber", "direction", "duration"),
    *("agent", "status", "callFlowName", "cost", "recordingUrl", "summary", "analyzedData"),
    *("variables", "transcript"),
}
WHOLE = {
    *("workspaceId", "agentId", "callFlowId", "roomName", "startTime", "endTime", "metadata"),
    *("functionCalls", "createdAt", "updatedAt"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    """A server whose time stands still."""
    server = Sandbox(
        *("--requests-per-minute", "0", "--paused"),
        *("--account", f"{OTHER_KEY}:{OTHER_WORKSPACE}"),
    )
    yield server
    server.stop()


def place(server: Sandbox, agent: str, number: str = ANSWERED, **fields: object) -> Any:
    answer = server.post(SEND, {"agentId": agent, "toNumber": number, **fields})
    assert answer.status == 200, answer.body
    return answer.json


def listed(server: Sandbox, **query: object) -> list[dict[str, Any]]:
    texts = {
        name: value if isinstance(value, (str, int)) else json.dumps(value)
        for name, value in query.items()
    }
    answer = server.get(f"{HISTORY}?{urlencode(texts)}")
    assert answer.status == 200, answer.body
    calls: list[dict[str, Any]] = answer.json
    return calls


def ids(calls: list[dict[str, Any]]) -> list[str]:
    return [call["callId"] for call in calls]


def test_a_call_that_has_ended_has_every_documented_member(server: Sandbox) -> None:
    agent = ready_agent(server)
    sent = place(server, agent, dynamicVariables={"first_name": "Ada"}, metadata={"order": "1001"})
    start = server.get("/sandbox/clock").json["now"] / 1000
    server.steer(advanceMs=60_000)
    (call,) = listed(server, agentId=agent)
    assert set(call) == LISTED
    assert re.fullmatch("[0-9a-f]{24}", call["_id"])
    assert call == {
        "_id": call["_id"],
        "timestamp": start,
        "callId": sent["callId"],
        "fromPhoneNumber": sent["fromNumber"],
        "toPhoneNumber": ANSWERED,
        "direction": "outbound",
        "duration": 35,
        "agent": agent,
        "status": "completed",
        "callFlowName": "Renewal reminder",
        "cost": 0.06,
        "recordingUrl": f"{server.ready['url']}/v2/api/recordings/{call['_id']}",
        "summary": "The agent talked for 30 seconds.",
        "analyzedData": {"answered_by_voicemail": False},
        "variables": {"first_name": "Ada"},
        "transcript": call["transcript"],
    }
    assert [line["role"] for line in call["transcript"]] == [
        *("assistant", "user", "assistant", "user", "assistant")
    ]
    assert call["transcript"][2]["content"] == "Greet Ada and confirm the renewal date."
    moments = [line["timestamp"] for line in call["transcript"]]
    assert moments == sorted(moments)
    assert start + 5 <= moments[0] <= moments[-1] <= start + 35
    whole = server.get(f"{HISTORY}/{call['_id']}").json
    assert set(whole) == LISTED | WHOLE
    assert whole["cost"] == {"customer_charge": 0.06}
    assert (whole["startTime"], whole["endTime"]) == (start, start + 35)
    assert (whole["agentId"], whole["roomName"]) == (agent, sent["roomName"])
    assert (whole["metadata"], whole["functionCalls"]) == ({"order": "1001"}, [])
    assert whole["workspaceId"] == "sandbox-workspace"


def test_a_call_under_way_shows_its_state_and_not_its_end(server: Sandbox) -> None:
    agent = ready_agent(server)
    place(server, agent)
    for wait, status in ((0, "queued"), (1_000, "ringing"), (4_000, "in-progress")):
        server.steer(advanceMs=wait)
        (call,) = listed(server, agentId=agent)
        assert (call["status"], call["transcript"]) == (status, [])
        whole = server.get(f"{HISTORY}/{call['_id']}").json
        ends = {"duration", "summary", "analyzedData", "recordingUrl", "endTime"}
        assert not ends & (set(call) | set(whole))


@pytest.mark.parametrize(
    ("number", "status", "summary"),
    [
        (BUSY, "busy", "Number busy"),
        (SILENT, "no-answer", "No answer"),
        (VOICEMAIL, "failed", "Voicemail"),
        ("+15005550004", "failed", "Number not in service"),
        ("+15005550006", "no-answer", "Call declined"),
        ("+15005550810", "failed", "Call dropped"),
    ],
)
def test_a_call_that_failed_says_why(
    server: Sandbox, number: str, status: str, summary: str
) -> None:
    agent = ready_agent(server)
    sent = place(server, agent, number)
    server.steer(advanceMs=100_000)
    (call,) = listed(server, agentId=agent, status=status)
    assert (call["callId"], call["summary"]) == (sent["callId"], summary)
    assert call["analyzedData"] == {"answered_by_voicemail": number == VOICEMAIL}


def test_a_record_is_found_by_its_id_and_by_those_of_the_call(server: Sandbox) -> None:
    sent = place(server, ready_agent(server))
    record = listed(server, limit=1)[0]["_id"]
    for name in (record, sent["callId"], sent["roomName"]):
        assert server.get(f"{HISTORY}/{name}").json["_id"] == record
    for name in (UNKNOWN_ID, "f" * 24, f"0{record[1:]}", f"x-{sent['callId']}", record.upper()):
        assert server.get(f"{HISTORY}/{name}").status == 404
    others = {"x-api-key": OTHER_KEY, "x-workspace-id": OTHER_WORKSPACE}
    assert server.request("GET", f"{HISTORY}/{record}", headers=others).status == 404
    assert server.request("GET", HISTORY, headers=others).json == []


def test_the_older_address_answers_the_same(server: Sandbox) -> None:
    place(server, ready_agent(server))
    old = "/v1/api/call-history"
    calls = server.get(f"{old}?limit=3").json
    assert calls == server.get(f"{HISTORY}?limit=3").json
    assert server.get(f"{old}/{calls[0]['_id']}").json["_id"] == calls[0]["_id"]


def test_every_filter_selects_what_it_names(server: Sandbox) -> None:
    agent, other = ready_agent(server), ready_agent(server)
    first = place(server, agent, dynamicVariables={"first_name": "Zebulon"})
    server.steer(advanceMs=86_400_000)
    second = place(server, agent, VOICEMAIL)
    server.steer(advanceMs=60_000)
    third = place(server, other)
    known = [call["callId"] for call in (third, second, first)]
    newest = listed(server, limit=3)
    assert ids(newest) == known
    flow = server.get(f"{HISTORY}/{newest[1]['_id']}").json["callFlowId"]
    day = [{"from": newest[index]["timestamp"]} for index in (1, 2)]
    for query, expected in (
        ({"agentId": agent}, known[1:]),
        ({"agentId": UNKNOWN_ID}, []),
        ({"pathwayId": flow}, known[1:]),
        ({"callIds": known[:2]}, known[:2]),
        ({"callIds": [newest[2]["_id"]]}, known[2:]),
        ({"callIds": []}, []),
        ({"search": "zebulon"}, known[2:]),
        ({"agentId": agent, "direction": "outbound", "callType": "sip"}, known[1:]),
        ({"agentId": agent, "direction": "inbound"}, []),
        ({"agentId": agent, "callType": "web"}, []),
        ({"agentId": agent, "dateRange": day[0]}, known[1:2]),
        ({"agentId": agent, "dateRange": day[1]}, known[1:]),
        ({"agentId": agent, "dateRange": {"to": newest[2]["timestamp"]}}, known[2:]),
        ({"agentId": agent, "dateRange": {"from": "2200-01-01", "to": "2200-01-02"}}, []),
        ({"agentId": agent, "postAnalysis": {"answered_by_voicemail": True}}, known[1:2]),
        ({"agentId": agent, "postAnalysis": {"answered_by_voicemail": False}}, known[2:]),
        ({"agentId": agent, "postAnalysis": {"mood": "good"}}, []),
        ({"agentId": agent, "limit": 1, "page": 2}, known[2:]),
    ):
        assert ids(listed(server, **query)) == expected, query


def test_a_date_without_a_time_means_that_whole_day(server: Sandbox) -> None:
    server.steer(jumpTo="2090-05-06T23:59:59Z")
    agent = ready_agent(server)
    place(server, agent)
    for span, count in (
        (("2090-05-06", "2090-05-06"), 1),
        (("2090-05-07", "2090-05-07"), 0),
        (("2090-05-06T23:59:59Z", "2090-05-06T23:59:59.999Z"), 1),
    ):
        span_query = {"from": span[0], "to": span[1]}
        assert len(listed(server, agentId=agent, dateRange=span_query)) == count


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ("status=lost", "status"),
        ("direction=sideways", "direction"),
        ("callType=fax", "callType"),
        ("callIds=abc", "callIds"),
        ("callIds=[1]", "callIds"),
        ("dateRange=[]", "dateRange"),
        ('dateRange={"from":"soon"}', "dateRange.from"),
        ('dateRange={"to":true}', "dateRange.to"),
        ("postAnalysis=1", "postAnalysis"),
        ("page=0", "page"),
        ("limit=none", "limit"),
    ],
)
def test_a_filter_that_cannot_be_used_is_400_and_named(
    server: Sandbox, query: str, member: str
) -> None:
    answer = server.get(f"{HISTORY}?{quote(query, safe='=')}")
    assert (answer.status, answer.json["error"]) == (400, "Invalid request")
    assert answer.json["details"].startswith(member)


def test_the_calls_of_a_batch_are_found_by_the_batch(server: Sandbox) -> None:
    batch = start_batch(server, ready_agent(server), 5)
    server.steer(advanceMs=3_600_000)
    calls = listed(server, batchId=batch, limit=100)
    assert {call["toPhoneNumber"] for call in calls} == {f"+120255500{n:02}" for n in range(5)}
    assert {call["variables"]["first_name"] for call in calls} == {f"Person {n}" for n in range(5)}
    assert listed(server, batchId="batch_1") == []


def test_ten_thousand_calls_are_looked_through_quickly(start_sandbox: StartSandbox) -> None:
    server = start_sandbox(*("--requests-per-minute", "0", "--paused", "--concurrency", "10000"))
    batch = start_batch(server, ready_agent(server), 9_999)
    server.steer()
    agent = ready_agent(server)
    sent = place(server, agent)
    begun = time.monotonic()
    assert ids(listed(server, agentId=agent, limit=100)) == [sent["callId"]]
    assert ids(listed(server, limit=1)) == [sent["callId"]]
    now = server.get("/sandbox/clock").json["now"] / 1000
    seen: set[str] = set()
    for page in range(1, 101):
        calls = listed(server, limit=100, page=page, dateRange={"from": now - 1})
        seen.update(ids(calls))
    assert len(seen) == 10_000
    assert len(listed(server, batchId=batch, limit=100, page=100)) == 99
    # A hundred and four pages, on a machine that has other things to do.
    assert time.monotonic() - begun < 20


def test_the_export_has_a_line_for_every_call(server: Sandbox) -> None:
    agent = ready_agent(server, {"prompt": 'Say "yes", please.'})
    sent = [place(server, agent), place(server, agent, BUSY)]
    server.steer(advanceMs=60_000)
    place(server, agent)
    order = {"agentId": agent, "includeTranscripts": True, "includePostAnalysis": True}
    answer = server.post(f"{HISTORY}/export-csv", order)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert [row["Call ID"] for row in rows[1:]] == [call["callId"] for call in sent[::-1]]
    talk, busy, running = rows[2], rows[1], rows[0]
    assert (talk["Status"], talk["Duration (s)"], talk["Cost"]) == ("completed", "35", "0.06")
    assert (talk["Agent Name"], talk["Call Flow Name"]) == ("Front Desk", "Renewal reminder")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", talk["End Time (UTC)"])
    assert 'Say "yes", please.' in talk["Transcript"]
    assert json.loads(talk["Analyzed Data (JSON)"]) == {"answered_by_voicemail": False}
    assert (busy["Summary"], busy["Recording Link"]) == ("Number busy", "")
    assert (running["End Time (UTC)"], running["Transcript"]) == ("", "")
    short = server.post(f"{HISTORY}/export-csv", {"agentId": agent, "limit": 1}).body.decode()
    assert len(short.splitlines()) == 2
    assert "Transcript" not in short
    assert server.post(f"{HISTORY}/export-csv", {"limit": 0}).status == 400
