"""The number of a call, however somebody has written it: a wrong "no" rings a phone twice."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from call_history import AGENT, NUMBER, QUICK, History, record
from list_doors import ListClient
from recording_server import RecordingServer, answer, json_answer


def escaped(value: object) -> bytes:
    """As serializers write it that escape more than they must, such as .NET's."""
    return json.dumps(value).replace("+", "\\u002B").encode()


def found(
    server: RecordingServer, client: ListClient, history: History, request: bytes | dict[str, Any]
) -> dict[str, Any]:
    server.respond = history
    answer = client.find_call(request)
    assert answer["ok"], answer
    data: dict[str, Any] = answer["data"]
    return data


def asked(**others: Any) -> dict[str, Any]:
    since = int(time.time() * 1000)
    return {"agentId": AGENT, "toNumber": NUMBER, "since": since, **QUICK, **others}


def test_a_number_with_an_escaped_plus_is_found(
    server: RecordingServer, client: ListClient
) -> None:
    data = found(server, client, History(record()), escaped(asked()))
    assert data["found"] == "yes"


def test_a_number_that_the_service_escapes_is_found(
    server: RecordingServer, client: ListClient
) -> None:
    page = answer(200, escaped([record()]), {"Content-Type": "application/json"})
    server.script(page, json_answer([]))
    got = client.find_call(asked())
    assert got["data"]["found"] == "yes"


def test_a_time_with_an_escaped_plus_is_read(server: RecordingServer, client: ListClient) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    request = escaped(asked(since=now))
    assert found(server, client, History(record()), request)["found"] == "yes"


@pytest.mark.parametrize("written", ["+1 (202) 555-0164", "0012025550164"])
def test_a_number_that_is_written_with_other_characters_is_found(
    server: RecordingServer, client: ListClient, written: str
) -> None:
    history = History(record(toPhoneNumber=written))
    assert found(server, client, history, asked())["found"] == "yes"


@pytest.mark.parametrize("written", ["(202) 555-0164", "555 0164", "011 1 202 555 0164"])
def test_a_number_that_may_be_the_same_forbids_a_no(
    server: RecordingServer, client: ListClient, written: str
) -> None:
    history = History(record(toPhoneNumber=written))
    data = found(server, client, history, asked())
    assert (data["found"], data["reason"]) == ("unknown", "ambiguous")
    data = found(server, client, History(record()), asked(toNumber=written))
    assert (data["found"], data["reason"]) == ("unknown", "ambiguous")
