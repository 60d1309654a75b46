"""A person's decision about calls that may have been placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model.errors import InvalidArgumentError
from .context import note
from .ending import waiting
from .numbers import contact_of
from .repeating import repeated
from .tally import OPEN

if TYPE_CHECKING:
    from .context import Context

CALLED, REDIAL = "called", "redial"


@repeated
def resolve(context: Context, phone: str, decision: str) -> bool:
    """Ends the doubt about a contact that is held or unknown; False if there is none."""
    if decision not in (CALLED, REDIAL):
        raise InvalidArgumentError(
            f'A decision is "called" or "redial", not {decision!r}', field="decision"
        )
    is_called = decision == CALLED
    with context.database.write() as transaction:
        listed = contact_of(transaction, context.campaign, phone)
        if listed is None:
            return False
        # Attempts before their contact, as in results: two that lock them in another order would
        # wait for each other. See docs/decisions.md, order-of-locks.
        transaction.rows(
            f"SELECT n FROM attempt WHERE contact = ? AND state IN {OPEN} ORDER BY n"
            + context.database.locking,
            listed,
        )
        found = transaction.row(
            "SELECT id FROM contact WHERE id = ? AND state IN ('held', 'unknown')"
            + context.database.locking,
            listed,
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
