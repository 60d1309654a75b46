"""Whether the phone rang: what is said after an answer was lost, and how sure it is."""

from __future__ import annotations

import time
from typing import Any

import pytest

from call_history import AGENT, EMPTY, NUMBER, QUICK, History, record, stages
from list_doors import ListClient
from recording_server import (
    RecordingServer,
    Reply,
    Request,
    answer,
    close_without_answer,
    json_answer,
)


def asked(**others: Any) -> dict[str, Any]:
    since = int(time.time() * 1000)
    return {"agentId": AGENT, "toNumber": NUMBER, "since": since, **QUICK, **others}


def find(
    server: RecordingServer, client: ListClient, history: History, **others: Any
) -> dict[str, Any]:
    server.respond = history
    found = client.find_call(asked(**others))
    assert found["ok"], found
    assert found["meta"]["operation"] == "calls.find"
    data: dict[str, Any] = found["data"]
    return data


def old(number: int) -> dict[str, Any]:
    return record(number, timestamp=time.time() - 600)


def test_a_call_that_was_made_is_found(server: RecordingServer, client: ListClient) -> None:
    told = record(status="ringing")
    data = find(server, client, History(told, old(2)))
    assert (data["found"], data["reason"], data["record"]) == ("yes", None, told)
    assert (data["state"], data["callId"], data["matchedBy"]) == (
        "ringing",
        "call_1",
        "agentNumberTime",
    )


@pytest.mark.parametrize(
    "others",
    [
        [],
        [{"toPhoneNumber": "+12025550165"}],
        [{"agent": AGENT[::-1]}],
        [{"direction": "inbound"}],
        [{"timestamp": 1732109360}],
    ],
)
def test_no_is_said_when_the_whole_history_has_no_such_call(
    server: RecordingServer, client: ListClient, others: list[dict[str, Any]]
) -> None:
    history = History(*(record(2, **members) for members in others))
    assert find(server, client, history)["found"] == "no"


def test_no_waits_until_a_call_would_be_listed(server: RecordingServer, client: ListClient) -> None:
    started = time.monotonic()
    data = find(server, client, History(old(1), old(2)), settleMs=700)
    assert data["found"] == "no"
    assert time.monotonic() - started >= 0.7
    assert data["looks"] == 2


def test_a_call_that_is_listed_late_is_found(server: RecordingServer, client: ListClient) -> None:
    history = stages([], [record()])
    assert find(server, client, history, settleMs=300)["found"] == "yes"


@pytest.mark.parametrize(
    "others",
    [
        [{"_id": "record_2", "callId": "call_2"}, {}],
        [{"timestamp": None}],
        [{"timestamp": "soon"}],
        [{"toPhoneNumber": None}],
        [{"agent": "Front Desk"}],
        [{"agent": None}],
        [{"callId": None, "_id": None}],
        [{"seconds_before": 10}],
    ],
)
def test_what_may_be_another_call_is_unknown(
    server: RecordingServer, client: ListClient, others: list[dict[str, Any]]
) -> None:
    now = time.time()
    told = []
    for other in others:
        members = dict(other)
        at = now - members.pop("seconds_before", 0)
        told.append(record(**{"timestamp": at, **members}))
    data = find(server, client, History(*told), since=int(now * 1000))
    assert (data["found"], data["reason"]) == ("unknown", "ambiguous")


def test_one_call_that_is_on_two_pages_is_one(server: RecordingServer, client: ListClient) -> None:
    told = record()
    fill = [record(n, toPhoneNumber="+12025550165") for n in range(10, 108)]
    history = History(told, *fill, record(9, toPhoneNumber="+12025550165"), told, old(2), old(3))
    assert find(server, client, history)["found"] == "yes"


@pytest.mark.parametrize(
    "fault",
    [
        answer(500, "{}", {"Content-Type": "application/json"}),
        EMPTY,
        answer(200, "<html>", {"Content-Type": "text/html"}),
        json_answer({"status": "success"}),
        json_answer([7]),
        close_without_answer(),
    ],
)
def test_a_history_that_cannot_be_read_says_nothing(
    server: RecordingServer, client: ListClient, fault: Reply
) -> None:
    data = find(server, client, stages(fault), deadlineMs=400)
    assert (data["found"], data["reason"]) == ("unknown", "unreadable")


