"""Times to wait as services write them, and on whose clock they are."""

from __future__ import annotations

import json
import time
from email.utils import formatdate

import pytest

from doors import Client, Door
from native import Answer
from operations import AGENT
from recording_server import Connection, RecordingServer, Reply, json_answer

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
HOUR = 3600.0
# libcurl's clock and this process's are read at different moments.
ROUNDING = 0.002


def limited(*headers: str, status: int = 429, reset_at: str | None = None) -> Reply:
    """A refusal with these header lines."""
    error = {"code": "rate_limit_exceeded", "message": "m", "reset_at": reset_at}
    body = json.dumps({"error": error if reset_at else "Later"}).encode()
    lines = "".join(f"{line}\r\n" for line in headers).encode()

    def reply(connection: Connection) -> bool:
        connection.send(
            b"HTTP/1.1 %d Later\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n"
            b"\r\n%b" % (status, lines, len(body), body)
        )
        return True

    return reply


def told(reply: Reply, server: RecordingServer, door: Door) -> int | None:
    """What the error says of the time to wait, in milliseconds."""
    server.script(reply)
    with Client(server.url) as client:
        ended: Answer = door.start(client, "calls.send", SEND, maxRetries=0).ended().answer
    found: int | None = ended["error"].get("retryAfterMs")
    return found


WRITTEN: dict[str, tuple[list[str], int | None]] = {
    "seconds": (["17"], 17_000),
    "nothing": (["0"], 0),
    "decimals": (["1.5"], 1500),
    "a tenth of a millisecond more": (["1.0001"], 1001),
    "nine digits behind the point": (["0.000000001"], 1),
    "no digit before the point": ([".25"], 250),
    "no digit behind the point": (["2."], 2000),
    "zeros in front": (["007"], 7000),
    "spaces": ([" \t 3 \t "], 3000),
    "a list": (["1, 20 ,3"], 20_000),
    "a list with rubbish": (["soon, 4, -9,,"], 4000),
    "two headers": (["2", "1"], 2000),
    "two headers, the longer last": (["1", "2.5"], 2500),
    "two headers, one of rubbish": (["1", "later"], 1000),
    "seconds and a date": (["3, Fri, 01 Jan 2027 00:00:05 GMT"], 5000),
    "a date": (["Fri, 01 Jan 2027 00:01:00 GMT"], 60_000),
    "a date of RFC 850": (["Friday, 01-Jan-27 00:01:00 GMT"], 60_000),
    "a date of asctime": (["Fri Jan  1 00:01:00 2027"], 60_000),
    "a date that has passed": (["Thu, 31 Dec 2026 23:00:00 GMT"], 0),
    "negative": (["-5"], None),
    "a point alone": (["."], None),
    "two points": (["1.2.3"], None),
    "an exponent": (["1e3"], None),
    "a word": (["soon"], None),
    "no value": ([""], None),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_retry_after_is_read_as_services_write_it(
    server: RecordingServer, door: Door, form: str
) -> None:
    values, expected = WRITTEN[form]
    headers = [f"retry-after:{value}" for value in values]
    date = "Date: Fri, 01 Jan 2027 00:00:00 GMT"
    assert told(limited(*headers, date), server, door) == expected


def test_a_503_with_a_time_that_cannot_be_read_leaves_it_open(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = limited("Retry-After: soon", status=503)
    with Client(server.url) as client:
        ended = door.start(client, "calls.send", SEND).ended().answer
    assert ended["error"]["sent"] == "maybe"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_of_retry_after_and_reset_at_the_longer_counts(
    server: RecordingServer, door: Door, status: int
) -> None:
    date, reset_at = "Date: Fri, 01 Jan 2027 00:00:00 GMT", "2027-01-01T00:00:09.5Z"

    def wait(seconds: str) -> int | None:
        reply = limited(f"Retry-After: {seconds}", date, status=status, reset_at=reset_at)
        return told(reply, server, door)

    assert wait("2") == 9500
    assert wait("30") == 30_000


@pytest.mark.parametrize("ahead", [-HOUR, HOUR], ids=["behind", "ahead"])
@pytest.mark.parametrize("form", ["Retry-After", "reset_at"])
def test_a_service_whose_clock_is_not_ours_is_waited_for_as_told(
    server: RecordingServer, door: Door, ahead: float, form: str
) -> None:
    now = int(time.time() + ahead)
    date = f"Date: {formatdate(now, usegmt=True)}"
    if form == "Retry-After":
        reply = limited(f"Retry-After: {formatdate(now + 1, usegmt=True)}", date)
    else:
        reset_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 1))
        reply = limited(date, reset_at=reset_at)
    server.script(reply)
    with Client(server.url) as client:
        ended = door.start(client, "calls.send", SEND).ended().answer
    assert ended["ok"]
    first, second = server.requests
    assert second.at - first.at >= 1 - ROUNDING
    assert ended["meta"]["retries"][0]["waitMs"] < 1500


@pytest.mark.parametrize("date", ["", "yesterday", "-1"])
def test_without_a_date_that_can_be_read_our_clock_counts(
    server: RecordingServer, door: Door, date: str
) -> None:
    retry_at = formatdate(int(time.time()) + 1000, usegmt=True)
    wait = told(limited(f"Retry-After: {retry_at}", f"Date: {date}"), server, door)
    assert wait is not None
    assert 900_000 < wait <= 1_000_000


def test_a_pause_is_not_shorter_than_its_decimals(server: RecordingServer, door: Door) -> None:
    server.script(limited("Retry-After: 0.7", "Retry-After: 0.2"))
    with Client(server.url) as client:
        assert door.start(client, "calls.send", SEND).ended().answer["ok"]
    first, second = server.requests
    assert second.at - first.at >= 0.7 - ROUNDING


def test_a_plain_date_header_changes_nothing(server: RecordingServer, door: Door) -> None:
    server.script(json_answer({"a": 1}, 200, {"Date": "Fri, 01 Jan 2027 00:00:00 GMT"}))
    with Client(server.url) as client:
        assert door.start(client, "calls.send", SEND).ended().answer["data"] == {"a": 1}
