"""Cells of contacts as spreadsheets and data frames have them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

import trillet
from campaign_places import ADA, BEN, EVE
from trillet.campaign import Campaign

if TYPE_CHECKING:
    from pathlib import Path

AGENT = "64f0c0ffee0000000000a001"


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return Campaign.create(tmp_path / "leads.db", "spring", agent=AGENT, account="acme")


def priorities(campaign: Campaign) -> list[int]:
    with campaign._database.read() as transaction:
        found = transaction.rows("SELECT priority FROM contact ORDER BY phone")
    return [priority for (priority,) in found]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_priority_counts_where_another_row_has_none(campaign: Campaign, library: str) -> None:
    frame = pytest.importorskip(library).DataFrame(
        {"phone_number": [ADA, BEN, EVE], "priority": [5.0, None, 9.0]}
    )
    assert campaign.add(frame).added == 3
    assert priorities(campaign) == [
        {ADA: 5, BEN: 0, EVE: 9}[phone] for phone in sorted((ADA, BEN, EVE))
    ]


def test_a_priority_that_is_no_finite_number_is_none(campaign: Campaign, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"phone_number,priority\n{ADA},inf\n{BEN},nan\n{EVE},1e999\n")
    assert campaign.add(file).added == 3
    assert priorities(campaign) == [0, 0, 0]


def test_rows_without_a_key_are_all_added_whatever_stands_for_nothing(campaign: Campaign) -> None:
    rows = [
        {"phone_number": ADA, "key": math.nan, "time_zone": math.nan, "priority": 4.0},
        {"phone_number": BEN, "key": math.nan, "time_zone": None, "plan": math.nan},
        {"phone_number": EVE, "key": math.nan, "plan": "gold"},
    ]
    assert campaign.add(rows).added == 3
    listed = {each.phone: each for each in campaign.contacts()}
    assert {phone: each.key for phone, each in listed.items()} == {ADA: ADA, BEN: BEN, EVE: EVE}
    assert [each.time_zone for each in listed.values()] == [None, None, None]
    assert listed[BEN].variables == {"plan": None}


def test_rows_of_a_frame_with_its_own_sign_for_nothing_are_added(campaign: Campaign) -> None:
    pandas = pytest.importorskip("pandas")
    nothing = pandas.NA
    rows = [{"phone_number": each, "key": nothing, "priority": nothing} for each in (ADA, BEN)]
    assert campaign.add(rows).added == 2


def test_a_phone_is_no_second_contact_by_digits_of_another_script(campaign: Campaign) -> None:
    wide = "+" + "".join(chr(ord(digit) + 0xFEE0) for digit in ADA[1:])
    with pytest.raises(trillet.InvalidArgumentError):
        campaign.add([{"phone_number": ADA}, {"phone_number": wide}])
    assert campaign.add([{"phone_number": ADA}]).added == 1


def test_a_do_not_call_list_holds_however_its_numbers_are_spelled(campaign: Campaign) -> None:
    campaign.add([{"phone_number": ADA}, {"phone_number": BEN}])
    spelled = f"{ADA[:2]} ({ADA[2:5]}) {ADA[5:8]}-{ADA[8:]} "
    assert campaign.suppress([spelled, ADA, f"{ADA[:2]}(0){ADA[2:]}"]) == 1
    assert campaign.preflight().never["suppressed"] == 1


@pytest.mark.parametrize("number", ["202 555 0101", "", "+", "+1202555o101"])
def test_a_do_not_call_list_with_what_is_no_number_is_refused(
    campaign: Campaign, number: str
) -> None:
    campaign.add([{"phone_number": ADA}])
    with pytest.raises(trillet.InvalidArgumentError, match=r"E\.164"):
        campaign.suppress([ADA, number])
    assert "suppressed" not in campaign.preflight().never
