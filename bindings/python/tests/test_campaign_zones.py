"""Where a number rings, judged by `phonenumbers` and `zoneinfo` over generated pairs."""

from __future__ import annotations

import random
import subprocess
import sys
import zoneinfo
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from trillet._campaign.zones import zones_of
from trillet.campaign import Policy, Window

SEED = 23
PAIRS = 100_000
HOURS = (Window("mon-sat", "09:00", "20:00"),)
START = datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()
YEAR = 366 * 86_400
KINDS = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
)
NORTH_AMERICA = 1
SCRIPT = Path(__file__).resolve().parents[3] / "Tools/phone-numbers/time_zones.py"


@lru_cache
def zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def may_ring(zones: tuple[str, ...], at: float) -> bool:
    """The rule of `HOURS`, by the wall clocks alone."""
    clocks = [datetime.fromtimestamp(at, zone(each)) for each in zones]
    return all(clock.weekday() < 6 and 9 <= clock.hour < 20 for clock in clocks)


def numbers(chance: random.Random) -> list[phonenumbers.PhoneNumber]:
    """Valid ones of every country."""
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in KINDS:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            shortest = len(str(example.country_code)) + 2
            for _ in range(60):
                kept = chance.randrange(shortest, len(text))
                tail = "".join(chance.choices("0123456789", k=len(text) - kept))
                number = phonenumbers.parse(text[:kept] + tail)
                if phonenumbers.number_type(number) in (
                    *KINDS,
                    PhoneNumberType.FIXED_LINE_OR_MOBILE,
                ):
                    found.append(number)
    return found


def test_no_number_rings_outside_its_hours() -> None:
    chance = random.Random(SEED)
    listed = numbers(chance)
    assert len({number.country_code for number in listed}) > 190
    policy = Policy(windows=HOURS)
    outside, opened = [], 0
    for _ in range(PAIRS):
        number, at = chance.choice(listed), START + chance.uniform(0, YEAR)
        phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        zones = policy.zones(None, phone)
        if zones is None or policy.opening(zones, at) != at:
            continue
        opened += 1
        # The areas of North America are each of one country, whatever the kind of the number.
        known = (
            time_zones_for_geographical_number(number)
            if number.country_code == NORTH_AMERICA
            else time_zones_for_number(number)
        )
        if not may_ring(known, at):
            outside.append((phone, zones, known, at))
    assert outside == []
    assert opened > PAIRS / 4


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("+12025550101", "America/New_York"),
        ("+13105550101", "America/Los_Angeles"),
        ("+4930123456", "Europe/Berlin"),
        ("+917410410123", "Asia/Kolkata"),
        ("+61291234567", "Australia/Sydney"),
        ("+80012345678", None),
        ("+999123456", None),
    ],
)
def test_the_prefix_says_where_a_number_rings(phone: str, zones: str | None) -> None:
    assert zones_of(phone) == zones


def test_a_mobile_number_may_ring_anywhere_in_its_country() -> None:
    zones = (zones_of("+61412345678") or "").split()
    assert {"Australia/Sydney", "Australia/Perth", "Australia/Adelaide"} <= set(zones)


def test_every_zone_of_the_table_is_known_to_the_system() -> None:
    from trillet._campaign.zones import _table

    named = {name for zones in _table()[0].values() for name in zones.split()}
    assert named <= zoneinfo.available_timezones()


def test_the_contact_comes_before_the_number_and_the_number_before_the_policy() -> None:
    policy = Policy(time_zone="Europe/Berlin")
    assert policy.zones("Asia/Tokyo", "+12025550101") == "Asia/Tokyo"
    assert policy.zones(None, "+12025550101") == "America/New_York"
    assert policy.zones(None, "+80012345678") == "Europe/Berlin"
    assert Policy().zones(None, "+80012345678") is None


def test_the_table_of_time_zones_is_current() -> None:
    ended = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
