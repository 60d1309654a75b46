"""How long windows stay open, and when so much time within them has gone by."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from .windows import next_opening, zone

if TYPE_CHECKING:
    from .windows import Windows

# An end that is more openings away is no forecast.
MOST_OPENINGS = 120
# Where a clock that is set forward passes over the time at which a window closes.
QUARTER = 900.0


def next_closing(windows: Windows, zone_names: str, now: float) -> float:
    """When the first zone closes, of windows that are open in all zones now."""
    return min(_closing(windows, name, now) for name in zone_names.split())


def end_of(windows: Windows, zone_names: str, start: float, seconds: float) -> float | None:
    """When so many seconds within windows have gone by; None for what is too far away."""
    if not windows:
        return start + seconds
    at, left = start, seconds
    for _ in range(MOST_OPENINGS):
        opening = next_opening(windows, zone_names, at)
        if opening is None:
            return None
        at = next_closing(windows, zone_names, opening)
        if opening + left <= at:
            return opening + left
        left -= at - opening
    return None


def _closing(windows: Windows, zone_name: str, now: float) -> float:
    place = zone(zone_name)
    there = datetime.fromtimestamp(now, place)
    minute = there.hour * 60 + there.minute
    ends = [
        closes
        for opens, closes in (each.minutes for each in windows if there.weekday() in each.weekdays)
        if opens <= minute < closes
    ]
    if not ends:
        return now + QUARTER
    wall = datetime.combine(there.date(), time()) + timedelta(minutes=max(ends))
    moments = (wall.replace(tzinfo=place, fold=fold).timestamp() for fold in (0, 1))
    return min((each for each in moments if each > now), default=now + QUARTER)
