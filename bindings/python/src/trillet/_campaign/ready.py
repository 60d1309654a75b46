"""Who is due: those of each priority in turn, by one index."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context
    from .database import Row, Transaction

HIGHEST = 9
EVER = 2**62


def first_due(
    context: Context,
    transaction: Transaction,
    columns: str,
    most: int,
    *,
    until: int = EVER,
    is_leased: bool = False,
) -> list[Row]:
    """The longest due of each priority, the highest first; of each priority so many at most, and in
    all where they are about to be leased, whom somebody else has locked left out."""
    # A part for each priority: one order by priority and time would go through all who have a high
    # priority and are not due yet. Without the id in the order: a million who are due at the same
    # time would be sorted by it for each lease.
    locking = context.database.skipping if is_leased else ""
    part = (
        f"SELECT * FROM (SELECT {columns} FROM contact WHERE campaign = ? AND priority = {{}}"
        f" AND state = 'ready' AND due_at <= ? ORDER BY due_at LIMIT ?{locking}) AS priority{{}}"
    )
    parts = " UNION ALL ".join(part.format(each, each) for each in range(HIGHEST, -1, -1))
    limit = f" LIMIT {most}" if is_leased else ""
    return transaction.rows(parts + limit, *(context.campaign, until, most) * (HIGHEST + 1))
