"""Limits on the client's side, as the service sees them."""

from __future__ import annotations

import threading
import time

import pytest

from doors import BLOCKING, DOORS, SUBMITTING, Client, Door, Pending, elapsed
from failing_service import refusal
from gate import SEND, Gate, named, tokens
from operations import AGENT
from recording_server import RecordingServer

MOMENT = 0.4
# How late an arrival may be noticed on a machine with much to do.
LATENESS = 0.09


# Requests a minute


def test_requests_of_all_threads_start_at_even_distances(server: RecordingServer) -> None:
    distance = 0.05
    count = 40
    with Client(server.url, requestsPerMinute=1200) as client:
        pending = [
            DOORS[index % 2].start(client, "agents.get", {"agentId": AGENT})
            for index in range(count)
        ]
        for each in pending:
            assert each.ended().answer["ok"]
    arrivals = sorted(request.at for request in server.requests)
    assert len(arrivals) == count
    # What a loaded machine adds to one way is not added to the sum of many.
    for reach in (5, 10, count - 1):
        for early, late in zip(arrivals, arrivals[reach:]):
            assert late - early >= reach * distance - LATENESS
    assert arrivals[-1] - arrivals[0] <= (count - 1) * distance + MOMENT


def test_a_pause_saves_up_no_burst(server: RecordingServer, door: Door) -> None:
    with Client(server.url, requestsPerMinute=600) as client:
        client.call("agents.get", {"agentId": AGENT})
        time.sleep(0.5)
        for each in [door.start(client, "agents.get", {"agentId": AGENT}) for _ in range(4)]:
            each.ended()
    arrivals = sorted(request.at for request in server.requests)[1:]
    assert arrivals[-1] - arrivals[0] >= 3 * 0.1 - LATENESS


def test_attempts_that_repeat_a_request_count_as_well(server: RecordingServer, door: Door) -> None:
    server.script(*[refusal(503, 0)] * 6)
    with Client(server.url, requestsPerMinute=300) as client:
        pending = [door.start(client, "calls.send", SEND, maxRetries=6) for _ in range(3)]
        for each in pending:
            assert each.ended().answer["ok"]
    arrivals = sorted(request.at for request in server.requests)
    assert len(arrivals) == 9
    for reach in (1, 4):
        for early, late in zip(arrivals, arrivals[reach:]):
            assert late - early >= reach * 0.2 - LATENESS


@pytest.mark.parametrize("doors", [[BLOCKING], [SUBMITTING], [BLOCKING, SUBMITTING]], ids=repr)
def test_turns_are_taken_in_the_order_in_which_requests_came(
    server: RecordingServer, doors: list[Door]
) -> None:
    names = [f"turn-{index}" for index in range(20)]
    with Client(server.url, requestsPerMinute=1200) as client:
        pending = []
        for index, name in enumerate(names):
            door = doors[index % len(doors)]
            pending.append(door.start(client, "calls.send", SEND, **named(name)))
            # A thread needs a moment until it stands in the line.
            time.sleep(0.02)
        for each in pending:
            each.ended()
    assert tokens(server) == names


# Requests under way at once


def test_no_more_requests_are_under_way_than_wanted(server: RecordingServer, gate: Gate) -> None:
    with Client(server.url, maxInFlight=4) as client:
        pending = [DOORS[index % 2].start(client, "calls.send", SEND) for index in range(24)]
        gate.wait_for(4)
        time.sleep(0.2)  # a fifth would come now
        assert len(server.requests) == 4
        assert client.stats()["queue"]["inFlight"] == 4
        gate.open()
        for each in pending:
            assert each.ended().answer["ok"]
    assert gate.most == 4


def test_as_many_are_under_way_as_wanted(server: RecordingServer, gate: Gate, door: Door) -> None:
    with Client(server.url, maxInFlight=100) as client:
        pending = [door.start(client, "calls.send", SEND) for _ in range(120)]
        gate.wait_for(100)
        gate.open()
        for each in pending:
            assert each.ended().answer["ok"]
    assert gate.most == 100


