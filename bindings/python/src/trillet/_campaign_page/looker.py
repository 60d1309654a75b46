"""One thread that reads the database for all who look at the page, however many there are."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ..campaign import Campaign
from .picture import MOST_HOURS, picture, trouble

if TYPE_CHECKING:
    from .picture import Hours

# Between two looks, two counts of the calls of the last days, and two of all calls: those of a
# million take long, and of what is older little changes.
LOOK_SECONDS = 1.0
HOURS_SECONDS = 5.0
ALL_SECONDS = 3600.0
# A database in which they take long is asked seldom: this share of the time at most.
SHARE = 20
ANSWER_SECONDS = 30.0


class Looker:
    """Looks while somebody asks; nobody looks at a database that no tab shows."""

    def __init__(self, database: str, name: str | None, shown: str) -> None:
        self._database = database
        self._name = name
        self._shown = shown
        self._changed = threading.Condition()
        self._answer: bytes | None = None
        self._good_until = 0.0
        self._is_asked = False
        self._is_over = False
        self._hours: Hours = {}
        self._next_hours = 0.0
        self._next_all = 0.0
        self._thread = threading.Thread(target=self._run, name="trillet-page", daemon=True)
        self._thread.start()

    def answer(self) -> bytes | None:
        """The last picture if it is new enough, else the next one; None if that takes too long."""
        end = time.monotonic() + ANSWER_SECONDS
        with self._changed:
            while self._answer is None or time.monotonic() >= self._good_until:
                self._is_asked = True
                self._changed.notify_all()
                if self._is_over or not self._changed.wait(end - time.monotonic()):
                    return None
            return self._answer

    def close(self) -> None:
        """Ends the thread, and its connection to the database."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        self._thread.join(ANSWER_SECONDS)

    def _run(self) -> None:
        campaign: Campaign | None = None
        while self._is_wanted():
            start = time.monotonic()
            try:
                campaign = campaign or Campaign.open(self._database, self._name)
                answer = self._look(campaign)
            except Exception as error:
                # Such as a database that was moved or is restarted: it may come back.
                answer = trouble(str(error))
                if campaign is not None:
                    with suppress(Exception):
                        campaign.close()
                campaign = None
            now = time.monotonic()
            with self._changed:
                self._answer, self._is_asked = answer, False
                self._good_until = max(start + LOOK_SECONDS, now + SHARE * self._took(start, now))
                self._changed.notify_all()
        if campaign is not None:
            campaign.close()

    def _took(self, start: float, now: float) -> float:
        # Within a twentieth of a second, which is what a look may take, it comes each second.
        return max(0.0, now - start - LOOK_SECONDS / SHARE)

    def _is_wanted(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._is_asked or self._is_over)
            return not self._is_over

    def _look(self, campaign: Campaign) -> bytes:
        start = time.monotonic()
        if start >= self._next_hours:
            if start >= self._next_all:
                self._hours = campaign.hours()
                self._next_all = start + ALL_SECONDS
            else:
                self._hours.update(campaign.hours(MOST_HOURS))
            now = time.monotonic()
            self._next_hours = max(start + HOURS_SECONDS, now + SHARE * (now - start))
        return picture(campaign, self._shown, self._hours)
