"""Contacts that the end of their campaign overtakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .repeating import repeated

if TYPE_CHECKING:
    from .context import Context
    from .database import Transaction


def waiting(context: Context, transaction: Transaction) -> str:
    """The state of who is to be called again: that nobody does after the campaign was cancelled."""
    found = transaction.row("SELECT state FROM campaign WHERE id = ?", context.campaign)
    return "cancelled" if found is not None and found[0] == "cancelled" else "ready"


@repeated
def expire(context: Context) -> None:
    """Ends the waiting of those who are not due any more before the campaign's end."""
    if context.policy.expires_at is None:
        return
    end = int(context.policy.expires_at * 1000)
    with context.database.write() as transaction:
        transaction.run(
            "UPDATE contact SET state = 'expired' WHERE id IN (SELECT id FROM contact"
            " WHERE campaign = ? AND state = 'ready' AND (due_at >= ? OR ? >= ?) ORDER BY id"
            # In the order in which others lock contacts. See docs/decisions.md, order-of-locks.
            f"{context.database.locking})",
            context.campaign,
            end,
            transaction.now(),
            end,
        )
