"""What a person's decision, or the end of a campaign, means for who is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from campaign_places import (
    ADA,
    agent,
    begun,
    client,
    place,
    postgres,
    sandbox,
    service,
)

if TYPE_CHECKING:
    import trillet
    from trillet.testing import Sandbox

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]


def test_who_is_to_be_redialed_is_called_also_where_each_is_called_once(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, attempts=1)
    sandbox.faults.add("calls.send", "reset", count=1)
    assert campaign.run_slice(client, max_seconds=5).unknown == 1
    assert campaign.resolve(ADA, "redial")
    assert campaign.run_slice(client, max_seconds=5).placed == 1


def test_a_cancelled_campaign_has_nobody_who_waits_when_its_calls_have_ended(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA)
    sandbox.faults.add("calls.send", "reset", count=1)
    assert campaign.run_slice(client, max_seconds=5).unknown == 1
    campaign.cancel()
    assert campaign.resolve(ADA, "redial")
    assert campaign.counts() == {"cancelled": 1}
