"""Times as people type them: ``1h``, ``2d``, ``2031-03-04``, ``2031-03-04T15:00:00Z``."""

from __future__ import annotations

import argparse
import re
from datetime import datetime, timedelta, timezone

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,6})([smhdw])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def moment(text: str) -> str:
    """A time as the service takes it; a day stays one.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            then = datetime.now(timezone.utc) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            return _written(then)
        if _DAY.fullmatch(text):
            datetime.strptime(text, "%Y-%m-%d")
            return text
        # Python before 3.11 reads no Z.
        then = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; write 90m, 1h, 2d, 2031-03-04 or 2031-03-04T15:00:00Z"
        ) from None
    # Without a zone it is the machine's.
    return _written(then.astimezone(timezone.utc))


def _written(then: datetime) -> str:
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")
