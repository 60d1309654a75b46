"""How long a batch is followed, how often it is looked at, and when it is stuck."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

from doors import elapsed
from followed_batch import ENDED, QUICK, FollowedBatch, follow, progress
from list_doors import ListClient
from recording_server import (
    RecordingServer,
    close_without_answer,
    json_answer,
    silence,
)


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
