"""10,000 calls placed at once: each followed to its own end, within 60 requests a minute."""

from __future__ import annotations

import json
import os
import random
import resource
import time
from bisect import bisect_right
from typing import Any

import pytest

from list_doors import ListClient
from recording_server import (
    RecordingServer,
    Reply,
    Request,
    answer,
    close_without_answer,
    json_answer,
)

CALLS = 10_000
# A simulated minute lasts so long; a service of 60 requests a minute allows 60 in it.
MINUTE = 0.5
A_MINUTE = 60
ENDS = ("completed", "busy", "no-answer", "failed")
OUTCOMES = {"no-answer": "no_answer"}


class Service:
    """A history in a time of its own, a quarter of whose answers are faults."""

    def __init__(self, chosen: random.Random) -> None:
        self.chosen = chosen
        self.started = time.monotonic()
        self.times: list[float] = []
        # When each is listed, answered and over, in simulated minutes, and how it ends.
        self.calls = {
            f"call_{number}": (
                chosen.uniform(0, 0.5),
                chosen.uniform(0.5, 1),
                chosen.uniform(1, 15),
                chosen.choice(ENDS),
            )
            for number in range(CALLS)
        }

    def __call__(self, request: Request) -> Reply:
        now = time.monotonic()
        self.times.append(now)
        if self.chosen.random() < 0.25:
            return self.chosen.choice(
                [
                    answer(500, "{}", {"Content-Type": "application/json"}),
                    answer(502, "<html>", {"Content-Type": "text/html"}),
                    close_without_answer(),
                    json_answer({"error": "upstream"}, 503),
                ]
            )
        minute = (now - self.started) / MINUTE
        query = dict(request.query)
        names = json.loads(query["callIds"]) if "callIds" in query else list(self.calls)
        told = [self.record(name, minute) for name in names if self.calls[name][0] <= minute]
        start = (int(query["page"]) - 1) * 100
        return json_answer(told[start : start + 100])

    def record(self, name: str, minute: float) -> dict[str, Any]:
        _, answered, over, end = self.calls[name]
        status = "ringing" if minute < answered else "in-progress" if minute < over else end
        return {"_id": name.replace("call", "record"), "callId": name, "status": status}

    def most_in(self, minutes: float) -> int:
        """The most requests in so many simulated minutes in a row."""
        last = [bisect_right(self.times, at + minutes * MINUTE) for at in self.times]
        return max(end - begin for begin, end in enumerate(last))


@pytest.mark.parametrize("retries", [0, 2])
def test_10_000_calls_are_followed_to_their_ends_within_60_requests_a_minute(
    server: RecordingServer, retries: int
) -> None:
    seed = int(os.environ.get("TRILLET_TEST_SEED", random.randrange(2**32)))
    print(f"TRILLET_TEST_SEED={seed}")
    service = Service(random.Random(seed))
    server.respond = service
    limit = int(A_MINUTE * 60 / MINUTE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ListClient(server.url, maxRetries=retries, requestsPerMinute=limit) as client:
        ended = client.wait_for_calls(
            {"calls": list(service.calls), "minIntervalMs": 1, "deadlineMs": 120_000}
        )
    assert ended["ok"], ended["error"]["message"]
    calls = ended["data"]["calls"]
    outcomes = {call["callId"]: call["outcome"] for call in calls}
    expected = {name: OUTCOMES.get(end, end) for name, (*_, end) in service.calls.items()}
    assert outcomes == expected
    # Requests that arrive late arrive together.
    assert service.most_in(10) <= 10 * A_MINUTE * 1.05
    minutes = (service.times[-1] - service.started) / MINUTE
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{len(service.times)} requests in {minutes:.0f} minutes, {grown} KB more memory")
    assert len(service.times) <= minutes * A_MINUTE * 1.05
