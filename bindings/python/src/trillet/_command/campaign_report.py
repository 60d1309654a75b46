"""How a campaign stands, in words."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from .output import one_line

if TYPE_CHECKING:
    import argparse

    from ..campaign import Failure, Status


def line(status: Status) -> str:
    """All that fits a line, the most important first."""
    parts = [f"{one_line(status.name)} {_state(status)}: {status.ended:,} of {status.total:,}"]
    doubtful = status.contacts.get("held", 0) + status.contacts.get("unknown", 0)
    if doubtful:
        parts.append(f"{doubtful:,} in doubt")
    parts.append(progress(status))
    if status.waits_for is not None and status.state == "running":
        parts.append(f"waits for {one_line(status.waits_for)}")
    return ", ".join(parts)


def progress(status: Status) -> str:
    """How fast it is, and when it will be over."""
    told = f"{status.calls_per_minute:.0f} calls/min"
    if status.remaining_seconds is None:
        return told
    told += f", {_duration(status.remaining_seconds)} left"
    return told if status.over_at is None else f"{told}, over about {local_time(status.over_at)}"


def _state(status: Status) -> str:
    is_stopped = status.state in ("paused", "cancelled") and status.waits_for is not None
    return f"{status.state} ({one_line(status.waits_for)})" if is_stopped else status.state


def report(status: Status, given: argparse.Namespace) -> str:
    """The line, counts by state, and the last failures."""
    lines = [line(status)]
    lines += [f"  {state:10} {count:,}" for state, count in status.contacts.items()]
    lines += [f"  {failure_line(each)}" for each in status.failures]
    if status.contacts.get("held"):
        lines.append(f"Nobody calls who is held. List them with: {again(given, 'unknown')}")
    return "\n".join(lines)


def failure_line(failure: Failure) -> str:
    return f"{local_time(failure.at / 1000)}  {one_line(failure)}"


def again(given: argparse.Namespace, *words: str) -> str:
    """The command that goes on with the same campaign; without the password of a database."""
    # Here: every other command starts without a database.
    from .._campaign.opening import shown

    name = () if given.name is None else ("--name", given.name)
    verb, *options = words
    return shlex.join(("trillet", "campaign", verb, shown(given.database), *name, *options))


def local_time(at: float) -> str:
    """With the day, unless it is today."""
    there = time.localtime(at)
    is_today = there[:3] == time.localtime()[:3]
    return time.strftime("%H:%M" if is_today else "%a %d %b %H:%M", there)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{seconds / 3600:.1f} h"
