"""Times as people type them: ``90s``, ``1h``, ``2d``, ``2031-03-04T15:00:00Z``."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone

from .. import InvalidArgumentError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGO = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)


def seconds_of(text: str, option: str) -> float:
    """The time in Unix seconds; one without a zone is of this machine's."""
    if ago := _AGO.fullmatch(text):
        return time.time() - int(ago[1]) * _SECONDS[ago[2]]
    try:
        # Python before 3.11 reads no Z.
        return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text)).timestamp()
    except (ValueError, OverflowError, OSError):
        raise InvalidArgumentError(
            f"{option} is a time such as 90m, 1h, 2d, 2031-03-04 or 2031-03-04T15:00:00Z, "
            f"not {text!r}",
            field=option,
        ) from None


def written(seconds: float) -> str:
    """The same as a text that `seconds_of` reads, rounded down."""
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