def test_faults_on_the_way_do_not_change_the_answer(
    server: RecordingServer, client: ListClient
) -> None:
    history = stages(EMPTY, close_without_answer(), [], EMPTY, [record()])
    data = find(server, client, history, settleMs=200)
    assert (data["found"], data["faults"]) == ("yes", 3)


def test_a_page_that_fails_is_read_before_no_is_said(
    server: RecordingServer, client: ListClient
) -> None:
    others = [record(n, toPhoneNumber="+12025550165") for n in range(10, 250)]
    history = History(*others, record(1))
    history.before = lambda count, _: EMPTY if count in (2, 4) else None
    assert find(server, client, history)["found"] == "yes"


def test_a_history_that_repeats_its_page_does_not_cover_the_time(
    server: RecordingServer, client: ListClient
) -> None:
    page = [record(n, toPhoneNumber="+12025550165") for n in range(10, 110)]
    history = History()
    history.before = lambda *_: json_answer(page)
    data = find(server, client, history)
    assert (data["found"], data["reason"]) == ("unknown", "uncovered")


def test_a_short_page_is_not_taken_for_the_last(
    server: RecordingServer, client: ListClient
) -> None:
    history = History(*(record(n, toPhoneNumber="+12025550165") for n in range(10, 15)), record())
    history.most = 2
    assert find(server, client, history)["found"] == "yes"


def test_a_history_in_another_order_is_read_whole(
    server: RecordingServer, client: ListClient
) -> None:
    history = History(*(old(n) for n in range(10, 230)), record())
    for place in range(220):
        history.records[place]["timestamp"] += place * 0.01
    assert find(server, client, history)["found"] == "yes"


def test_a_permanent_error_is_one(server: RecordingServer, client: ListClient) -> None:
    server.respond = stages(json_answer({"error": "no"}, 401))
    assert client.find_call(asked())["error"]["type"] == "authentication"


def test_a_mistake_in_the_request_is_named(client: ListClient) -> None:
    requests: list[dict[str, Any]] = [{}, {"agentId": AGENT}, {"calls": []}]
    for request in (*requests, asked(since=None), asked(toNumber="x")):
        error = client.find_call(request)["error"]
        assert (error["type"], "error.find" in error["message"]) == ("invalid_argument", True)


@pytest.mark.parametrize("routes", ["overview", "published"])
@pytest.mark.parametrize("is_made", [True, False])
def test_the_error_of_a_lost_send_is_all_that_it_needs(
    server: RecordingServer, routes: str, is_made: bool
) -> None:
    history = History()

    def respond(request: Request) -> Reply:
        if request.method == "GET":
            return history(request)
        if is_made:
            history.records = [record(status="ringing")]
        return close_without_answer()

    server.respond = respond
    with ListClient(server.url, maxRetries=0, routes=routes) as client:
        lost = client.call("calls.send", {"agentId": AGENT, "toNumber": NUMBER})
        error = lost["error"]
        assert error["sent"] == "maybe"
        assert "calls.find with error.find" in error["lookFor"]
        found = error["find"]
        assert (found["agentId"], found["toNumber"]) == (AGENT, NUMBER)
        assert abs(found["since"] / 1000 - time.time()) < 20
        for request in (lost, error, {"find": found}, found):
            data = client.find_call({**request, **QUICK})["data"]
            assert data["found"] == ("yes" if is_made else "no")


def test_only_an_error_that_may_have_been_a_call_has_it(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = lambda _: json_answer({"error": "Agent not found"}, 404)
    error = client.call("calls.send", {"agentId": AGENT, "toNumber": NUMBER})["error"]
    assert "find" not in error
    server.respond = lambda _: close_without_answer()
    assert "find" not in client.call("batch_calls.cancel", {"batchId": "b"})["error"]
