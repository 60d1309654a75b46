"""What keeps workers from calling, and what does not."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from campaign_places import ADA, BEN, agent_of, begun, place, placed, postgres
from trillet._campaign import reconciling
from trillet.campaign import Campaign
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    import trillet

__all__ = ["place", "postgres"]

DISTANCE_SECONDS = 60.9 / 3


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=600) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[trillet.Trillet]:
    with sandbox.client() as opened:
        yield opened


def test_ends_are_heard_of_while_others_wait_for_a_start_far_away(
    place: str, sandbox: Sandbox, client: trillet.Trillet, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A look that comes before the end of the call is to be followed by another at once.
    monkeypatch.setattr(reconciling, "SHARE", 0)
    campaign = begun(place, agent_of(client), ADA, BEN, calls_per_minute=3, retries={})
    before = placed(sandbox)
    end = time.monotonic() + DISTANCE_SECONDS / 2
    while campaign.counts() != {"done": 1, "ready": 1}:
        assert time.monotonic() < end, campaign.counts()
        campaign.run_slice(client, max_seconds=0.2)
    assert placed(sandbox) - before == 1


def test_a_look_takes_its_turn_from_the_calls(
    place: str, sandbox: Sandbox, client: trillet.Trillet
) -> None:
    campaign = begun(place, agent_of(client), ADA, BEN, calls_per_minute=3, retries={})
    begin = time.monotonic()
    assert campaign.run_slice(client, max_seconds=0.2).placed == 1
    with campaign._database.read() as transaction:
        found = transaction.row("SELECT next_start FROM pace")
        assert found is not None
        left = (found[0] - transaction.steady()) / 1e6 + time.monotonic() - begin
    assert DISTANCE_SECONDS * 1.9 < left < DISTANCE_SECONDS * 2.1


def test_a_worker_that_was_too_late_keeps_nobody_else_from_calling(
    place: str, client: trillet.Trillet
) -> None:
    campaign = begun(place, agent_of(client), ADA, BEN)
    late = Campaign.open(place, "spring")
    policy = replace(late._context.policy)
    object.__setattr__(policy, "send_before_seconds", -1)
    late._context = replace(late._context, policy=policy)
    assert late.run_slice(client, max_seconds=0.2).unsent > 0
    assert campaign.run_slice(client, max_seconds=3).placed == 2
