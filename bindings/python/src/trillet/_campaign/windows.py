"""When a phone may ring, by the clock of the person who has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .._model.errors import ConfigurationError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A window that opens once a week opens within as many days, whatever the clocks do.
SEARCHED_DAYS = 9


@dataclass(frozen=True)
class Window:
    """Hours in which a phone may ring.

    Attributes:
        days: ``"mon-sat"``, ``"sun"`` or ``"mon,wed,fri"``.
        opens: The first minute, ``"09:00"``.
        closes: The first minute that is too late, ``"20:00"``; ``"24:00"`` is midnight.
    """

    days: str
    opens: str
    closes: str

    def __post_init__(self) -> None:
        if not self.weekdays:
            raise ConfigurationError(f"A window needs a day, not {self.days!r}", field="windows")
        if not _minutes(self.opens) < _minutes(self.closes):
            raise ConfigurationError(
                f"A window must close after it opens: {self.opens} to {self.closes}; hours over"
                f" midnight are two windows",
                field="windows",
            )

    @property
    def weekdays(self) -> frozenset[int]:
        """0 is Monday."""
        found: set[int] = set()
        for part in self.days.lower().replace(" ", "").split(","):
            first, _, last = part.partition("-")
            if first not in DAYS or (last or first) not in DAYS:
                raise ConfigurationError(
                    f"{part!r} is no day: mon, tue, wed, thu, fri, sat, sun", field="windows"
                )
            start = DAYS.index(first)
            length = (DAYS.index(last or first) - start) % 7
            found.update((start + index) % 7 for index in range(length + 1))
        return frozenset(found)

    @property
    def minutes(self) -> tuple[int, int]:
        """The first minute of the day, and the first that is too late."""
        return _minutes(self.opens), _minutes(self.closes)


Windows = tuple[Window, ...]


def zone(name: str) -> ZoneInfo:
    """The time zone of that name in the IANA database."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"There is no time zone {name!r}, such as Europe/Berlin; if there should be, install"
            f" the package tzdata",
            field="time_zone",
        ) from error


def is_open(windows: Windows, zone_names: str, now: float) -> bool:
    """Whether the clocks of all of the zones, separated by spaces, are within a window."""
    if not windows:
        return True
    zones = [zone(name) for name in zone_names.split()]
    return bool(zones) and all(_is_open(windows, each, now) for each in zones)


def next_opening(windows: Windows, zone_names: str, now: float) -> float | None:
    """The first Unix time from now on at which a window is open in all zones; None if there is none
    within nine days."""
    if not windows:
        return now
    zones = [zone(name) for name in zone_names.split()]
    limit = now + SEARCHED_DAYS * 86_400
    at: float | None = now if zones else None
    while at is not None and at <= limit:
        if all(_is_open(windows, each, at) for each in zones):
            return at
        closed = next(each for each in zones if not _is_open(windows, each, at))
        at = _opening(windows, closed, at)
    return None


def _is_open(windows: Windows, place: ZoneInfo, now: float) -> bool:
    clock = datetime.fromtimestamp(now, place)
    minute = clock.hour * 60 + clock.minute
    return any(opens <= minute < closes for opens, closes in _hours(windows, clock.weekday()))


def _opening(windows: Windows, place: ZoneInfo, now: float) -> float | None:
    """The next time at which one opens there."""
    today = datetime.fromtimestamp(now, place).date()
    for offset in range(SEARCHED_DAYS):
        day = today + timedelta(days=offset)
        starts = [
            start
            for opens, _ in _hours(windows, day.weekday())
            for start in _moments(datetime.combine(day, time()) + timedelta(minutes=opens), place)
            if start > now and _is_open(windows, place, start)
        ]
        if starts:
            return min(starts)
    return None


@lru_cache(maxsize=64)
def _hours(windows: Windows, weekday: int) -> tuple[tuple[int, int], ...]:
    return tuple(window.minutes for window in windows if weekday in window.weekdays)


def _moments(wall: datetime, place: ZoneInfo) -> tuple[float, float]:
    """When the clock shows that time: twice where it is set back. Where it is set forward over that
    time, one of them is after that."""
    early, late = (wall.replace(tzinfo=place, fold=fold).timestamp() for fold in (0, 1))
    return early, late


def _minutes(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ConfigurationError(f"{text!r} is no time of day, such as 09:00", field="windows")
    total = int(hours) * 60 + int(minutes)
    if total > 24 * 60 or int(minutes) > 59:
        raise ConfigurationError(f"{text!r} is no time of day, such as 09:00", field="windows")
    return total