def test_the_time_in_the_queue_is_told(server: RecordingServer, gate: Gate, door: Door) -> None:
    with Client(server.url, maxInFlight=1) as client:
        first = SUBMITTING.start(client, "calls.send", SEND)
        gate.wait_for(1)
        second = door.start(client, "calls.send", SEND)
        time.sleep(0.3)
        gate.open()
        assert "queuedMs" not in first.ended().answer["meta"]
        meta = second.ended().answer["meta"]
    assert 250 <= meta["queuedMs"] <= 300 + MOMENT * 1000
    assert meta["queuedMs"] <= meta["elapsedMs"]


def test_a_pause_between_attempts_holds_no_place(server: RecordingServer, door: Door) -> None:
    server.script(refusal(503, 1))
    with Client(server.url, maxInFlight=1) as client:
        pausing = door.start(client, "calls.send", SEND, **named("pausing"))
        server.wait_for(1)
        time.sleep(0.1)
        with elapsed() as taken:
            assert door.start(client, "calls.send", SEND).ended().answer["ok"]
        assert taken[0] < 0.7
        assert pausing.ended().answer["ok"]


# After a 429


def test_after_a_429_nobody_starts_before_the_time_told(server: RecordingServer) -> None:
    server.script(refusal(429, 1))
    with Client(server.url) as client:
        pending: list[Pending] = [SUBMITTING.start(client, "calls.send", SEND)]
        server.wait_for(1)
        time.sleep(0.1)
        pending += [SUBMITTING.start(client, "agents.get", {"agentId": AGENT}) for _ in range(5)]
        others = [BLOCKING.start(client, "calls.send", SEND) for _ in range(5)]
        for each in [*pending, *others]:
            assert each.ended().answer["ok"]
    first, *rest = [request.at for request in server.requests]
    assert len(rest) == 11
    assert min(rest) - first >= 1.0 - 0.002


def test_a_503_holds_up_nobody_else(server: RecordingServer, door: Door) -> None:
    server.script(refusal(503, 1))
    with Client(server.url) as client:
        first = door.start(client, "calls.send", SEND)
        server.wait_for(1)
        time.sleep(0.1)
        with elapsed() as taken:
            door.start(client, "calls.send", SEND).ended()
        assert taken[0] < MOMENT
        first.ended()


def test_a_429_that_is_not_waited_for_still_holds_up_others(
    server: RecordingServer, door: Door
) -> None:
    server.script(refusal(429, 1))
    with Client(server.url) as client:
        door.start(client, "calls.send", SEND, maxRetries=0).ended()
        assert door.start(client, "calls.send", SEND).ended().answer["ok"]
    early, late = server.requests
    assert late.at - early.at >= 1.0 - 0.002


def test_what_cannot_wait_for_the_time_told_after_a_429_is_told_at_once(
    server: RecordingServer, door: Door
) -> None:
    server.script(refusal(429, 5))
    with Client(server.url) as client:
        client.call("calls.send", SEND, maxRetries=0)
        with elapsed() as taken:
            answer = door.start(client, "calls.send", SEND, timeoutMs=1000).ended().answer
    assert taken[0] < MOMENT
    assert answer["error"]["type"] == "rate_limited"
    assert answer["error"]["sent"] == "no"
    assert 4000 <= answer["error"]["retryAfterMs"] <= 5000
    assert answer["meta"]["attempts"] == 0
    assert len(server.requests) == 1


def test_a_429_that_asks_for_too_much_holds_up_nobody(server: RecordingServer, door: Door) -> None:
    server.script(refusal(429, 100))
    with Client(server.url) as client, elapsed() as taken:
        door.start(client, "calls.send", SEND).ended()
        assert door.start(client, "calls.send", SEND).ended().answer["ok"]
    assert taken[0] < MOMENT


