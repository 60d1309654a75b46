"""A host whose clock is wrong asks for its calls: the service's clock stands in its answers."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from call_history import AGENT, NUMBER, QUICK, History, record
from list_doors import ListClient
from recording_server import RecordingServer, Reply, Request, answer

FAR = 300


class ClockedHistory(History):
    """The history of a service whose clock is so many seconds ahead of the host's."""

    def __init__(self, lead: float, *records: dict[str, Any]) -> None:
        super().__init__(*records)
        self.lead = lead

    def __call__(self, request: Request) -> Reply:
        headers = {
            "Content-Type": "application/json",
            "Date": formatdate(time.time() + self.lead, usegmt=True),
        }
        return answer(200, json.dumps(self.page(dict(request.query))), headers)


def begun(number: int, lead: float, seconds_ago: float = 0) -> dict[str, Any]:
    """A call as a service writes it whose clock is so far ahead."""
    return record(number, timestamp=time.time() + lead - seconds_ago)


def asked(name: str = "since") -> dict[str, Any]:
    return {"agentId": AGENT, "toNumber": NUMBER, name: int(time.time() * 1000), **QUICK}


def find(server: RecordingServer, client: ListClient, history: History) -> dict[str, Any]:
    server.respond = history
    data: dict[str, Any] = client.find_call(asked())["data"]
    return data


@pytest.mark.parametrize("lead", [-FAR, -45])
def test_a_host_whose_clock_is_ahead_gets_no_wrong_no(
    server: RecordingServer, client: ListClient, lead: float
) -> None:
    old = [begun(number, lead, 7200) for number in (2, 3)]
    data = find(server, client, ClockedHistory(lead, begun(1, lead), *old))
    assert (data["found"], data["reason"]) == ("unknown", "ambiguous")


@pytest.mark.parametrize("lead", [-FAR, 0, FAR])
def test_without_such_a_call_it_is_no(
    server: RecordingServer, client: ListClient, lead: float
) -> None:
    old = [begun(number, lead, 7200) for number in (2, 3)]
    assert find(server, client, ClockedHistory(lead, *old))["found"] == "no"


def test_a_host_whose_clock_is_behind_does_not_take_an_older_call_for_its_own(
    server: RecordingServer, client: ListClient
) -> None:
    history = ClockedHistory(FAR, begun(1, FAR, 200), begun(2, FAR, 7200))
    data = find(server, client, history)
    assert (data["found"], data["reason"]) == ("unknown", "ambiguous")


def test_a_host_whose_clock_is_behind_finds_its_call(
    server: RecordingServer, client: ListClient
) -> None:
    data = find(server, client, ClockedHistory(FAR, begun(1, FAR), begun(2, FAR, 7200)))
    assert (data["found"], data["callId"]) == ("yes", "call_1")


def test_a_call_that_is_known_by_its_number_is_not_lost_to_a_clock_that_is_behind(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = ClockedHistory(FAR, begun(1, FAR), begun(2, FAR, 7200))
    end = client.wait_for_calls({**asked("time"), "lostMs": 200})
    assert (end["data"]["state"], end["data"]["callId"]) == ("ended", "call_1")


def test_a_call_that_is_known_by_its_number_is_not_lost_to_a_clock_that_is_ahead(
    server: RecordingServer, client: ListClient
) -> None:
    old = [begun(number, -FAR, 7200) for number in (2, 3)]
    server.respond = ClockedHistory(-FAR, begun(1, -FAR), *old)
    end = client.wait_for_calls({**asked("time"), "lostMs": 500})
    assert end["data"]["state"] == "ambiguous"
