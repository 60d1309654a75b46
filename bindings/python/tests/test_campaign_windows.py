"""When a phone may ring, judged by `zoneinfo` over generated pairs of time zone and time."""

from __future__ import annotations

import random
import zoneinfo
from datetime import datetime, timezone

import pytest

import trillet
from trillet._campaign.windows import is_open, next_opening
from trillet.campaign import Window

SEED = 17
PAIRS = 100_000
HOURS = (
    Window("mon-fri", "09:00", "12:30"),
    Window("mon-fri", "13:30", "20:00"),
    Window("sat", "10:00", "16:00"),
)
START = datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()
YEAR = 366 * 86_400


def allowed(zone: str, at: float) -> bool:
    """The same rule, by the wall clock alone."""
    clock = datetime.fromtimestamp(at, zoneinfo.ZoneInfo(zone))
    minute = clock.hour * 60 + clock.minute
    if clock.weekday() < 5:
        return 540 <= minute < 750 or 810 <= minute < 1200
    return clock.weekday() == 5 and 600 <= minute < 960


def test_nobody_is_called_outside_the_windows() -> None:
    chance = random.Random(SEED)
    zones = sorted(zoneinfo.available_timezones() - {"localtime"})
    for _ in range(PAIRS):
        zone, at = chance.choice(zones), START + chance.uniform(0, YEAR)
        assert is_open(HOURS, zone, at) == allowed(zone, at), (zone, at)


def test_the_next_opening_is_open_and_the_first() -> None:
    chance = random.Random(SEED)
    zones = sorted(zoneinfo.available_timezones() - {"localtime"})
    for _ in range(2_000):
        zone, at = chance.choice(zones), START + chance.uniform(0, YEAR)
        opening = next_opening(HOURS, zone, at)
        assert opening is not None
        assert allowed(zone, opening), (zone, at)
        assert at <= opening <= at + 4 * 86_400
        # Nothing before it is open, looked at each half an hour.
        moment = at
        while moment < opening:
            assert not allowed(zone, moment), (zone, at, moment)
            moment += 1800


@pytest.mark.parametrize("fold", [0, 1])
def test_where_the_clock_is_set_back_both_hours_count(fold: int) -> None:
    window = (Window("sun", "02:00", "02:30"),)
    clock = datetime(2026, 10, 25, 2, 10, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"), fold=fold)
    assert is_open(window, "Europe/Berlin", clock.timestamp())
    assert not is_open(window, "Europe/Berlin", clock.timestamp() + 1500)


def test_hours_that_are_left_out_are_no_window() -> None:
    window = (Window("sun", "02:00", "02:30"),)
    before = datetime(2026, 3, 28, 12, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).timestamp()
    opening = next_opening(window, "Europe/Berlin", before)
    assert opening is not None
    # That Sunday the clock goes from 2 to 3.
    assert datetime.fromtimestamp(opening, zoneinfo.ZoneInfo("Europe/Berlin")).day == 5


def test_all_zones_of_a_number_must_be_open() -> None:
    noon = datetime(2026, 6, 3, 12, tzinfo=zoneinfo.ZoneInfo("America/New_York")).timestamp()
    zones = "America/New_York America/Los_Angeles"
    window = (Window("mon-sun", "10:00", "20:00"),)
    assert not is_open(window, zones, noon)
    assert next_opening(window, zones, noon) == noon + 3600


@pytest.mark.parametrize(
    ("days", "opens", "closes"),
    [
        ("", "09:00", "20:00"),
        ("mon-frei", "09:00", "20:00"),
        ("mon", "9", "20:00"),
        ("mon", "09:00", "25:00"),
        ("mon", "20:00", "09:00"),
        ("mon", "09:60", "20:00"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(days: str, opens: str, closes: str) -> None:
    with pytest.raises(trillet.ConfigurationError):
        Window(days, opens, closes)
