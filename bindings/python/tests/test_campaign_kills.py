"""Workers that are killed at any moment, judged by what the service did: no phone rings twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from campaign_places import agent_of, begun, place, postgres
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["place", "postgres"]

CONTACTS = 240
WORKERS = 4
KILLS = 40
SEED = 20_311

WORKER = """
import sys
from trillet import Trillet
from trillet.campaign import Campaign

with Trillet("sandbox-key", "sandbox-workspace", base_url=sys.argv[3], timeout_ms=1500) as client:
    with Campaign.open(sys.argv[1], sys.argv[2]) as campaign:
        while True:
            campaign.run_slice(client, max_seconds=5)
            if not {"ready", "leased"} & campaign.counts().keys():
                break
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=600) as running:
        yield running


def rung(sandbox: Sandbox) -> Counter[str]:
    """How often each phone rang."""
    found: Counter[str] = Counter()
    with sandbox.client() as client:
        page = 1
        while records := client.calls.history(page=page, limit=100):
            found.update(str(each["toPhoneNumber"]) for each in records)
            page += 1
    return found


def test_no_phone_rings_twice_whoever_is_killed(place: str, sandbox: Sandbox) -> None:
    chance = random.Random(SEED)
    with sandbox.client() as client:
        agent = agent_of(client)
    campaign = begun(
        place,
        agent,
        *(f"+1202555{number:04}" for number in range(CONTACTS)),
        name="storm",
        calls_at_once=1000,
        retries={},
        send_before_seconds=2,
        lease_seconds=3,
        answer_seconds=2,
        settle_seconds=2,
    )
    for when in ("before", "during", "after"):
        sandbox.faults.add("calls.send", "reset", probability=0.05, count=CONTACTS, when=when)
    sandbox.faults.add("calls.send", "status", status=503, probability=0.05, count=CONTACTS)

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", WORKER, place, "storm", sandbox.url],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    workers = [start() for _ in range(WORKERS)]
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.0, 0.2))
        index = chance.randrange(WORKERS)
        workers[index].send_signal(signal.SIGKILL)
        workers[index].wait()
        workers[index] = start()
    for worker in workers:
        assert worker.wait(timeout=60) == 0
    sandbox.faults.clear()

    with sandbox.client() as client:
        end = time.monotonic() + 30
        while campaign.counts().keys() & {"dialing", "unknown", "in_call"}:
            assert time.monotonic() < end, campaign.counts()
            time.sleep(0.5)
            campaign.run_slice(client, max_seconds=0)
    times = rung(sandbox)
    assert max(times.values()) == 1
    counts = campaign.counts()
    assert sum(counts.values()) == CONTACTS
    # Who is held is known not to have rung; everybody else has.
    assert len(times) == CONTACTS - counts["held"] - counts["refused"]
    assert counts["held"] <= KILLS + CONTACTS * 0.1
