"""Times as numbers, for what is compared with those of the history."""

from __future__ import annotations

import re
from datetime import datetime, timezone


def seconds_of(moment: str) -> float:
    """Unix seconds of what `verbs.times.moment` has read; a day begins in UTC."""
    text = moment if "T" in moment else f"{moment}T00:00:00Z"
    # Python before 3.11 reads no Z.
    return datetime.fromisoformat(re.sub("Z$", "+00:00", text)).timestamp()


def written(seconds: float) -> str:
    """The same the other way round, rounded down."""
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
