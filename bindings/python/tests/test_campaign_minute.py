"""One limit for many workers, over a whole minute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

import storm_workers
from campaign_places import agent_of, begun, postgres
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgres_server import PostgresServer

__all__ = ["postgres"]

PER_MINUTE = 240
WORKERS = 8
SECONDS = 66.0


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def test_with_8_workers_no_sliding_minute_has_more_calls_than_the_limit(
    postgres: PostgresServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    places = [str(tmp_path / "leads.db"), postgres.database()]
    with sandbox.client() as client:
        agent = agent_of(client)
    phones = [f"+1303555{number:04}" for number in range(2 * PER_MINUTE)]
    rules: dict[str, Any] = {"calls_per_minute": PER_MINUTE, "calls_at_once": 1000, "retries": {}}
    campaigns = [begun(each, agent, *phones, **rules) for each in places]
    jobs = [
        storm_workers.Job(each, "spring", sandbox.url, 5000, str(tmp_path / "errors"))
        for each in places
    ]
    nurseries = [storm_workers.Nursery(job) for job in jobs]
    workers = [nursery.start() for nursery in nurseries for _ in range(WORKERS)]
    time.sleep(SECONDS)
    for worker in workers:
        storm_workers.end(worker)
    for nursery in nurseries:
        nursery.close()
    for campaign in campaigns:
        starts = sorted(each.intent_at for each in campaign.attempts())
        within = [
            sum(start <= at < start + 60_000 for at in starts[index : index + 2 * PER_MINUTE])
            for index, start in enumerate(starts)
        ]
        assert PER_MINUTE / 2 < max(within) <= PER_MINUTE
