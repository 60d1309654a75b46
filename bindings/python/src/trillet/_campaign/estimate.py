"""When the first calls of a campaign would be placed: by windows, a minute's calls, and lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .openings import next_closing
from .policy import DAY
from .windows import next_opening

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .windows import Windows

MOST_DAYS = 366
# Of a call: what rounding leaves.
LITTLE = 1e-3


@dataclass(frozen=True)
class Estimate:
    """One call to each contact, at a steady rate.

    Attributes:
        first_call: Unix seconds; None if there is none.
        last_call: The first call to whoever is called last.
        by_day: How many calls on which day of this machine's clock.
        left: Who is not called by the end.
    """

    first_call: float | None
    last_call: float | None
    by_day: Mapping[str, int]
    left: int


@dataclass(frozen=True)
class Limits:
    """What bounds calls: how fast they start, until when, and how many."""

    per_second: float
    end: float
    calls: float


def estimate(
    windows: Windows, waiting: Mapping[tuple[str, float], int], start: float, limits: Limits
) -> Estimate:
    """When contacts are called, of whom there are so many with these zones who may first be called
    then. Whoever may be called at the same time is served alike."""
    groups = [_Group(windows, *each, float(count)) for each, count in waiting.items()]
    end = min(limits.end, start + MOST_DAYS * DAY)
    days: defaultdict[str, float] = defaultdict(float)
    first = last = None
    at, left = start, limits.calls
    while groups and at < end and left >= 1:
        called = [each for each in groups if each.is_open(at)]
        until = min([end, _midnight(at), *(each.changes_at for each in groups)])
        if called:
            wanted = sum(each.count for each in called)
            placed = min(wanted, left, (until - at) * limits.per_second)
            for each in called:
                each.count -= each.count * placed / wanted
            groups = [each for each in groups if each.count > LITTLE]
            first = at if first is None else first
            # The first call of a stretch is placed at once.
            last = at + max(0.0, placed - 1) / limits.per_second
            days[datetime.fromtimestamp(at).date().isoformat()] += placed
            left -= placed
        at = until
    return Estimate(first, last, _whole(days), round(sum(each.count for each in groups)))


def _whole(days: Mapping[str, float]) -> dict[str, int]:
    """Whole calls that add up to all of them."""
    whole: dict[str, int] = {}
    total = told = 0.0
    for day, calls in days.items():
        total += calls
        whole[day] = round(total - told)
        told += whole[day]
    return {day: calls for day, calls in whole.items() if calls}


class _Group:
    """Contacts that share their clocks."""

    def __init__(self, windows: Windows, zones: str, opening: float, count: float) -> None:
        self.count = count
        self.changes_at = opening
        self._windows = windows
        self._zones = zones
        self._is_open = False

    def is_open(self, now: float) -> bool:
        """Whether they may be called; tells by `changes_at` until when that holds."""
        if now < self.changes_at:
            return self._is_open
        if not self._windows:
            self._is_open, self.changes_at = True, float("inf")
            return True
        opening = next_opening(self._windows, self._zones, now)
        self._is_open = opening is not None and opening <= now
        if self._is_open:
            self.changes_at = next_closing(self._windows, self._zones, now)
        else:
            self.changes_at = float("inf") if opening is None else opening
        return self._is_open


def _midnight(at: float) -> float:
    """The next one, by this machine's clock."""
    tomorrow = datetime.fromtimestamp(at).date() + timedelta(days=1)
    return max(at + 1, datetime(tomorrow.year, tomorrow.month, tomorrow.day).timestamp())
