"""How often and when a request is sent again, as the service and the answer tell it."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from doors import BLOCKING, SUBMITTING, Client, Door, elapsed
from failing_service import (
    after_a_while,
    refusal,
    refusal_until_date,
    refusal_with_reset_at,
)
from native import Answer
from operations import AGENT
from recording_server import (
    RecordingServer,
    Reply,
    Request,
    close_without_answer,
    json_answer,
    silence,
)

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
GET = {"agentId": AGENT}
# A moment that a loaded machine may take on top of a time that is told.
MOMENT = 0.4
# The clocks of libcurl and of this process are read at different moments.
ROUNDING = 0.002


def gaps(requests: list[Request]) -> list[float]:
    return [late.at - early.at for early, late in zip(requests, requests[1:])]


def ended_at_once(taken: list[float]) -> None:
    assert taken[0] < MOMENT


# How often


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_a_request_is_sent_again_at_most_max_retries_times(
    server: RecordingServer, door: Door, retries: int
) -> None:
    server.otherwise = refusal(503)
    with Client(server.url, maxRetries=retries) as client:
        answer = door.start(client, "agents.get", GET).ended().answer
    assert answer["error"]["type"] == "server"
    assert answer["meta"]["attempts"] == len(server.requests) == retries + 1
    assert len(answer["meta"].get("retries", [])) == retries


def test_the_option_of_a_request_comes_before_the_client_s(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = refusal(503)
    with Client(server.url, maxRetries=5) as client:
        door.start(client, "agents.get", GET, maxRetries=0).ended()
        assert len(server.requests) == 1
        door.start(client, "agents.get", GET, maxRetries=1).ended()
        assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 501, 505])
def test_what_another_attempt_would_not_change_is_not_sent_again(
    server: RecordingServer, door: Door, status: int
) -> None:
    server.otherwise = refusal(status)
    with Client(server.url) as client:
        answer = door.start(client, "agents.get", GET).ended().answer
    assert answer["meta"]["attempts"] == len(server.requests) == 1
    assert "retries" not in answer["meta"]


@pytest.mark.parametrize("retry_after", ["0", "Thu, 01 Jan 2026 00:00:00 GMT"])
def test_a_time_that_has_passed_is_a_refusal_as_well(
    server: RecordingServer, door: Door, retry_after: str
) -> None:
    server.script(json_answer({"error": "Busy"}, 503, {"Retry-After": retry_after}))
    with Client(server.url) as client:
        answer = door.start(client, "calls.send", SEND).ended().answer
    assert answer["ok"]
    assert answer["meta"]["attempts"] == len(server.requests) == 2
    assert answer["meta"]["retries"][0]["sent"] == "no"


def test_a_connection_that_is_not_made_in_time_was_certainly_not_sent(door: Door) -> None:
    with socket.socket() as full, socket.socket() as first:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        first.connect(address)  # takes the only place; further ones are not answered
        with Client(f"http://127.0.0.1:{address[1]}", connectTimeoutMs=100) as client:
            answer = door.start(client, "calls.send", SEND).ended().answer
    assert answer["error"]["type"] == "timeout"
    assert answer["error"]["sent"] == "no"
    assert answer["meta"]["attempts"] == 3


def test_a_failed_tls_handshake_is_tried_again(server: RecordingServer, door: Door) -> None:
    with Client(f"https://127.0.0.1:{server.port}") as client:
        answer = door.start(client, "calls.send", SEND).ended().answer
    assert answer["error"]["type"] == "tls"
    assert answer["error"]["sent"] == "no"
    assert answer["meta"]["attempts"] == 3
    assert server.requests == []


def test_a_published_update_by_method_and_path_that_adds_webhooks_is_not_repeated(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = close_without_answer()
    body = {"promptType": "simple", "webhooks": [{"url": "https://example.com"}]}
    with Client(server.url) as client:
        door.start(client, f"PUT /v1/api/call-flows/{AGENT}", body).ended()
    assert len(server.requests) == 1


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


# What is told, and what is sent


def test_meta_tells_what_the_service_saw(server: RecordingServer, door: Door) -> None:
    server.script(refusal(503), close_without_answer(), refusal(429, 1))
    with Client(server.url) as client:
        answer = door.start(client, "agents.get", GET, maxRetries=3).ended().answer
    assert answer["ok"]
    meta = answer["meta"]
    assert meta["attempts"] == len(server.requests) == 4
    told = [(retry["type"], retry["status"], retry["sent"]) for retry in meta["retries"]]
    assert told == [
        ("server", 503, "maybe"),
        ("connection", 0, "maybe"),
        ("rate_limited", 429, "no"),
    ]
    for retry, gap in zip(meta["retries"], gaps(server.requests)):
        assert retry["waitMs"] / 1000 - ROUNDING <= gap <= retry["waitMs"] / 1000 + MOMENT
    waited = sum(retry["waitMs"] for retry in meta["retries"])
    assert waited <= meta["elapsedMs"] <= waited + 4 * MOMENT * 1000
    assert "queuedMs" not in meta


def test_an_answer_at_the_first_attempt_tells_of_no_retries(
    server: RecordingServer, door: Door
) -> None:
    with Client(server.url) as client:
        meta = door.start(client, "calls.send", SEND).ended().answer["meta"]
    assert meta["attempts"] == 1
    assert "retries" not in meta
    assert "queuedMs" not in meta


def test_sent_is_about_all_attempts(server: RecordingServer, door: Door) -> None:
    server.script(close_without_answer(), refusal(404))
    with Client(server.url) as client:
        answer = door.start(client, "agents.delete", GET).ended().answer
    assert answer["error"]["type"] == "not_found"
    assert answer["error"]["sent"] == "maybe", "the first attempt may have deleted it"


@pytest.mark.parametrize("operation", ["agents.delete", "agents.get"])
def test_a_wait_that_is_too_long_does_not_make_an_earlier_attempt_unsent(
    server: RecordingServer, door: Door, operation: str
) -> None:
    server.script(close_without_answer(), refusal(429, 3600))
    with Client(server.url) as client:
        answer = door.start(client, operation, GET).ended().answer
    assert answer["error"]["type"] == "rate_limited"
    assert answer["error"]["sent"] == "maybe"


def test_every_attempt_is_the_same_request(server: RecordingServer, door: Door) -> None:
    server.script(refusal(429), refusal(503, 0))
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with Client(server.url, headers={"x-tenant": "north"}) as client:
        answer = door.start(
            client, "calls.send", SEND, idempotencyKey="order-1001", traceparent=trace
        )
        assert answer.ended().answer["ok"]
    assert len(server.requests) == 3
    assert len({request.raw for request in server.requests}) == 1
    headers = server.requests[0].headers
    assert headers["idempotency-key"] == "order-1001"
    assert headers["traceparent"] == trace
    assert headers["x-tenant"] == "north"


@pytest.mark.parametrize("source", ["file", "csv"])
def test_an_upload_is_sent_whole_again(
    server: RecordingServer, door: Door, source: str, tmp_path: Path
) -> None:
    contacts = "phone_number,first_name\n" + "+12025550164,Ada\n" * 30_000
    file = tmp_path / "contacts.csv"
    file.write_text(contacts)
    given = {"file": str(file)} if source == "file" else {"csv": contacts}
    server.script(refusal(429), refusal(503, 0))
    with Client(server.url) as client:
        answer = door.start(client, "batch_calls.start", {"agentId": AGENT, **given}).ended().answer
    assert answer["ok"]
    assert len(server.requests) == 3
    for request in server.requests:
        assert request.part("file").content == contacts.encode()
        assert request.part("agentId").content == AGENT.encode()


def test_a_file_that_is_gone_by_the_next_attempt_ends_the_request(
    server: RecordingServer, door: Door, tmp_path: Path
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("phone_number\n+12025550164\n")

    def reply(connection: Any) -> bool:
        file.unlink()
        return refusal(429)(connection)

    server.script(reply)
    with Client(server.url) as client:
        request = {"agentId": AGENT, "file": str(file)}
        answer = door.start(client, "batch_calls.start", request).ended().answer
    assert answer["error"]["type"] == "invalid_argument"
    assert answer["error"]["sent"] == "no"
    assert len(server.requests) == 1


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


def test_retries_are_counted(server: RecordingServer) -> None:
    server.script(refusal(503), refusal(503))
    with Client(server.url) as client:
        for door in (BLOCKING, SUBMITTING):
            door.start(client, "agents.get", GET).ended()
        stats = client.stats()
    assert stats["total"]["calls"] == 2
    assert stats["total"]["retries"] == stats["operations"]["agents.get"]["retries"] == 2
    assert stats["waits"]["backoff"]["count"] == 2
