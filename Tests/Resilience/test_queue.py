"""Requests that wait for a place: their order, and how many of them there may be."""

from __future__ import annotations

import time

from doors import BLOCKING, SUBMITTING, Client, Door
from gate import LIST, SEND, Gate, named, tokens
from recording_server import RecordingServer


def test_a_call_does_not_wait_for_thousands_of_reads(
    server: RecordingServer, gate: Gate, door: Door
) -> None:
    # With one place the order in which requests arrive is the order in which they started.
    with Client(server.url, maxInFlight=1) as client:
        reads = [
            SUBMITTING.start(client, "batch_calls.list_calls", LIST, **named("read"))
            for _ in range(5000)
        ]
        gate.wait_for(1)
        call = door.start(client, "calls.send", SEND, **named("call"))
        time.sleep(0.1)
        gate.open()
        assert call.ended().answer["ok"]
        assert tokens(server).index("call") <= 3
        client.close(0)
        assert all(each.ended() for each in reads)


def test_a_call_does_not_wait_for_all_threads_that_read(
    server: RecordingServer, gate: Gate, door: Door
) -> None:
    with Client(server.url, maxInFlight=1) as client:
        reads = [
            BLOCKING.start(client, "batch_calls.list_calls", LIST, **named("read"))
            for _ in range(30)
        ]
        gate.wait_for(1)
        time.sleep(0.3)
        call = door.start(client, "calls.send", SEND, **named("call"))
        time.sleep(0.1)
        gate.open()
        assert call.ended().answer["ok"]
        assert all(each.ended().answer["ok"] for each in reads)
    assert tokens(server).index("call") <= 3


def test_requests_that_gave_up_cost_their_operation_no_turns(
    server: RecordingServer, gate: Gate
) -> None:
    with Client(server.url, maxInFlight=1) as client:
        pending = [SUBMITTING.start(client, "calls.send", SEND, **named("first"))]
        gate.wait_for(1)
        given_up = [SUBMITTING.start(client, "batch_calls.list_calls", LIST) for _ in range(1000)]
        for each in given_up:
            each.cancel()
        for each in given_up:
            assert each.ended().answer["error"]["type"] == "cancelled"
        pending.append(SUBMITTING.start(client, "batch_calls.list_calls", LIST, **named("read")))
        pending += [
            SUBMITTING.start(client, "calls.send", SEND, **named("call")) for _ in range(50)
        ]
        gate.open()
        assert all(each.ended().answer["ok"] for each in pending)
    assert tokens(server).index("read") <= 3


def test_beyond_the_longest_queue_requests_are_refused(server: RecordingServer, gate: Gate) -> None:
    with Client(server.url, maxInFlight=1, maxQueued=100) as client:
        under_way = SUBMITTING.start(client, "calls.send", SEND)
        gate.wait_for(1)
        queued = [SUBMITTING.start(client, "calls.send", SEND) for _ in range(100)]
        refused = [SUBMITTING.start(client, "calls.send", SEND) for _ in range(50)]
        for each in refused:
            answer = each.ended().answer
            assert answer["status"] == 0
            assert answer["error"]["type"] == "rate_limited"
            assert answer["error"]["code"] == "queue_full"
            assert answer["error"]["sent"] == "no"
            assert answer["error"]["retryable"]
            assert answer["meta"]["attempts"] == 0
        assert client.stats()["queue"]["queued"] == 100
        assert client.stats()["queue"]["rejected"] == 50
        gate.open()
        for each in [under_way, *queued]:
            assert each.ended().answer["ok"]
        assert SUBMITTING.start(client, "calls.send", SEND).ended().answer["ok"]
    assert len(server.requests) == 102


def test_answers_that_nobody_fetches_fill_the_queue(server: RecordingServer) -> None:
    with Client(server.url, maxInFlight=1, maxQueued=20) as client:
        for number in range(1, 31):
            client.submit("calls.send", SEND)
            ended_within(client, number)
        answers = [came[1].answer for came in iter(lambda: client.next(0), None)]
        accepted = [answer["ok"] for answer in answers].count(True)
        assert accepted == len(server.requests) == 21, "maxInFlight and maxQueued"
        for answer in answers[accepted:]:
            assert answer["error"]["code"] == "queue_full"
        assert SUBMITTING.start(client, "calls.send", SEND).ended().answer["ok"]


def ended_within(client: Client, count: int) -> None:
    """Waits until so many answers can be fetched."""
    deadline = time.monotonic() + 10
    while client.stats()["queue"]["completed"] < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def resident_bytes() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_a_hundred_thousand_requests_wait_in_bounded_memory(
    server: RecordingServer, gate: Gate
) -> None:
    count = 100_000
    with Client(server.url, maxInFlight=1) as client:
        client.submit("calls.send", SEND)
        gate.wait_for(1)
        before = resident_bytes()
        numbers = {client.submit("calls.send", SEND) for _ in range(count)}
        grown = resident_bytes() - before
        assert len(numbers) == count
        assert client.submit("calls.send", SEND) != 0
        assert client.close(0) == 1
        refused = 0
        ended = 0
        while (came := client.next(0)) is not None:
            ended += 1
            refused += came[1].answer["error"].get("code") == "queue_full"
    assert ended == count + 2
    assert refused == 1
    # The set of the ids here, and a request there.
    assert grown / count < 2048, f"{grown / count:.0f} bytes for each request that waits"
