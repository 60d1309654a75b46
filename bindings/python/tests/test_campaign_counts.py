"""The counts of a campaign, which triggers keep, and contacts that come in bulk."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import (
    ADA,
    BEN,
    EVE,
    agent,
    begun,
    client,
    place,
    postgres,
    sandbox,
    service,
)
from trillet._campaign import adding, tables
from trillet._campaign.opening import database_of
from trillet._campaign.tally import add_up
from trillet.campaign import Campaign, Policy

if TYPE_CHECKING:
    from pathlib import Path

    import trillet

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]


def rows(count: int) -> list[dict[str, str]]:
    return [{"phone_number": f"+1303{2_000_000 + each}"} for each in range(count)]


def listed(campaign: Campaign) -> Counter[str]:
    return Counter(each.state for each in campaign.contacts())


def test_the_counts_are_those_of_the_rows_whatever_changes_them(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, BEN, EVE)
    campaign.suppress(BEN)
    campaign.run_slice(client, max_seconds=10)
    assert campaign.counts() == listed(campaign) == {"in_call": 2, "suppressed": 1}
    database = database_of(place)
    with database.write() as transaction:
        transaction.run("UPDATE contact SET state = 'held' WHERE phone = ?", ADA)
        transaction.run("UPDATE attempt SET state = 'ended', cost = 0.1 WHERE phone = ?", EVE)
        transaction.run("DELETE FROM attempt WHERE phone = ?", ADA)
        transaction.run("DELETE FROM contact WHERE phone = ?", BEN)
    database.close()
    assert campaign.counts() == listed(campaign) == {"held": 1, "in_call": 1}
    status = campaign.status()
    assert (status.calls, status.cost) == (1, 0.1)


def test_what_is_rolled_back_does_not_count(place: str) -> None:
    campaign = begun(place, "agent", ADA)
    database = database_of(place)

    def fail() -> None:
        with database.write() as transaction:
            transaction.run("UPDATE contact SET state = 'held'")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    database.close()
    assert campaign.counts() == {"ready": 1}


def test_adding_up_changes_no_count(place: str) -> None:
    campaign = begun(place, "agent", ADA, BEN)
    campaign.cancel()
    for _ in range(2):
        add_up(campaign._context)
        assert campaign.counts() == listed(campaign) == {"cancelled": 2}


def test_a_number_of_two_rows_is_added_once_and_counted_once(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "ROWS", 10)
    campaign = begun(place, "agent")
    added = campaign.add([*rows(25), *rows(35)])
    assert (added.added, added.known) == (35, 25)
    assert campaign.counts() == listed(campaign) == {"ready": 35}
    # In the order in which they were added.
    assert [each.phone for each in campaign.contacts()] == [
        each["phone_number"] for each in rows(35)
    ]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_the_good_rows_of_a_data_frame_are_added(
    tmp_path: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS", 2)
    frames: Any = pytest.importorskip(library)
    columns = {
        "phone_number": [ADA, "555", BEN, EVE],
        "first,name": ["A\nda", "", 'B"en', "É"],
    }
    campaign = Campaign.create(
        tmp_path / "leads.db", "s", agent="a", account="a", policy=Policy(windows=())
    )
    added = campaign.add(frames.DataFrame(columns))
    assert (added.added, added.known) == (3, 0)
    assert added.report is not None
    assert not added.report.valid
    assert [each.variables for each in campaign.contacts()] == [
        {"first,name": "A\nda"},
        {"first,name": 'B"en'},
        {"first,name": "É"},
    ]
