"""Contacts that the end of their campaign overtakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .repeating import repeated

if TYPE_CHECKING:
    from .context import Context


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
