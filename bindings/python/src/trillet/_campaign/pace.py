"""One limit for all campaigns and workers of an account: starts at even distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .database import Row, Transaction

# Longer than any distance or silence: a clock that has begun anew says nothing of this.
FARTHEST = 86_400_000_000
# Microseconds. A start that is late by as much is made up for by the next ones; a request may take
# as much longer to the service than another. See docs/decisions.md, minute-and-a-bit.
TOLERANCE = 500_000
WAY = 400_000
QUERY = (
    "SELECT next_start, distance, tolerance, held_until, concurrency, turn FROM pace"
    " WHERE account = ?"
)


class Pace:
    """The row of an account, read and changed within one transaction.

    Its times are microseconds of the database's steady clock: nobody makes calls bunch up, or stop,
    by setting a clock.
    """

    def __init__(self, transaction: Transaction, account: str, rows: Sequence[Row]) -> None:
        """`rows`: those of `QUERY`, which the transaction has just read."""
        if not rows:
            raise LookupError(f"The account {account} has no pace")
        self._transaction = transaction
        self._account = account
        self._next_start, self._distance, self._tolerance, self._held_until = rows[0][:4]
        self.concurrency, self.turn = rows[0][4:]
        # Read once the row is locked, which may take its time.
        self.now = transaction.steady()

    @classmethod
    def read(cls, transaction: Transaction, account: str, locking: str = "") -> Pace:
        """As it is now; with `locking` until the end of the transaction."""
        return cls(transaction, account, transaction.rows(QUERY + locking, account))

    @staticmethod
    def set(transaction: Transaction, account: str, per_minute: int, concurrency: int) -> None:
        """The calls of a minute are spread over a little more: so no minute has more than allowed,
        though one that is late is made up for."""
        distance = -(-(60_000_000 + TOLERANCE + WAY) // per_minute)
        values = (distance, TOLERANCE, concurrency, account)
        changed = transaction.run(
            "UPDATE pace SET distance = ?, tolerance = ?, concurrency = ? WHERE account = ?",
            *values,
        )
        if not changed:
            transaction.run(
                "INSERT INTO pace (distance, tolerance, concurrency, account, next_start,"
                " held_until) VALUES (?, ?, ?, ?, 0, 0)",
                *values,
            )

    @property
    def wait(self) -> float:
        """Seconds until the next call may start, 0 for now."""
        left = max(self._next_start, self._held_until) - self.now
        return left / 1e6 if 0 < left <= FARTHEST else 0.0

    @property
    def held(self) -> float:
        """Seconds for which the service asked for silence."""
        left = self._held_until - self.now
        return left / 1e6 if 0 < left <= FARTHEST else 0.0

    def take(self) -> None:
        """A call starts. A pause saves up no burst."""
        now = self.now
        self._take(self._next_start if abs(self._next_start - now) <= self._tolerance else now)

    def take_ahead(self) -> None:
        """What is no call takes the next start now. The next call is as much later."""
        self._take(self._next_start)

    def _take(self, start: int) -> None:
        self._transaction.later(
            "UPDATE pace SET next_start = ? WHERE account = ?",
            start + self._distance,
            self._account,
        )

    def hold(self, seconds: float) -> None:
        """The service asked for silence: nobody calls."""
        until = self.now + min(int(seconds * 1e6), FARTHEST)
        if until > self._held_until or self._held_until - until > FARTHEST:
            self._transaction.later(
                "UPDATE pace SET held_until = ? WHERE account = ?", until, self._account
            )
