"""Several campaigns on one account: whose turn it is, by weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .context import Context
    from .database import Row, Transaction
    from .pace import Pace

# A call of a campaign with the weight 1 costs so much; with the weight 2, half of it.
COST = 1_000_000
# Nobody waits for a campaign that has not asked for so long, in microseconds: it has nobody who may
# be called, or no worker. A worker asks again within a second, or when its request is answered.
PATIENCE = 3_000_000
# After as much silence a campaign has no claim to what it did not use.
FORGOTTEN = 10_000_000
# A wish is not written at each look: every commit waits for the disk.
REPEATED = 500_000
LOOK_SECONDS = 0.02
# The account's other campaigns that call.
OTHERS = (
    "SELECT turn, asked_at, id FROM campaign WHERE account = ? AND state = 'running' AND id <> ?"
)


class Share:
    """The turn of a campaign, within a transaction that has the lock of its account's pace.

    Each call moves its campaign's turn on, the heavier the campaign the less. Of those that ask,
    the one whose turn is the earliest calls. One that does not ask leaves its share to the others.
    """

    def __init__(
        self,
        context: Context,
        transaction: Transaction,
        pace: Pace,
        own: tuple[int, int],
        others: Sequence[Row],
    ) -> None:
        """`own`: the turn, and when it asked last. `others`: the rows of `OTHERS`."""
        self._transaction = transaction
        self._campaign = context.campaign
        self._account = context.account
        self._weight = context.policy.weight
        self._now = pace.now
        self._others = others
        self._turn, asked_at = own
        if others:
            if not self._is_recent(asked_at, FORGOTTEN):
                self._turn = max(self._turn, pace.turn)
            if not self._is_recent(asked_at, REPEATED):
                self._write(self._turn)

    @property
    def is_mine(self) -> bool:
        """Whether nobody else who asks comes first."""
        mine = (self._turn, self._campaign)
        return all(
            mine < (turn, campaign)
            for turn, asked_at, campaign in self._others
            if self._is_recent(asked_at, PATIENCE)
        )

    def take(self) -> None:
        """This campaign calls."""
        if not self._others:
            return
        self._write(self._turn + COST // self._weight)
        self._transaction.later(
            "UPDATE pace SET turn = ? WHERE account = ?", self._turn, self._account
        )

    def _write(self, turn: int) -> None:
        self._transaction.later(
            "UPDATE campaign SET turn = ?, asked_at = ? WHERE id = ?",
            turn,
            self._now,
            self._campaign,
        )

    def _is_recent(self, asked_at: int, patience: int) -> bool:
        # The clock may have begun anew.
        return 0 <= self._now - asked_at <= patience
