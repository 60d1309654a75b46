"""The tables of campaigns: older ones, and what a contact is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import trillet
from campaign_places import ADA, BEN, EVE, begun, place, postgres
from trillet._campaign import schema
from trillet._campaign.opening import database_of
from trillet.campaign import Campaign

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["place", "postgres"]


def test_an_older_database_is_brought_to_this_version(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(place, "a", ADA).close()
    further = ("ALTER TABLE campaign ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, further))
    for _ in range(2):
        campaign = Campaign.open(place)
        assert campaign.counts() == {"ready": 1}
        campaign.close()
    with database_of(place).read() as transaction:
        assert transaction.row("SELECT colour FROM campaign") == ("red",)


def test_a_contact_without_a_key_is_known_by_its_number(place: str, tmp_path: Path) -> None:
    campaign = begun(place, "a")
    campaign.add([{"phone_number": ADA}, {"phone_number": BEN, "key": BEN}])
    path = tmp_path / "contacts.csv"
    path.write_text(f"phone_number,key\n{EVE},\n{ADA},7\n")
    assert campaign.add(path).added == 1
    assert [each.key for each in campaign.contacts()] == [ADA, BEN, EVE]


def test_a_key_is_in_a_campaign_once(place: str) -> None:
    campaign = begun(place, "a")
    rows = [{"phone_number": ADA, "key": "7"}, {"phone_number": BEN, "key": "7"}]
    added = campaign.add(rows)
    assert (added.added, added.known) == (1, 1)
    assert [(each.key, each.phone) for each in campaign.contacts()] == [("7", ADA)]


@pytest.mark.parametrize("phone", ["+", "12025550101", "+1202555\u0660101", "+1-202"])
def test_what_is_no_number_is_no_contact(place: str, phone: str) -> None:
    campaign = begun(place, "a")
    with pytest.raises(trillet.InvalidArgumentError, match="no number in E"):
        campaign.add([{"phone_number": phone}])
    assert not campaign.resolve(phone, "called")
    assert not campaign.counts()


def test_numbers_that_ring_nowhere_are_told_apart_and_stop_no_other(place: str) -> None:
    phones = [ADA, "+0" + ADA[1:], f"+{'9' * 40}", f"+{'9' * 16}"]
    campaign = begun(place, "a", *phones)
    assert [each.phone for each in campaign.contacts()] == phones
    campaign.add({"phone_number": phone} for phone in phones)
    assert campaign.counts() == {"ready": 4}


def test_the_longest_due_of_the_highest_priority_are_leased_first(place: str) -> None:
    from trillet._campaign import leases

    campaign = begun(place, "a")
    phones = [f"+1202555{number:04}" for number in range(6)]
    priorities = (0, 9, 0, 5, 9, 0)
    campaign.add(
        {"phone_number": phone, "priority": priority} for phone, priority in zip(phones, priorities)
    )
    # The last place is for the longest due of all, which here is the first that was added.
    with database_of(place).write() as transaction:
        transaction.run("UPDATE contact SET due_at = 5 WHERE priority > 0")
    assert leases.take(campaign._context, 4) == [2, 5, 4, 1]
    assert leases.take(campaign._context, 1) == [3]
