"""Workers that are killed at any moment, judged by what the service did: no phone rings twice."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

import storm_workers
from campaign_places import agent_of, begun, place, postgres
from campaign_storm import (
    LOST,
    add_faults,
    doubts,
    judge,
    records_of,
    wait_until_called,
    wait_until_known,
)
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["place", "postgres"]

CONTACTS = 240
WORKERS = 4
KILLS = 40
SEED = 20_311


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=600) as running:
        yield running


def test_no_phone_rings_twice_whoever_is_killed(
    place: str, sandbox: Sandbox, tmp_path: Path
) -> None:
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
    lost = (*LOST, ("status", {"status": 503}))
    add_faults(sandbox, lost, count=CONTACTS, probability=0.05)
    job = storm_workers.Job(place, "storm", sandbox.url, 1500, str(tmp_path / "errors"))
    nursery = storm_workers.Nursery(job)
    workers = [nursery.start() for _ in range(WORKERS)]
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.0, 0.2))
        index = chance.randrange(WORKERS)
        storm_workers.end(workers[index])
        workers[index] = nursery.start()
    wait_until_called(campaign, seconds=60)
    for worker in workers:
        storm_workers.end(worker)
    nursery.close()
    assert nursery.errors() == []
    sandbox.faults.clear()

    with sandbox.client() as client:
        wait_until_known(campaign, client, seconds=30)
        records = records_of(client)
    kinds = judge(campaign, records.rung, CONTACTS)
    assert kinds["held"] <= KILLS + CONTACTS * 0.1
    assert doubts(place)["unheard"] <= KILLS + WORKERS
