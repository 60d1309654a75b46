"""What the page shows, as JSON."""

from __future__ import annotations

import json
import shlex
import time
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..campaign import Campaign

HOUR_MS = 3_600_000
# As many bars as a phone has room for.
MOST_HOURS = 48
# A service may have any number of outcomes, and a person tells few colours apart.
MOST_OUTCOMES = 8
MOST_DOUBTS = 50
OTHER = "other"

Hours = dict[int, dict[str, int]]


def picture(campaign: Campaign, place: str, hours: Hours) -> bytes:
    """All that the page shows."""
    status = campaign.status()
    outcomes: Counter[str] = Counter()
    for each in hours.values():
        outcomes.update(each)
    shown = [name for name, _ in outcomes.most_common(MOST_OUTCOMES)]
    doubtful = status.contacts.get("held", 0) + status.contacts.get("unknown", 0)
    told: dict[str, Any] = {
        **asdict(status),
        "at": time.time(),
        "total": status.total,
        "ended": status.ended,
        "place": place,
        "doubts": [asdict(each) for each in campaign.doubts(MOST_DOUBTS)] if doubtful else [],
        "hours": _last(hours, shown),
        "outcomes": list(_few(outcomes, shown).items()),
        "commands": {
            verb: shlex.join(("trillet", "campaign", verb, place, "--name", status.name))
            for verb in ("run", "resume", "unknown", "serve")
        },
    }
    return json.dumps(told).encode()


def trouble(message: str) -> bytes:
    """What stands for it while the database cannot be read."""
    return json.dumps({"error": message}).encode()


def _last(hours: Hours, shown: list[str]) -> list[tuple[int, dict[str, int]]]:
    """The last hours in a row, also those without a call."""
    if not hours:
        return []
    now = int(time.time() * 1000) // HOUR_MS * HOUR_MS
    last = max(max(hours), now)
    first = max(min(hours), last - (MOST_HOURS - 1) * HOUR_MS)
    return [(at, _few(hours.get(at, {}), shown)) for at in range(first, last + 1, HOUR_MS)]


def _few(counts: Mapping[str, int], shown: list[str]) -> dict[str, int]:
    few = {name: counts[name] for name in shown if name in counts}
    rest = sum(counts.values()) - sum(few.values())
    if rest:
        few[OTHER] = few.get(OTHER, 0) + rest
    return few
