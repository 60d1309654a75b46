"""What is told before the first call."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import ADA, BEN, begun, place, postgres
from trillet import InvalidArgumentError
from trillet._command.command import main
from trillet.campaign import Window

if TYPE_CHECKING:
    from trillet.campaign import Campaign

__all__ = ["place", "postgres"]


def test_a_budget_bounds_the_cost(place: str) -> None:
    plan = begun(place, "a", ADA, BEN, attempts=3, call_cost=0.5, most_cost=2.0).preflight()
    assert (plan.most_calls, plan.most_cost) == (6, 2.0)


def test_who_is_never_called_is_told_with_the_reason(place: str) -> None:
    windows = (Window("mon-sun", "00:00", "24:00"),)
    campaign = begun(place, "a", windows=windows)
    campaign.add([{"phone_number": ADA, "time_zone": "Mars"}])
    ended = begun(place, "a", BEN, name="ended", windows=windows, expires_at=time.time() - 1)
    assert campaign.preflight().never == {"unknown time zone": 1}
    assert ended.preflight().never == {"no open window": 1}


def many(place: str, count: int, *, zones: str = "UTC", **rules: Any) -> Campaign:
    """A campaign with so many contacts."""
    campaign = begun(place, "a", **rules)
    campaign.add(
        {"phone_number": f"+1202555{number:04}", "time_zone": zones} for number in range(count)
    )
    return campaign


def test_the_first_and_the_last_call_follow_from_the_calls_a_minute(place: str) -> None:
    plan = many(place, 121, calls_per_minute=60, calls_at_once=100).preflight(call_seconds=30)
    assert plan.first_call is not None
    assert plan.first_call == pytest.approx(time.time(), abs=30)
    assert plan.last_call == pytest.approx(plan.first_call + 120, abs=1)
    assert sum((plan.by_day or {}).values()) == 121
    assert (plan.call_seconds, plan.left) == (30, 0)


def test_calls_at_once_bound_them_by_the_length_of_a_call(place: str) -> None:
    campaign = many(place, 11, calls_per_minute=60, calls_at_once=2, longest_call_seconds=600)
    longest, stated = campaign.preflight(), campaign.preflight(call_seconds=60)
    assert longest.first_call is not None
    assert longest.last_call == pytest.approx(longest.first_call + 10 * 300, abs=1)
    assert stated.first_call is not None
    assert stated.last_call == pytest.approx(stated.first_call + 10 * 30, abs=1)
    with pytest.raises(InvalidArgumentError, match="more than 0 seconds"):
        campaign.preflight(call_seconds=0)


def test_calls_are_spread_over_the_days_whose_windows_they_need(place: str) -> None:
    # The clock of UTC may be near midnight: from the second day on it is the same each day.
    windows = (Window("mon-sun", "10:00", "11:00"),)
    plan = many(place, 300, windows=windows, calls_per_minute=1, calls_at_once=9).preflight(1)
    assert plan.first_call is not None
    assert plan.last_call is not None
    days = list((plan.by_day or {}).values())
    assert sum(days) == 300
    assert days[1:4] == [60, 60, 60]
    assert plan.last_call - plan.first_call > 4 * 86_400 - 3_600


def test_each_zone_waits_for_its_own_window(place: str) -> None:
    there, later = datetime.now(timezone.utc), datetime.now(timezone.utc) + timedelta(hours=3)
    hour = Window("mon-sun", f"{there.hour:02}:00", f"{there.hour + 1:02}:00")
    campaign = many(place, 3, windows=(hour,))
    # Where it is three hours earlier.
    campaign.add([{"phone_number": BEN, "time_zone": "Etc/GMT+3"}])
    plan = campaign.preflight(call_seconds=1)
    assert plan.first_call == pytest.approx(there.timestamp(), abs=30)
    opening = later.replace(minute=0, second=0, microsecond=0).timestamp()
    assert plan.last_call == pytest.approx(opening, abs=1)


def test_who_is_not_reached_before_the_end_is_told(place: str) -> None:
    campaign = many(place, 100, calls_per_minute=6, expires_at=time.time() + 600)
    plan = campaign.preflight(call_seconds=1)
    assert plan.left == pytest.approx(40, abs=3)
    assert plan.last_call == pytest.approx(time.time() + 600, abs=30)


def test_a_budget_ends_the_calls(place: str) -> None:
    plan = many(place, 100, most_calls=30).preflight(call_seconds=1)
    assert (plan.most_calls, plan.left) == (30, 70)
    assert sum((plan.by_day or {}).values()) == 30


def test_the_pages_of_a_long_list_are_each_read_once(place: str) -> None:
    campaign = begun(place, "a")
    campaign.add({"phone_number": f"+120{number:08}"} for number in range(10_001))
    assert campaign.preflight().callable == 10_001


def test_the_command_tells_the_times(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    many(place, 12, calls_at_once=10)
    assert main(["campaign", "preflight", place]) == 0
    told = capsys.readouterr().out
    assert "12 contacts are called" in told
    assert "first call " in told
    assert "if a call lasts 3600 s (longest_call_seconds; say how long" in told
    words = ["--call-seconds", "90", "--output", "json"]
    assert main(["campaign", "preflight", place, *words]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["call_seconds"] == 90
    assert plan["first_call"] <= plan["last_call"]
    assert sum(plan["by_day"].values()) == 12
