"""Calls of which a page of the history tells at once how they have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from campaign_places import ADA, BEN, EVE, begun, place, postgres
from trillet._campaign import leases
from trillet._campaign.endings import Ending, ended
from trillet._campaign.intents import Intent, decide
from trillet._campaign.results import accepted
from trillet.campaign import Retry

if TYPE_CHECKING:
    from trillet.campaign import Campaign

__all__ = ["place", "postgres"]

AT_ONCE: dict[str, Any] = {"calls_per_minute": 60_000_000}


def called(campaign: Campaign) -> list[Intent]:
    """All contacts, each by a call that the service has taken."""
    context = campaign._context
    intents = [decide(context, contact) for contact in leases.take(context, 16)]
    for number, intent in enumerate(intents):
        assert isinstance(intent, Intent)
        accepted(context, intent, f"call{number}", {})
    return [each for each in intents if isinstance(each, Intent)]


def test_each_contact_of_a_page_goes_on_by_how_its_own_call_has_ended(place: str) -> None:
    retries = {"busy": Retry(2, 900), "no_answer": Retry(1, 900)}
    campaign = begun(place, "a", ADA, BEN, EVE, retries=retries, **AT_ONCE)
    endings = dict(zip((ADA, BEN, EVE), ("completed", "busy", "no_answer")))
    page = [(each.contact, each.n, Ending(endings[each.phone])) for each in called(campaign)]
    assert ended(campaign._context, page) == 3
    assert ended(campaign._context, reversed(page)) == 0
    listed = {each.phone: (each.state, each.disposition) for each in campaign.contacts()}
    assert listed == {
        ADA: ("done", "completed"),
        BEN: ("ready", "busy"),
        EVE: ("exhausted", "no_answer"),
    }


def test_too_many_failures_within_a_page_pause_the_campaign(place: str) -> None:
    phones = [f"+1202555{number:04}" for number in range(6)]
    campaign = begun(place, "a", *phones, retries={}, failures_in_a_row=3, **AT_ONCE)
    calls = called(campaign)

    def end(first: int, *dispositions: str) -> None:
        page = zip(calls[first:], dispositions)
        ended(campaign._context, [(each.contact, each.n, Ending(how)) for each, how in page])

    end(0, "failed", "failed", "completed")
    assert campaign.state == "running"
    end(3, "failed", "failed")
    assert campaign.state == "running"
    end(5, "failed")
    assert campaign.status().waits_for == "3 failures in a row: the last calls all failed"


def test_nothing_that_is_told_of_an_unknown_call_changes_a_contact(place: str) -> None:
    campaign = begun(place, "a", ADA)
    assert ended(campaign._context, [(1, 1, Ending("completed")), (77, 1, Ending("busy"))]) == 0
    assert ended(campaign._context, []) == 0
    assert campaign.counts() == {"ready": 1}
