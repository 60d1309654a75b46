"""How a campaign calls: when, how often, how fast, and when it ends."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from .._model.errors import ConfigurationError
from .windows import Window, Windows, next_opening, zone
from .zones import zones_of

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400
_DURATIONS = (
    "send_before_seconds",
    "lease_seconds",
    "answer_seconds",
    "longest_call_seconds",
    "settle_seconds",
)


@dataclass(frozen=True)
class Retry:
    """What follows a call that came to nothing.

    Attributes:
        attempts: The most calls with this outcome.
        gap_seconds: The pause after each.
    """

    attempts: int
    gap_seconds: int


# By disposition; every other one is the end.
RETRIES = {
    "no_answer": Retry(3, 4 * 3600),
    "busy": Retry(3, 900),
    "failed": Retry(2, 3600),
    "voicemail": Retry(2, DAY),
}
# Monday to Saturday, where the contact lives.
WINDOWS = (Window("mon-sat", "09:00", "20:00"),)


@dataclass(frozen=True)
class Policy:
    """The rules of a campaign.

    Attributes:
        calls_per_minute: The limit of the account, for all its campaigns and workers together.
        calls_at_once: The most calls under way, likewise.
        windows: When a phone may ring, in the contact's time zone; empty for any time.
        time_zone: Of contacts that name none and whose number's prefix says nothing of where it
            rings; without one they are held.
        attempts: The most calls to one contact, whatever came of them.
        daily_attempts: The most calls to one number within 24 hours.
        retries: What follows which disposition; see `Retry`.
        send_before_seconds: A call that has not started that long after it was decided on does not
            start any more: a worker that was stopped does not ring when it wakes up.
        lease_seconds: For so long a worker keeps the contacts that it is about to call; those of a
            dead worker are called after that.
        answer_seconds: A worker that has not noted by then what came of its request counts as dead,
            and its call as one that may have been placed. Longer than the client's timeout.
        longest_call_seconds: After that, a call of which nothing was heard is looked for.
        settle_seconds: A call that may have been placed and is not in the history by then is held.
        expires_at: No call starts from then on, Unix seconds.
        most_calls: The campaign pauses after as many calls.
        most_cost: The campaign pauses before its calls cost more; `call_cost` is the dearest call.
        call_cost: What a call costs at most, reserved when it starts.
        failures_in_a_row: The campaign pauses after as many failed calls without a good one.
    """

    calls_per_minute: int = 60
    calls_at_once: int = 10
    windows: Windows = WINDOWS
    time_zone: str | None = None
    attempts: int = 3
    daily_attempts: int = 2
    retries: Mapping[str, Retry] = field(default_factory=lambda: dict(RETRIES))
    send_before_seconds: float = 10.0
    lease_seconds: float = 120.0
    answer_seconds: float = 120.0
    longest_call_seconds: float = 3600.0
    settle_seconds: float = 3600.0
    expires_at: float | None = None
    most_calls: int | None = None
    most_cost: float | None = None
    call_cost: float = 0.0
    failures_in_a_row: int = 20

    def __post_init__(self) -> None:
        object.__setattr__(self, "windows", tuple(self.windows))
        for name in ("calls_per_minute", "calls_at_once", "attempts", "daily_attempts"):
            _at_least_one(name, getattr(self, name))
        for name in _DURATIONS:
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} must be more than 0", field=name)
        if self.time_zone is not None:
            zone(self.time_zone)

    def zones(self, own: str | None, phone: str) -> str | None:
        """Whose clocks count for a contact: what is known of the person, else of the number, else
        of nobody in particular. A number of another country keeps that country's night."""
        return own or zones_of(phone) or self.time_zone

    def opening(self, zones: str, now: float) -> float | None:
        """The next time at which phones of these zones may ring; None if there is none."""
        opening = next_opening(self.windows, zones, now)
        if opening is None or (self.expires_at is not None and opening >= self.expires_at):
            return None
        return opening

    def text(self) -> str:
        """The policy as it stands in the database."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Policy:
        """What `text` wrote; a rule of a later version is passed over."""
        given: dict[str, Any] = json.loads(text)
        known = {each.name for each in fields(cls)}
        rules = {name: value for name, value in given.items() if name in known}
        rules["windows"] = tuple(Window(**each) for each in given["windows"])
        rules["retries"] = {name: Retry(**each) for name, each in given["retries"].items()}
        return cls(**rules)


def _at_least_one(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigurationError(f"{name} must be a whole number from 1, not {value!r}", field=name)
