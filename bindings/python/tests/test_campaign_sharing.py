"""Who is called first, and how campaigns share what an account may do."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import trillet
from campaign_places import (
    agent,
    begun,
    client,
    place,
    postgres,
    sandbox,
    service,
)
from trillet._campaign.opening import database_of
from trillet.campaign import Campaign, Policy

if TYPE_CHECKING:
    from trillet.testing import Sandbox

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]

PER_MINUTE = 480
SECONDS = 10.0


def phones(area: int, count: int = 400) -> list[str]:
    return [f"+1{area}555{number:04}" for number in range(count)]


def work_all(sandbox: Sandbox, *campaigns: Campaign) -> dict[str, int]:
    """Two workers of each, at the same time: how many calls each campaign placed."""
    counts = dict.fromkeys((each.name for each in campaigns), 0)
    lock = threading.Lock()

    def work(campaign: Campaign) -> None:
        with sandbox.client() as client:
            summary = campaign.run_slice(client, max_seconds=SECONDS)
            campaign.close()
        with lock:
            counts[campaign.name] += summary.placed

    with ThreadPoolExecutor() as pool:
        # A worker that fails fails the test.
        list(pool.map(work, campaigns * 2))
    return counts


def test_campaigns_share_an_account_by_weight(place: str, sandbox: Sandbox, agent: str) -> None:
    rules = {"calls_per_minute": PER_MINUTE, "calls_at_once": 1000}
    heavy = begun(place, agent, *phones(202), name="heavy", weight=3, **rules)
    light = begun(place, agent, *phones(303), name="light", **rules)
    counts = work_all(sandbox, heavy, light)
    total = sum(counts.values())
    assert total > 20
    assert counts["heavy"] / total == pytest.approx(0.75, abs=0.05)


def test_a_campaign_with_nobody_due_leaves_its_share(
    place: str, sandbox: Sandbox, agent: str
) -> None:
    rules = {"calls_per_minute": PER_MINUTE, "calls_at_once": 1000}
    heavy = begun(place, agent, *phones(202, 3), name="heavy", weight=100, **rules)
    light = begun(place, agent, *phones(303), name="light", **rules)
    counts = work_all(sandbox, heavy, light)
    assert counts["heavy"] == 3
    assert counts["light"] > 20


def test_a_campaign_whose_workers_have_died_keeps_nobody_waiting(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    begun(place, agent, *phones(202), name="heavy", weight=100)
    light = begun(place, agent, *phones(303), name="light")
    now = "SELECT MAX(asked_at) FROM campaign"
    with database_of(place).write() as transaction:
        transaction.run(
            "UPDATE campaign SET asked_at = ?, turn = -5 WHERE name = 'heavy'", transaction.steady()
        )
        assert transaction.row(now) is not None
    assert light.run_slice(client, max_seconds=8, max_calls=5).placed == 5


def test_important_contacts_are_called_first(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent)
    ordinary, urgent = phones(202, 60), phones(303, 20)
    campaign.add({"phone_number": phone} for phone in ordinary)
    campaign.add({"phone_number": phone, "priority": 5} for phone in urgent[:10])
    campaign.add({"phone_number": phone, "priority": "9"} for phone in urgent[10:])
    campaign.run_slice(client, max_seconds=30, max_calls=22)
    called = [each.phone for each in sorted(campaign.attempts(), key=lambda each: each.intent_at)]
    assert set(urgent) <= set(called)
    # The last of each sixteen is the one that has been due the longest.
    assert called[:15] == urgent[10:] + urgent[:5]
    assert called[15] == ordinary[0]


def test_a_priority_that_is_none_keeps_nobody_from_being_called(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent)
    cells = ["", "high", None, -4, 99, 2.5, "7"]
    rows = zip(phones(202, len(cells)), cells)
    campaign.add({"phone_number": phone, "priority": cell} for phone, cell in rows)
    assert campaign.run_slice(client, max_seconds=20).placed == len(cells)
    assert "priority" not in next(campaign.contacts()).variables


@pytest.mark.parametrize("weight", [0, 1001, 1.5, True])
def test_a_weight_that_makes_no_sense_is_refused(weight: object) -> None:
    with pytest.raises(trillet.ConfigurationError, match="weight"):
        Policy(weight=weight)  # type: ignore[arg-type]
