"""Every status against the table in docs/resilience.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from doors import Client, Door
from operations import AGENT
from recording_server import Connection, RecordingServer, Reply, answer, close_without_answer

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "resilience.md"
BEGIN, END = "<!-- the statuses: begin -->\n", "<!-- the statuses: end -->\n"
SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
JSON, HTML = {"Content-Type": "application/json"}, {"Content-Type": "text/html"}
PAGE = "<!DOCTYPE html>\n<html></html>"
WITHOUT_BODY = (204, 304)


class Row(NamedTuple):
    statuses: str
    by_service: str
    by_page: str


def table() -> list[Row]:
    text = DOCUMENT.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    lines = [line.strip("| \n").split(" | ") for line in text.splitlines()[2:]]
    return [Row(line[0], line[1], line[2]) for line in lines]


def numbers(statuses: str) -> list[int]:
    found: list[int] = []
    for first, last in re.findall(r"(\d{3})(?:–(\d{3}))?", statuses):
        found.extend(range(int(first), int(last or first) + 1))
    return found


def told(reply: Reply, server: RecordingServer, client: Client, door: Door) -> str:
    server.script(reply)
    ended = door.start(client, "calls.send", SEND, maxRetries=0).ended().answer
    if ended["ok"]:
        return "success"
    return f"`{ended['error']['type']}` {ended['error']['sent']}"


def test_the_table_has_every_status_once() -> None:
    listed = [n for row in table() if "with" not in row.statuses for n in numbers(row.statuses)]
    assert sorted(listed) == list(range(100, 600))


@pytest.mark.parametrize("row", table(), ids=lambda row: row.statuses.replace("–", "-"))
def test_a_status_says_what_the_table_says(row: Row, door: Door) -> None:
    retry_after = {"Retry-After": "1"} if "Retry-After" in row.statuses else {}
    with RecordingServer() as server, Client(server.url, routes="overview") as client:
        for status in numbers(row.statuses):
            if status < 200:
                continue
            empty = status in WITHOUT_BODY
            by_service = answer(status, "" if empty else "{}", {**JSON, **retry_after})
            assert told(by_service, server, client, door) == row.by_service, status
            if not empty:
                by_page = answer(status, PAGE, {**HTML, **retry_after})
                assert told(by_page, server, client, door) == row.by_page, status


@pytest.mark.parametrize("status", [100, 101, 102, 103, 150, 199])
def test_an_interim_answer_alone_leaves_it_open(
    server: RecordingServer, door: Door, status: int
) -> None:
    def interim(connection: Connection) -> bool:
        connection.send(b"HTTP/1.1 %d Interim\r\n\r\n" % status)
        return close_without_answer()(connection)

    with Client(server.url) as client:
        assert told(interim, server, client, door) == "`connection` maybe"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [100, 102, 103, 150, 199])
def test_the_final_answer_counts_after_an_interim_one(
    server: RecordingServer, door: Door, status: int
) -> None:
    def reply(connection: Connection) -> bool:
        connection.send(b"HTTP/1.1 %d Interim\r\nRetry-After: 9\r\n\r\n" % status)
        return answer(200, "{}", JSON)(connection)

    with Client(server.url) as client:
        assert told(reply, server, client, door) == "success"