# Waiting for a turn


def test_waiting_for_a_turn_counts_against_the_time_out(
    server: RecordingServer, gate: Gate, door: Door
) -> None:
    with Client(server.url, maxInFlight=1) as client:
        SUBMITTING.start(client, "calls.send", SEND)
        gate.wait_for(1)
        with elapsed() as taken:
            answer = door.start(client, "calls.send", SEND, timeoutMs=300).ended().answer
        assert 0.295 <= taken[0] <= 0.3 + MOMENT
        assert answer["error"]["type"] == "timeout"
        assert answer["error"]["sent"] == "no"
        assert answer["meta"]["attempts"] == 0
        assert 250 <= answer["meta"]["queuedMs"] <= 300 + MOMENT * 1000
        gate.open()
        client.close(5000)
    assert len(server.requests) == 1


def test_a_request_that_cannot_have_its_turn_in_time_was_certainly_not_sent(
    server: RecordingServer, door: Door
) -> None:
    with Client(server.url, requestsPerMinute=30) as client:
        client.call("calls.send", SEND)
        with elapsed() as taken:
            answer = door.start(client, "calls.send", SEND, timeoutMs=200).ended().answer
        assert taken[0] <= 0.2 + MOMENT
    assert answer["error"]["type"] == "timeout"
    assert answer["error"]["sent"] == "no"
    assert len(server.requests) == 1


def test_one_that_gives_up_its_turn_leaves_it_to_the_next(
    server: RecordingServer, door: Door
) -> None:
    with Client(server.url, requestsPerMinute=120) as client:
        client.call("calls.send", SEND)
        late = [door.start(client, "calls.send", SEND, timeoutMs=100) for _ in range(10)]
        time.sleep(0.05)
        with elapsed() as taken:
            assert door.start(client, "calls.send", SEND).ended().answer["ok"]
        for each in late:
            assert each.ended().answer["error"]["type"] == "timeout"
    assert taken[0] <= 0.5 + MOMENT


def test_a_request_that_waits_can_be_cancelled(server: RecordingServer, gate: Gate) -> None:
    with Client(server.url, maxInFlight=1) as client:
        first = SUBMITTING.start(client, "calls.send", SEND)
        gate.wait_for(1)
        second = SUBMITTING.start(client, "calls.send", SEND)
        with elapsed() as taken:
            assert second.cancel() == 0
            answer = second.ended().answer
        assert taken[0] < MOMENT
        assert answer["error"]["type"] == "cancelled"
        assert answer["error"]["sent"] == "no"
        assert answer["meta"]["attempts"] == 0
        gate.open()
        assert first.ended().answer["ok"]
    assert len(server.requests) == 1


def test_requests_that_wait_end_when_the_client_is_closed(
    server: RecordingServer, gate: Gate, door: Door
) -> None:
    with Client(server.url, maxInFlight=1) as client:
        first = door.start(client, "calls.send", SEND)
        gate.wait_for(1)
        waiting = [door.start(client, "calls.send", SEND) for _ in range(10)]
        time.sleep(0.2)
        with elapsed() as taken:
            assert client.close(0) == 1
        assert taken[0] < MOMENT
        assert first.ended().answer["error"]["sent"] == "maybe"
        for each in waiting:
            error = each.ended().answer["error"]
            assert error["type"] == "cancelled"
            assert error["sent"] == "no"
    assert len(server.requests) == 1


def test_a_client_that_is_closed_with_time_lets_those_that_wait_have_their_turn(
    server: RecordingServer, gate: Gate, door: Door
) -> None:
    with Client(server.url, maxInFlight=2) as client:
        pending = [door.start(client, "calls.send", SEND) for _ in range(10)]
        gate.wait_for(2)
        time.sleep(0.2)
        threading.Timer(0.1, gate.open).start()
        assert client.close(20_000) == 0
        for each in pending:
            assert each.ended().answer["ok"]
    assert len(server.requests) == 10
