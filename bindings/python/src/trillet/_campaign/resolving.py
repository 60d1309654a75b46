"""A person's decision about calls that may have been placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model.errors import InvalidArgumentError
from .context import note
from .ending import waiting
from .tally import OPEN

if TYPE_CHECKING:
    from .context import Context

CALLED, REDIAL = "called", "redial"


def resolve(context: Context, phone: str, decision: str) -> bool:
    """Ends the doubt about a contact that is held or unknown; False if there is none."""
    if decision not in (CALLED, REDIAL):
        raise InvalidArgumentError(
            f'A decision is "called" or "redial", not {decision!r}', field="decision"
        )
    is_called = decision == CALLED
    with context.database.write() as transaction:
        # First, as whoever learns how a call has ended: two that wait for each other would fail.
        transaction.rows(
            "SELECT n FROM attempt WHERE contact IN (SELECT id FROM contact WHERE campaign = ?"
            f" AND phone = ?) AND state IN {OPEN}{context.database.locking}",
            context.campaign,
            phone,
        )
        found = transaction.row(
            "SELECT id FROM contact WHERE campaign = ? AND phone = ?"
            " AND state IN ('held', 'unknown')" + context.database.locking,
            context.campaign,
            phone,
        )
        if found is None:
            return False
        # An attempt that is not open any more: its number may be called again.
        closed = transaction.run(
            "UPDATE attempt SET state = ?, disposition = ?, ended_at = ?"
            f" WHERE contact = ? AND state IN {OPEN}",
            "ended" if is_called else "unsent",
            f"resolved_{decision}",
            transaction.now(),
            found[0],
        )
        transaction.run(
            "UPDATE contact SET state = ?, disposition = ?, due_at = 0, attempts = attempts - ?"
            " WHERE id = ?",
            "done" if is_called else waiting(context, transaction),
            f"resolved_{decision}",
            # What did not ring was no attempt: the only one that is allowed is still to come.
            0 if is_called else closed,
            found[0],
        )
        note(transaction, context.campaign, "resolved", found[0], decision=decision)
        return True
