"""Times as a person reads them."""

from __future__ import annotations

import time


def clock(at: float, now: float) -> str:
    """A Unix time by this machine's clock; with the day unless it is today."""
    there = time.localtime(at)
    is_today = time.localtime(now)[:3] == there[:3]
    return time.strftime("%H:%M %Z" if is_today else "%a %d %b %H:%M %Z", there)


def duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
