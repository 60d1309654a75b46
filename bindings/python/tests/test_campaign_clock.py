"""What a pace allows in any minute, and how much of that is used, on a clock that is made up."""

from __future__ import annotations

import heapq
import random
from typing import TYPE_CHECKING

import pytest

from trillet._campaign.opening import database_of
from trillet._campaign.pace import Pace

if TYPE_CHECKING:
    from pathlib import Path

    from trillet._campaign.database import Transaction

WORKERS = 8
MINUTE = 60_000_000
MINUTES = 5
SEED = 60_900


class Clocked:
    """A transaction whose clock is set."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.microseconds = 10 * MINUTE
        self.row = transaction.row
        self.rows = transaction.rows
        self.run = transaction.run
        self.run_all = transaction.run_all
        self.rows_of = transaction.rows_of
        self.later = transaction.later
        self.run_each = transaction.run_each
        self.insert_new = transaction.insert_new

    def now(self) -> int:
        return self.microseconds // 1000

    def steady(self) -> int:
        return self.microseconds


def starts(clocked: Clocked, chance: random.Random) -> list[int]:
    """When workers call that wake up late and answer slowly, by the service's clock."""
    begin = clocked.microseconds
    workers = [(begin, number) for number in range(WORKERS)]
    found = []
    while workers[0][0] < begin + MINUTES * MINUTE:
        clocked.microseconds, worker = heapq.heappop(workers)
        pace = Pace.read(clocked, "a")
        if pace.wait > 0:
            # Most wake up at once, a few with their machine so busy that it takes its time.
            late = chance.expovariate(1 / 3_000) if chance.random() < 0.99 else 150_000
            after = min(pace.wait, 1.0) * 1e6 + late
        else:
            pace.take()
            found.append(clocked.microseconds + chance.randrange(1_000, 300_000))
            after = chance.randrange(5_000, 100_000)
        heapq.heappush(workers, (clocked.microseconds + int(after), worker))
    return sorted(found)


@pytest.mark.parametrize("per_minute", [7, 49, 50, 60, 300, 1200])
def test_no_minute_has_more_calls_than_the_limit_and_hardly_one_fewer(
    tmp_path: Path, per_minute: int
) -> None:
    database = database_of(tmp_path / "leads.db")
    database.migrate()
    with database.write() as transaction:
        Pace.set(transaction, "a", per_minute, 100)
        found = starts(Clocked(transaction), random.Random(SEED))
    most, first = 0, 0
    for last, start in enumerate(found):
        while start - found[first] >= MINUTE:
            first += 1
        most = max(most, last - first + 1)
    assert most <= per_minute
    # The first call of all is one more than the minutes have.
    assert len(found) >= 0.98 * per_minute * MINUTES
