"""A call history served by the recording server as a test wants it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from list_doors import ListClient
from recording_server import RecordingServer, Reply, Request, json_answer

AGENT = "5d1c0a77e2b94f0013ab6c21"
NUMBER = "+12025550164"
EMPTY = json_answer({"error": "Cannot read properties of undefined (reading 'length')"}, 500)

# Followed as fast as a test wants it.
QUICK = {"minIntervalMs": 1, "maxIntervalMs": 20, "settleMs": 0, "deadlineMs": 20_000}

Record = dict[str, Any]


def record(number: int = 1, status: object = "completed", **others: Any) -> Record:
    """A call as the history tells it; members that are None are left out."""
    told = {
        "_id": f"record_{number}",
        "timestamp": time.time(),
        "callId": f"call_{number}",
        "fromPhoneNumber": "+12025550117",
        "toPhoneNumber": NUMBER,
        "direction": "outbound",
        "agent": AGENT,
        "status": status,
        "transcript": [],
        **others,
    }
    return {name: value for name, value in told.items() if value is not None}


class History:
    """Serves ``records``, the newest first. Each look of the test's may change them before."""

    def __init__(self, *records: Record) -> None:
        self.records = list(records)
        # The members of a record that the filter by ids knows; none ignores the filter.
        self.filters = ["callId", "_id"]
        self.most = 100
        self.asked = 0
        self.queries: list[dict[str, str]] = []
        # Asked before an answer: how many have been asked for, and the query.
        self.before: Callable[[int, dict[str, str]], Reply | None] = lambda asked, query: None

    def __call__(self, request: Request) -> Reply:
        assert request.path == "/v2/api/call-history"
        query = dict(request.query)
        self.queries.append(query)
        self.asked += 1
        other = self.before(self.asked, query)
        return other if other is not None else json_answer(self.page(query))

    def page(self, query: dict[str, str]) -> list[Record]:
        records = self.records
        if "callIds" in query and self.filters:
            wanted = set(json.loads(query["callIds"]))
            records = [
                told for told in records if any(told.get(name) in wanted for name in self.filters)
            ]
        limit = min(int(query.get("limit", "10")), self.most)
        start = (int(query.get("page", "1")) - 1) * limit
        return records[start : start + limit]


def stages(*looks: list[Record] | Reply) -> History:
    """A history that stands so in one look after the other, and as the last says for ever."""
    history = History()

    def change(asked: int, query: dict[str, str]) -> Reply | None:
        look = looks[min(asked, len(looks)) - 1]
        if not isinstance(look, list):
            return look
        history.records = look
        return None

    history.before = change
    return history


def follow(
    server: RecordingServer, client: ListClient, history: History, request: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Follows calls by that history: the answer, and what the progress function was told."""
    server.respond = history
    reports: list[dict[str, Any]] = []
    return client.wait_for_calls({**QUICK, **request}, reports.append), reports


def by_number(at: float | None = None, **others: Any) -> dict[str, Any]:
    """A call that is known by agent, number and time alone."""
    sent = time.time() if at is None else at
    return {"agentId": AGENT, "toNumber": NUMBER, "time": int(sent * 1000), **others}
