"""When a request is sent again, and what ends the pause before."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from doors import SUBMITTING, Client, Door, elapsed
from failing_service import (
    after_a_while,
    refusal,
    refusal_until_date,
    refusal_with_reset_at,
)
from native import Answer
from recording_server import (
    RecordingServer,
    Reply,
    close_without_answer,
    json_answer,
    silence,
)
from sending_again import GET, MOMENT, ROUNDING, SEND, ended_at_once

# When


def test_the_pauses_are_random_up_to_a_bound_that_doubles(server: RecordingServer) -> None:
    count = 150
    server.otherwise = refusal(503)
    with Client(server.url, maxInFlight=count) as client:
        pending = [SUBMITTING.start(client, "agents.get", GET, maxRetries=3) for _ in range(count)]
        answers = [each.ended().answer for each in pending]
    for index, bound in enumerate([500, 1000, 2000]):
        waits = [answer["meta"]["retries"][index]["waitMs"] for answer in answers]
        assert all(0 <= wait <= bound for wait in waits)
        # The mean of uniform waits lies within six standard errors of the middle.
        error = bound / 12**0.5 / count**0.5
        assert abs(statistics.fmean(waits) - bound / 2) < 6 * error
        quarters = [sum(1 for wait in waits if wait * 4 // bound == q) for q in range(4)]
        assert all(count / 12 < quarter < count / 2 for quarter in quarters), quarters


def test_two_clients_do_not_pause_in_step(server: RecordingServer) -> None:
    server.otherwise = refusal(503)
    waits = []
    for _ in range(4):
        with Client(server.url) as client:
            meta = client.call("agents.get", GET, maxRetries=1)["meta"]
            waits.append(meta["retries"][0]["waitMs"])
    assert len(set(waits)) > 1


TELLING: dict[str, Callable[[], Reply]] = {
    "seconds": lambda: refusal(429, 1),
    "date": lambda: refusal_until_date(429, 0.5),
    "reset_at": lambda: refusal_with_reset_at(429, 0.5),
    "503 seconds": lambda: refusal(503, 1),
    "503 date": lambda: refusal_until_date(503, 0.5),
}


@pytest.mark.parametrize("form", TELLING)
def test_a_request_is_never_sent_again_sooner_than_told(door: Door, form: str) -> None:
    def once(_: int) -> tuple[Answer, float, float]:
        with RecordingServer() as server, Client(server.url) as client:
            told_at: list[float] = []

            def reply(connection: Any) -> bool:
                told_at.append(time.time())
                return TELLING[form]()(connection)

            server.script(reply)
            answer = door.start(client, "calls.send", SEND).ended().answer
            early, late = server.requests
            return answer, late.at - early.at, told_at[0] + late.at - early.at

    with ThreadPoolExecutor(12) as pool:
        for answer, gap, sent_again_at in pool.map(once, range(12)):
            assert answer["ok"]
            least = 1.0 if "seconds" in form else 0.5
            assert gap >= least - ROUNDING
            assert gap <= 1.5 + 0.5 + MOMENT
            assert answer["meta"]["retries"][0]["waitMs"] <= gap * 1000 + 1
            if "seconds" not in form:
                # A date has whole seconds: the moment told is the first one half a second away.
                assert sent_again_at >= int(sent_again_at - gap + 0.5)


@pytest.mark.parametrize("form", ["seconds", "date", "reset_at"])
def test_a_longer_pause_than_wanted_is_returned_at_once(
    server: RecordingServer, door: Door, form: str
) -> None:
    server.otherwise = {
        "seconds": refusal(429, 30),
        "date": refusal_until_date(429, 30),
        "reset_at": refusal_with_reset_at(429, 30),
    }[form]
    with Client(server.url, maxRetryAfterMs=20_000) as client, elapsed() as taken:
        answer = door.start(client, "calls.send", SEND).ended().answer
    ended_at_once(taken)
    assert answer["error"]["type"] == "rate_limited"
    assert answer["error"]["sent"] == "no"
    assert answer["error"]["retryable"]
    assert 28_000 <= answer["error"]["retryAfterMs"] <= 31_000
    assert answer["meta"]["attempts"] == len(server.requests) == 1


def test_a_pause_beyond_the_deadline_is_returned_at_once(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = refusal(503, 2)
    with Client(server.url) as client, elapsed() as taken:
        answer = door.start(client, "calls.send", SEND, timeoutMs=1500).ended().answer
    ended_at_once(taken)
    assert answer["error"]["type"] == "server"
    assert answer["error"]["retryAfterMs"] == 2000
    assert answer["meta"]["attempts"] == 1


def test_an_unreadable_time_to_wait_is_none(server: RecordingServer, door: Door) -> None:
    server.script(
        json_answer({"error": {"code": "x", "message": "y", "reset_at": "soon"}}, 429),
        json_answer({"error": {"code": "x", "message": "y", "reset_at": 12}}, 429),
    )
    with Client(server.url) as client:
        answer = door.start(client, "calls.send", SEND).ended().answer
    assert answer["ok"]
    assert answer["meta"]["attempts"] == 3


@pytest.mark.parametrize("retry_after", ["99999999999999999999", "18446744073709551615"])
def test_an_absurd_time_to_wait_is_not_short(
    server: RecordingServer, door: Door, retry_after: str
) -> None:
    server.otherwise = json_answer({"error": "Later"}, 429, {"Retry-After": retry_after})
    with Client(server.url) as client:
        answer = door.start(client, "calls.send", SEND, timeoutMs=3000).ended().answer
    assert not answer["ok"]
    assert answer["meta"]["attempts"] == len(server.requests) == 1


def test_the_time_out_is_for_all_attempts_and_pauses_together(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = after_a_while(0.15, refusal(503))
    with Client(server.url, maxRetries=50) as client, elapsed() as taken:
        answer = door.start(client, "agents.get", GET, timeoutMs=900).ended().answer
    assert not answer["ok"]
    assert answer["error"]["type"] in ("server", "timeout")
    assert taken[0] <= 0.9 + MOMENT
    assert answer["meta"]["attempts"] == len(server.requests)
    assert answer["meta"]["elapsedMs"] <= taken[0] * 1000


def test_a_later_attempt_has_what_is_left_of_the_time(server: RecordingServer, door: Door) -> None:
    server.script(after_a_while(0.3, refusal(503)))
    server.otherwise = silence()
    with Client(server.url) as client, elapsed() as taken:
        answer = door.start(client, "agents.get", GET, timeoutMs=1000).ended().answer
    assert answer["error"]["type"] == "timeout"
    assert answer["error"]["sent"] == "maybe"
    assert 1.0 - ROUNDING <= taken[0] <= 1.0 + MOMENT
    assert answer["meta"]["attempts"] == len(server.requests) == 2


# Ended during the pause


def wait_until_refused(server: RecordingServer) -> None:
    server.wait_for(1)
    time.sleep(0.1)  # the refusal is with the library, which pauses now


def test_a_pause_ends_when_the_request_is_cancelled(server: RecordingServer) -> None:
    server.otherwise = refusal(429, 20)
    with Client(server.url) as client:
        pending = SUBMITTING.start(client, "calls.send", SEND)
        wait_until_refused(server)
        with elapsed() as taken:
            assert pending.cancel() == 0
            answer = pending.ended().answer
        assert pending.cancel() == 1
    ended_at_once(taken)
    assert answer["error"]["type"] == "cancelled"
    assert answer["error"]["sent"] == "no"
    assert answer["meta"]["attempts"] == len(server.requests) == 1


def test_cancelling_does_not_make_an_earlier_attempt_unsent(server: RecordingServer) -> None:
    server.script(close_without_answer())
    server.otherwise = refusal(429, 20)
    with Client(server.url) as client:
        pending = SUBMITTING.start(client, "agents.delete", GET)
        server.wait_for(2)
        time.sleep(0.1)
        pending.cancel()
        answer = pending.ended().answer
    assert answer["error"]["type"] == "cancelled"
    assert answer["error"]["sent"] == "maybe"


def test_a_pause_ends_when_the_client_is_closed(server: RecordingServer, door: Door) -> None:
    server.otherwise = refusal(429, 20)
    with Client(server.url) as client:
        pending = door.start(client, "calls.send", SEND)
        wait_until_refused(server)
        with elapsed() as taken:
            assert client.close(0) == 1
            answer = pending.ended().answer
    ended_at_once(taken)
    assert answer["error"]["type"] == "cancelled"
    assert answer["error"]["sent"] == "no"


def test_a_client_that_is_closed_with_time_lets_a_retry_end(
    server: RecordingServer, door: Door
) -> None:
    server.script(refusal(429, 1))
    with Client(server.url) as client:
        pending = door.start(client, "calls.send", SEND)
        wait_until_refused(server)
        assert client.close(10_000) == 0
        assert pending.ended().answer["ok"]
    assert len(server.requests) == 2


def test_a_client_that_is_closed_with_too_little_time_ends_the_pause_then(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = refusal(429, 20)
    with Client(server.url) as client:
        pending = door.start(client, "calls.send", SEND)
        wait_until_refused(server)
        with elapsed() as taken:
            assert client.close(300) == 1
        assert 0.3 - ROUNDING <= taken[0] <= 0.3 + MOMENT
        assert pending.ended().answer["error"]["type"] == "cancelled"
