"""What the options of the library are called in this package."""

from __future__ import annotations

from .option_names import OPTION_NAMES

OWN_NAMES = {
    **OPTION_NAMES,
    # Of waiting for a batch or for calls: these are fields of its request.
    "deadlineMs": "deadline_ms",
    "minIntervalMs": "min_interval_ms",
    "maxIntervalMs": "max_interval_ms",
    "lostMs": "lost_ms",
    "settleMs": "settle_ms",
    "stuckMs": "stuck_ms",
    "stopWhenStuck": "stop_when_stuck",
    "windowMs": "window_ms",
}


def in_python(text: str) -> str:
    """A message of the library with the names that a caller of this package can write."""
    import re

    words = r"\b(?:" + "|".join(OWN_NAMES) + r")\b"
    return re.sub(words, lambda found: OWN_NAMES[found[0]], text)
