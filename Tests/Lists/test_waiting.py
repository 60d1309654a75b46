"""Following a batch: to its end, at its pace, through faults, and no longer than wanted."""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest

from doors import elapsed
from followed_batch import ENDED, FollowedBatch, Look, progress
from list_doors import ListClient
from recording_server import (
    RecordingServer,
    answer,
    close_without_answer,
    half_body,
    json_answer,
    reset,
    silence,
)
from started_batch import new_agent, start_batch
from trillet.testing import Sandbox

QUICK = {"batchId": "batch_1", "minIntervalMs": 1, "maxIntervalMs": 20}


def follow(
    server: RecordingServer, client: ListClient, *looks: Look, **fields: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The answer, and what the progress function was told."""
    server.respond = FollowedBatch(*looks)
    reports: list[dict[str, Any]] = []
    return client.wait({**QUICK, **fields}, reports.append), reports


def test_a_batch_is_followed_to_its_end(server: RecordingServer, client: ListClient) -> None:
    ended, reports = follow(
        server,
        client,
        progress("queued", waiting=3, startTime=None),
        progress(waiting=1, active=1, completed=1),
        ENDED,
    )
    assert ended["ok"]
    assert ended["meta"]["operation"] == "batch_calls.wait"
    assert ended["meta"]["attempts"] == 3
    data = ended["data"]
    assert data.pop("elapsedMs") >= 0
    assert data == {
        "batchId": "batch_1",
        "state": "completed",
        "status": "completed",
        "isComplete": True,
        "waiting": 0,
        "active": 0,
        "completed": 2,
        "failed": 1,
        "total": 3,
        "faults": 0,
        "endedBy": "batch",
        "looks": 3,
        "startTime": 1932109200000,
        "completedTime": 1932109290500,
        "durationMs": 90500,
        "averageCallDuration": 33.5,
    }
    assert [report["state"] for report in reports] == ["queued", "running", "completed"]
    assert [report["nextLookMs"] > 0 for report in reports] == [True, True, False]


def test_a_host_that_takes_its_time_has_waited_already(
    server: RecordingServer, client: ListClient
) -> None:
    looks = [progress(waiting=3)] * 3
    server.respond = FollowedBatch(*looks, ENDED)
    pace = {"minIntervalMs": 500, "maxIntervalMs": 500}

    def take_time(report: dict[str, Any]) -> None:
        time.sleep(report["nextLookMs"] / 1000)

    started = time.monotonic()
    assert client.wait({**QUICK, **pace}, take_time)["data"]["looks"] == 4
    assert 1.4 < time.monotonic() - started < 2.5


@pytest.mark.parametrize("status", ["completed", "cancelled", "failed"])
def test_every_end_is_one_even_if_the_service_does_not_say_that_it_is_complete(
    server: RecordingServer, client: ListClient, status: str
) -> None:
    ended, _ = follow(server, client, progress(status, failed=3, isComplete=False))
    assert ended["data"]["state"] == status
    assert ended["data"]["endedBy"] == "batch"


def test_calls_that_are_active_when_a_batch_is_cancelled_are_waited_for(
    server: RecordingServer, client: ListClient
) -> None:
    ended, reports = follow(
        server,
        client,
        progress("cancelled", active=2, completed=1, total=9),
        progress("cancelled", completed=3, total=9),
    )
    assert [report["state"] for report in reports] == ["running", "cancelled"]
    assert ended["data"]["completed"] == 3


def test_a_count_of_active_calls_that_never_falls_is_not_waited_for_for_ever(
    server: RecordingServer, client: ListClient
) -> None:
    ended, _ = follow(server, client, progress("cancelled", active=2), stuckMs=100)
    assert ended["data"]["state"] == "cancelled"
    assert ended["data"]["active"] == 2


def test_faults_that_pass_are_ridden_out(server: RecordingServer, client: ListClient) -> None:
    ended, reports = follow(
        server,
        client,
        progress(waiting=2, completed=1),
        answer(500, "{}", {"Content-Type": "application/json"}),
        answer(502, "<html>", {"Content-Type": "text/html"}),
        close_without_answer(),
        reset(),
        half_body(b'{"status":"processing"}'),
        answer(200, '{"status":', {"Content-Type": "application/json"}),
        answer(200, "<html>", {"Content-Type": "text/html"}),
        answer(200, ""),
        json_answer({"status": "processing"}),
        json_answer([]),
        ENDED,
    )
    assert ended["data"]["faults"] == 10
    assert ended["data"]["looks"] == 12
    unreachable = [report for report in reports if report["state"] == "unreachable"]
    assert len(unreachable) == 10
    assert all((report["waiting"], report["completed"]) == (2, 1) for report in unreachable)


def test_before_the_first_good_look_the_counts_are_unknown(
    server: RecordingServer, client: ListClient
) -> None:
    _, reports = follow(server, client, close_without_answer(), ENDED)
    assert reports[0]["state"] == "unreachable"
    assert reports[0]["status"] is reports[0]["waiting"] is reports[0]["total"] is None


def test_an_answer_that_never_makes_sense_is_an_error(
    server: RecordingServer, client: ListClient
) -> None:
    ended, reports = follow(server, client, json_answer({"hello": "world"}))
    assert ended["error"]["type"] == "response"
    assert len(server.requests) == 10


@pytest.mark.parametrize("count", [-1, 2**31, 2**63 - 1, 2**64, "3", 1.5])
def test_counts_that_no_batch_can_have_make_no_sense(
    server: RecordingServer, client: ListClient, count: Any
) -> None:
    ended, reports = follow(
        server, client, {**progress(waiting=1), "failed": count}, progress(waiting=1), ENDED
    )
    assert ended["ok"]
    assert reports[0]["state"] == "unreachable"


@pytest.mark.parametrize(
    ("status", "type_"), [(401, "authentication"), (403, "permission"), (404, "not_found")]
)
def test_an_error_that_stays_ends_the_wait(
    server: RecordingServer, client: ListClient, status: int, type_: str
) -> None:
    body = {"error": "Batch not found", "message": "No batch with this id", "id": "batch_1"}
    ended, _ = follow(server, client, json_answer(body, status))
    assert ended["error"]["type"] == type_
    assert ended["error"]["message"] == "Batch not found"
    assert ended["error"]["body"] == body
    assert ended["status"] == status
    assert len(server.requests) == 1


def test_the_progress_function_ends_the_wait(server: RecordingServer, client: ListClient) -> None:
    server.respond = FollowedBatch(progress(waiting=3))
    told: list[Any] = []

    def stop(report: dict[str, Any]) -> bool:
        told.append(report)
        return len(told) == 3

    ended = client.wait(QUICK, stop)
    assert ended["ok"]
    assert ended["data"]["endedBy"] == "progress"
    assert ended["data"]["state"] == "running"
    assert len(told) == len(server.requests) == 3


def test_nobody_need_be_told(server: RecordingServer, client: ListClient) -> None:
    server.respond = FollowedBatch(progress(waiting=3), ENDED)
    assert client.wait(QUICK)["data"]["endedBy"] == "batch"


def test_the_deadline_ends_the_wait_with_the_last_state(
    server: RecordingServer, client: ListClient
) -> None:
    with elapsed() as taken:
        # On a busy machine the first look alone takes a while.
        ended, _ = follow(server, client, progress(waiting=2, completed=1), deadlineMs=2000)
    assert 2 <= taken[0] < 4
    assert ended["error"]["type"] == "timeout"
    assert "2000 ms" in ended["error"]["message"]
    assert ended["error"]["body"]["state"] == "running"
    assert ended["error"]["body"]["completed"] == 1


def test_the_deadline_ends_a_look_that_hangs(server: RecordingServer, client: ListClient) -> None:
    with elapsed() as taken:
        ended, _ = follow(server, client, progress(waiting=2), silence(), deadlineMs=2000)
    assert taken[0] < 5
    assert ended["error"]["type"] == "timeout"
    assert ended["error"]["body"]["waiting"] == 2


def test_the_deadline_ends_the_riding_out_of_faults(
    server: RecordingServer, client: ListClient
) -> None:
    ended, reports = follow(server, client, close_without_answer(), deadlineMs=200)
    assert ended["error"]["type"] == "timeout"
    assert ended["error"]["body"]["state"] == "unreachable"
    assert reports


def test_options_hold_for_each_look_also_next_to_a_deadline(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = FollowedBatch(ENDED)
    request = {**QUICK, "deadlineMs": 5000}
    ended = client.wait(request, headers={"x-tag": "seven"}, timeoutMs=60_000)
    assert ended["ok"]
    assert server.only_request.headers["x-tag"] == "seven"


def test_a_batch_that_does_not_move_is_stuck(server: RecordingServer, client: ListClient) -> None:
    ended, reports = follow(
        server, client, progress(waiting=2, completed=1), stuckMs=100, stopWhenStuck=True
    )
    assert ended["ok"]
    assert ended["data"]["endedBy"] == "stuck"
    assert ended["data"]["state"] == reports[-1]["state"] == "stuck"
    assert reports[0]["state"] == "running"
    assert ended["data"]["elapsedMs"] >= 100


def test_being_stuck_is_only_told_unless_it_shall_end_the_wait(
    server: RecordingServer, client: ListClient
) -> None:
    service = FollowedBatch(progress(waiting=2, completed=1))
    server.respond = service
    states: list[str] = []

    def tell(report: dict[str, Any]) -> None:
        states.append(report["state"])
        if report["state"] == "stuck" and len(service.looks) == 1:
            service.looks += [progress(waiting=1, completed=2), ENDED]
            service.looked = 1

    assert client.wait({**QUICK, "stuckMs": 50}, tell)["data"]["endedBy"] == "batch"
    assert states[-3:] == ["stuck", "running", "completed"]


def test_a_batch_that_waits_for_its_time_is_scheduled_and_not_stuck(
    server: RecordingServer, client: ListClient
) -> None:
    start = datetime.now(timezone.utc) + timedelta(seconds=0.6)
    ended, reports = follow(
        server,
        client,
        progress("queued", waiting=3, startTime=None),
        scheduledAt=start.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        stuckMs=200,
        stopWhenStuck=True,
    )
    states = [report["state"] for report in reports]
    assert states[0] == "scheduled"
    assert "queued" in states
    assert states[-1] == "stuck"
    assert states == sorted(states, key=["scheduled", "queued", "stuck"].index)
    assert ended["data"]["elapsedMs"] >= 700


def test_a_scheduled_batch_that_runs_is_running(
    server: RecordingServer, client: ListClient
) -> None:
    start = datetime.now(timezone.utc) + timedelta(hours=1)
    _, reports = follow(
        server,
        client,
        progress("queued", waiting=3),
        progress(waiting=2, active=1),
        ENDED,
        scheduledAt=start.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    assert [report["state"] for report in reports] == ["scheduled", "running", "completed"]


def test_the_interval_follows_the_pace_of_the_batch(
    server: RecordingServer, client: ListClient
) -> None:
    total, milliseconds = 1000, 2000
    begin = time.monotonic()

    def respond(_: object) -> Any:
        done = min(total, int((time.monotonic() - begin) * 1000 / milliseconds * total))
        status = "completed" if done == total else "processing"
        return json_answer(progress(status, waiting=total - done, completed=done))

    server.respond = respond
    reports: list[dict[str, Any]] = []
    request = {"batchId": "batch_1", "minIntervalMs": 5, "maxIntervalMs": 1000}
    ended = client.wait(request, reports.append)
    late = time.monotonic() - begin - milliseconds / 1000
    # 400 looks fit between begin and end: it takes some dozens, and sees the end at once.
    assert 10 <= ended["data"]["looks"] <= 120
    assert late < 0.25
    pauses = [report["nextLookMs"] for report in reports]
    assert max(pauses) > 100
    assert pauses[-2] < 30


def test_a_batch_that_does_not_move_is_looked_at_less_and_less(
    server: RecordingServer, client: ListClient
) -> None:
    _, reports = follow(
        server, client, progress(waiting=3), minIntervalMs=10, maxIntervalMs=200, deadlineMs=1500
    )
    pauses = [report["nextLookMs"] for report in reports]
    assert pauses[0] < 20
    assert 200 <= pauses[-1] <= 220
    assert len(server.requests) < 25


def test_looking_leaves_half_of_the_rate_limit_to_others(server: RecordingServer) -> None:
    server.respond = FollowedBatch(progress(waiting=3))
    with ListClient(server.url, requestsPerMinute=1200) as client:
        client.wait({**QUICK, "deadlineMs": 1050})
    times = [request.at for request in server.requests]
    assert all(after - before >= 0.099 for before, after in pairwise(times))
    assert 5 <= len(times) <= 11


def test_a_429_is_waited_out_and_slows_the_looking_down(
    server: RecordingServer, client: ListClient
) -> None:
    limited = json_answer(
        {"error": {"code": "rate_limit_exceeded", "message": "Too many requests."}},
        429,
        {"Retry-After": "1"},
    )
    ended, reports = follow(
        server, client, progress(waiting=9), limited, progress(waiting=9), ENDED, maxIntervalMs=500
    )
    assert ended["ok"]
    before, after = server.requests[1].at, server.requests[2].at
    assert 1.0 <= after - before < 1.5
    assert [report["state"] for report in reports][1] == "unreachable"


def test_closing_the_client_ends_the_wait_at_once(server: RecordingServer) -> None:
    server.respond = FollowedBatch(progress(waiting=3))
    with ListClient(server.url) as client:
        seen = threading.Event()
        answers: list[dict[str, Any]] = []

        def wait() -> None:
            request = {"batchId": "batch_1", "minIntervalMs": 60_000, "maxIntervalMs": 60_000}
            answers.append(client.wait(request, lambda _: seen.set()))

        thread = threading.Thread(target=wait)
        thread.start()
        assert seen.wait(10)
        with elapsed() as taken:
            assert client.close(30_000) == 0
            thread.join(10)
    assert taken[0] < 5
    assert answers[0]["error"]["type"] == "cancelled"


def test_the_progress_function_may_close_the_client(server: RecordingServer) -> None:
    server.respond = FollowedBatch(progress(waiting=3))
    with ListClient(server.url) as client:
        ended = client.wait(QUICK, lambda _: client.close(1000) and None)
        assert ended["error"]["type"] == "cancelled"
        assert client.wait(QUICK)["error"]["type"] == "closed"


def test_the_progress_function_may_make_calls(server: RecordingServer, client: ListClient) -> None:
    server.respond = FollowedBatch(progress(waiting=3), ENDED)
    answers = []
    client.wait(QUICK, lambda _: answers.append(client.call("batch_calls.progress", QUICK)))
    assert all(answer["ok"] for answer in answers)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"batchId": None}, "batchId"),
        ({"batchId": ""}, "batchId"),
        ({"batchId": 7}, "batchId"),
        ({"deadlineMs": -1}, "deadlineMs"),
        ({"minIntervalMs": 0}, "minIntervalMs"),
        ({"minIntervalMs": 50, "maxIntervalMs": 20}, "minIntervalMs"),
        ({"scheduledAt": "tomorrow"}, "scheduledAt"),
        ({"stopWhenStuck": "yes"}, "stopWhenStuck"),
        ({"stuckMs": 1.5}, "stuckMs"),
        ({"file": "x.csv"}, "file"),
        ({"maxIntervall": 3}, "maxIntervall"),
    ],
)
def test_a_mistake_in_the_request_is_told_and_nothing_is_sent(
    server: RecordingServer, client: ListClient, fields: dict[str, Any], field: str
) -> None:
    ended = client.wait({**QUICK, **fields})
    assert ended["error"]["type"] == "invalid_argument"
    assert ended["error"]["field"] == field
    assert not server.requests


def test_a_mistake_in_the_options_is_told_and_nothing_is_sent(
    server: RecordingServer, client: ListClient
) -> None:
    ended = client.wait(QUICK, timeout=5)
    assert ended["error"]["field"] == "timeout"
    assert not server.requests


def test_without_a_client_or_in_a_forked_child_the_answer_says_so(
    server: RecordingServer, client: ListClient
) -> None:
    text = client.library.text("trillet_batch_calls_wait", None, b"{}", None, None, None)
    assert b'"type":"invalid_argument"' in text
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if client.wait(QUICK)["error"]["type"] == "forked" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_sandbox_s_batch_is_followed_through_its_states(sandbox: Sandbox) -> None:
    with ListClient(sandbox.url) as client:
        start = (sandbox.clock.now // 1000 + 3600) * 1000
        stamp = datetime.fromtimestamp(start / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        batch = start_batch(client, new_agent(client), 200, scheduledAt=stamp)
        states: list[str] = []

        def tell(report: dict[str, Any]) -> None:
            if report["state"] not in states:
                states.append(report["state"])
            if report["state"] == "scheduled":
                sandbox.clock.jump_to(start + 1)
            else:
                sandbox.clock.advance(20)

        request = {**QUICK, "batchId": batch, "scheduledAt": stamp}
        ended = client.wait(request, tell)
    assert states == ["scheduled", "running", "completed"]
    data = ended["data"]
    assert data["completed"] + data["failed"] == data["total"] == 200
    assert data["startTime"] == start
    assert data["durationMs"] == data["completedTime"] - start > 0
