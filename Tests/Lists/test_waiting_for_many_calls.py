"""Following many calls at once: at the cost of one look, and each to its own end."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import pytest

from call_history import (
    QUICK,
    History,
    by_number,
    follow,
    record,
    stages,
)
from list_doors import ListClient
from recording_server import RecordingServer, Reply, answer, close_without_answer, json_answer


def ids(count: int) -> dict[str, Any]:
    return {"calls": [f"call_{number}" for number in range(count)]}


def test_250_calls_are_asked_for_by_their_ids_in_few_requests(
    server: RecordingServer, client: ListClient
) -> None:
    history = History(*(record(number) for number in range(250)))
    ended, _ = follow(server, client, history, ids(250))
    data = ended["data"]
    assert (data["state"], data["total"], data["ended"], data["not_listed"]) == (
        "ended",
        250,
        250,
        0,
    )
    assert [call["callId"] for call in data["calls"]] == ids(250)["calls"]
    assert [call["record"]["_id"] for call in data["calls"]] == [f"record_{n}" for n in range(250)]
    assert history.asked == 3
    assert all("callIds" in query for query in history.queries)


def test_calls_that_have_ended_are_not_asked_for_again(
    server: RecordingServer, client: ListClient
) -> None:
    live = [record(number, "in-progress" if number == 7 else "completed") for number in range(250)]
    history = stages(*[live] * 3, [record(7)])
    follow(server, client, history, ids(250))
    assert history.asked == 4
    assert history.queries[3]["callIds"] == '["call_7"]'


def test_a_call_given_twice_is_told_twice(server: RecordingServer, client: ListClient) -> None:
    request = {"calls": ["call_1", {"callId": "call_1"}, by_number(), by_number()]}
    request["calls"][3] = request["calls"][2]
    ended, _ = follow(server, client, History(record(2), record(1)), request)
    assert [call["record"]["_id"] for call in ended["data"]["calls"]] == ["record_1"] * 2 + [
        "record_2"
    ] * 2


def test_two_calls_to_one_number_at_different_times_are_told_apart(
    server: RecordingServer, client: ListClient
) -> None:
    now = time.time()
    request = {"calls": [by_number(now - 900), by_number(now)]}
    history = History(record(2, timestamp=now + 1), record(1, timestamp=now - 899))
    ended, _ = follow(server, client, history, request)
    assert [call["callId"] for call in ended["data"]["calls"]] == ["call_1", "call_2"]


def test_two_calls_to_one_number_at_the_same_time_are_ambiguous(
    server: RecordingServer, client: ListClient
) -> None:
    now = time.time()
    request = {"calls": [by_number(now - 5), by_number(now)]}
    history = History(record(2, timestamp=now + 1), record(1, timestamp=now - 4))
    ended, _ = follow(server, client, history, request)
    assert {call["state"] for call in ended["data"]["calls"]} == {"ambiguous"}


def test_a_call_with_an_id_takes_its_record_from_one_that_has_a_number_only(
    server: RecordingServer, client: ListClient
) -> None:
    request = {"calls": ["call_1", by_number()]}
    ended, _ = follow(server, client, History(record(2), record(1)), request)
    assert [call["callId"] for call in ended["data"]["calls"]] == ["call_1", "call_2"]


@pytest.mark.parametrize("filters", [[], ["nothing"]])
def test_a_history_that_does_not_filter_by_ids_is_walked(
    server: RecordingServer, client: ListClient, filters: list[str]
) -> None:
    history = History(
        *(record(number) for number in range(1000, 1150)),
        *(record(number) for number in range(50)),
        *(record(number, timestamp=time.time() - 9999) for number in range(2000, 9000)),
    )
    history.filters = filters
    ended, _ = follow(server, client, history, ids(50))
    assert ended["data"]["ended"] == 50
    assert history.asked < 12


def test_a_service_that_refuses_ids_is_walked(server: RecordingServer, client: ListClient) -> None:
    history = History(record(2), record(1))

    def refuse(_: int, query: dict[str, str]) -> Reply | None:
        return json_answer({"error": "unknown query"}, 400) if "callIds" in query else None

    history.before = refuse
    ended, _ = follow(server, client, history, ids(2) | {"lostMs": 300})
    assert [call["state"] for call in ended["data"]["calls"]] == ["lost", "ended"]


def test_the_history_is_read_as_far_as_a_call_without_an_id_needs(
    server: RecordingServer, client: ListClient
) -> None:
    now = time.time()
    newer = [record(n, toPhoneNumber="+12025550165") for n in range(10, 260)]
    older = [record(n, timestamp=now - 600) for n in range(1000, 5000)]
    history = History(*newer, record(1, timestamp=now - 60), *older)
    ended, _ = follow(server, client, history, {"calls": [by_number(now - 60)]})
    assert ended["data"]["calls"][0]["callId"] == "call_1"
    assert history.asked <= 4


def test_a_history_in_another_order_is_read_whole(
    server: RecordingServer, client: ListClient
) -> None:
    now = time.time()
    records = [record(n, timestamp=now - 9000 + n) for n in range(10, 400)] + [record(1)]
    for order in (sorted, lambda found, key: random.Random(7).sample(found, len(found))):
        history = History(*order(records, key=lambda told: told["timestamp"]))
        ended, _ = follow(server, client, history, {"calls": [by_number(now)]})
        assert ended["data"]["calls"][0]["callId"] == "call_1"


def test_pages_that_repeat_do_not_hold_up_the_wait(
    server: RecordingServer, client: ListClient
) -> None:
    page = [record(number) for number in range(1000, 1100)]
    history = History()
    history.before = lambda *_: json_answer(page)
    ended, _ = follow(server, client, history, ids(3) | {"lostMs": 200})
    assert ended["data"]["lost"] == 3


def test_pages_that_never_end_are_left_at_the_deadline(
    server: RecordingServer, client: ListClient
) -> None:
    history = History()
    history.before = lambda asked, _: json_answer(
        [record(asked * 100 + number) for number in range(1000, 1100)]
    )
    ended, _ = follow(server, client, history, ids(3) | {"deadlineMs": 1000})
    assert ended["error"]["type"] == "timeout"
    assert ended["error"]["body"]["not_listed"] == 3


def test_small_pages_of_a_service_that_knows_no_limit_are_read_on(
    server: RecordingServer, client: ListClient
) -> None:
    history = History(*(record(number) for number in range(95)))
    history.most = 10
    ended, _ = follow(server, client, history, ids(95))
    assert ended["data"]["ended"] == 95


def test_an_empty_list_has_ended(server: RecordingServer, client: ListClient) -> None:
    ended, _ = follow(server, client, History(), {"calls": []})
    assert (ended["data"]["state"], ended["data"]["calls"]) == ("ended", [])
    assert server.requests == []


def test_a_deadline_keeps_what_is_known_of_each_call(
    server: RecordingServer, client: ListClient
) -> None:
    history = History(record(0), record(1, "in-progress"))
    ended, _ = follow(server, client, history, ids(3) | {"deadlineMs": 300})
    body = ended["error"]["body"]
    assert [call["state"] for call in body["calls"]] == ["ended", "talking", "not_listed"]
    assert body["calls"][0]["record"] == history.records[0]


def test_a_quarter_of_the_requests_may_fail(server: RecordingServer, client: ListClient) -> None:
    chosen = random.Random(1)
    history = History(*(record(number) for number in range(1500)))
    faults = [
        answer(500, "{}", {"Content-Type": "application/json"}),
        answer(502, "<html>", {"Content-Type": "text/html"}),
        close_without_answer(),
        json_answer({"error": "slow down"}, 429),
    ]
    history.before = lambda *_: chosen.choice(faults) if chosen.random() < 0.25 else None
    ended, _ = follow(server, client, history, ids(1500))
    assert ended["data"]["ended"] == 1500
    assert ended["data"]["faults"] > 0


def test_closing_the_client_ends_the_wait(server: RecordingServer) -> None:
    server.respond = History(record(0, "ringing"))
    client = ListClient(server.url, maxRetries=0)
    answers: list[dict[str, Any]] = []
    seen = threading.Event()
    wait = threading.Thread(
        target=lambda: answers.append(
            client.wait_for_calls({**ids(2), **QUICK}, lambda _: seen.set())
        )
    )
    wait.start()
    assert seen.wait(10)
    client.close(0)
    wait.join(10)
    assert answers[0]["error"]["type"] in ("closed", "cancelled")
    assert answers[0]["error"]["body"]["ringing"] == 1


def test_a_thousand_calls_stay_within_the_requests_of_a_minute(
    server: RecordingServer,
) -> None:
    """Of 60 simulated minutes each is a tenth of a second: 600 requests a minute stand for them."""
    history = History(*(record(number, "in-progress") for number in range(1000)))
    server.respond = history
    with ListClient(server.url, maxRetries=0, requestsPerMinute=600) as client:
        request = {**ids(1000), **QUICK, "deadlineMs": 6000}
        assert client.wait_for_calls(request)["error"]["type"] == "timeout"
    # Half of the client's requests are left to others.
    assert history.asked <= 10 + 6 * 10 / 2 + 10
