"""One limit for all workers of an account."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

import pytest

import trillet
from campaign_places import agent_of, begun, place, postgres
from trillet.campaign import Campaign
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["place", "postgres"]

PER_MINUTE = 1200
WORKERS = 8
SECONDS = 6.0
WINDOW_MS = 2_000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def work(place: str, url: str) -> None:
    with trillet.Trillet("sandbox-key", "sandbox-workspace", base_url=url) as client:
        Campaign.open(place, "spring").run_slice(client, max_seconds=SECONDS)


def test_all_workers_together_keep_the_limit(place: str, sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        agent = agent_of(client)
    phones = [f"+1303555{number:04}" for number in range(400)]
    campaign = begun(place, agent, *phones, calls_per_minute=PER_MINUTE, calls_at_once=1000)
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=work, args=(place, sandbox.url)) for _ in range(WORKERS)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
        assert each.exitcode == 0
    starts = sorted(each.intent_at for each in campaign.attempts())
    for index, start in enumerate(starts):
        within = sum(at < start + WINDOW_MS for at in starts[index:])
        # Those that were late, by up to half a second, are made up for.
        assert within <= PER_MINUTE * (WINDOW_MS + 500) / 60_900 + 1
    assert len(starts) > 1
