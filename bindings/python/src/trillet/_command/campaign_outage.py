"""A database that does not answer while a campaign runs."""

from __future__ import annotations

import sys
import time

from .._core.status_line import printable
from .campaign_report import local_time

# After each further failure twice as long, at most the second.
FIRST_SECONDS, MOST_SECONDS = 2.0, 30.0


class Outage:
    """Nobody wants to start a run again at night: it waits, and tells since when."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._pause = FIRST_SECONDS

    def is_over(self) -> None:
        """The database answers."""
        self._since = None
        self._pause = FIRST_SECONDS

    def wait(self, error: Exception, most_seconds: float | None) -> None:
        """Until another try is due."""
        pause = self._pause if most_seconds is None else max(0.0, min(self._pause, most_seconds))
        now = time.time()
        since = "" if self._since is None else f" (since {local_time(self._since)})"
        told = f"{printable(str(error))}{since}; goes on, tries again in {pause:.0f} s"
        print(told, file=sys.stderr)
        self._since = now if self._since is None else self._since
        self._pause = min(2 * self._pause, MOST_SECONDS)
        time.sleep(pause)
