"""What strikes the workers and the database of a storm, and when."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import argparse
    import random

    from storm_databases import StormDatabase

# Workers' clocks, in turn.
SHIFTS = (0.0, 300.0, 0.0, -300.0)
CALM_SHARE = 0.8
SAVED_SHARE, RESTORED_SHARE = 0.3, 0.35
LONG_STOP_SECONDS = 60.0
REDELIVERIES = 10
# A round of blows takes at most so long.
ROUND_SECONDS = 2.0


class Workers(Protocol):
    """What starts and ends workers."""

    def start(self, shift: float = ..., calls: int = ...) -> int: ...
    def end(self, worker: int) -> None: ...
    def signal(self, worker: int, number: int) -> None: ...
    def redeliver(self, times: int) -> None: ...
    def errors(self) -> list[str]: ...
    def close(self) -> None: ...


class Crew:
    """The workers of a storm. Each place has one at any time."""

    def __init__(self, source: Workers, size: int, chance: random.Random) -> None:
        self._source = source
        self._chance = chance
        self._workers: list[int] = [0] * size
        self._started = 0
        self.is_calm = False

    def start(self) -> None:
        for place in range(len(self._workers)):
            self._begin(place)

    def end(self) -> None:
        for place, worker in enumerate(self._workers):
            if worker:
                self._source.end(worker)
                self._workers[place] = 0

    def kill(self) -> None:
        place = self._chance.randrange(len(self._workers))
        self._source.end(self._workers[place])
        self._begin(place)

    def stop(self, seconds: float) -> None:
        """Stops one for a time. The others go on."""
        worker = self._chance.choice(self._workers)
        self._source.signal(worker, signal.SIGSTOP)
        threading.Timer(seconds, self._source.signal, (worker, signal.SIGCONT)).start()

    def redeliver(self) -> None:
        self._source.redeliver(REDELIVERIES)

    def _begin(self, place: int) -> None:
        self._started += 1
        shift = 0.0 if self.is_calm else SHIFTS[self._started % len(SHIFTS)]
        self._workers[place] = self._source.start(shift)


class Blows:
    """Strikes in proportion to what has been called.

    Attributes:
        done: How often each has struck.
    """

    def __init__(
        self,
        given: argparse.Namespace,
        chance: random.Random,
        crew: Crew,
        database: StormDatabase,
    ) -> None:
        self.done: Counter[str] = Counter()
        self._chance, self._crew, self._database = chance, crew, database
        self._planned = {
            "kills": given.kills,
            "stops": given.kills // 10,
            "long stops": given.long_stops,
            "database kills": given.database_kills,
            "redelivered": max(1, given.kills // 100) * REDELIVERIES,
        }

    def restores_at(self, share: float) -> bool:
        """Whether it is time for the backup to take over; makes it when it is time to."""
        if share >= SAVED_SHARE and not self.done["saved"]:
            self.done["saved"] += 1
            self._database.save()
            return False
        if share < RESTORED_SHARE or self.done["restored"]:
            return False
        self.done["restored"] += 1
        return True

    def strike(self, share: float) -> bool:
        """A round of what is due by now; whether there is nothing left."""
        due = [
            kind
            for kind, planned in self._planned.items()
            for _ in range(min(30, int(planned * share) - self.done[kind]))
            if kind != "redelivered"
        ]
        if int(self._planned["redelivered"] * share) - self.done["redelivered"] >= REDELIVERIES:
            due.append("redelivered")
        self._chance.shuffle(due)
        if share > CALM_SHARE:
            self._crew.is_calm = True
        for kind in due:
            time.sleep(self._chance.uniform(0, ROUND_SECONDS / len(due)))
            self._blow(kind)
        if not due:
            time.sleep(0.5)
        return not due

    def _blow(self, kind: str) -> None:
        self.done[kind] += REDELIVERIES if kind == "redelivered" else 1
        if kind == "kills":
            self._crew.kill()
        elif kind == "stops":
            self._crew.stop(self._chance.uniform(0.1, 6.0))
        elif kind == "long stops":
            self._crew.stop(LONG_STOP_SECONDS)
        elif kind == "database kills":
            self._database.kill()
        else:
            self._crew.redeliver()
