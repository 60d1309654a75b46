"""Contacts that a worker is about to call. A lease that ends gives them back: nothing was sent.

Leases are by the steady clock: one that a worker made whose wall clock was ahead would keep its
contacts from all others for as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .adding import HIGHEST
from .repeating import repeated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .context import Context
    from .database import Transaction


@repeated
def take(context: Context, most: int) -> list[int]:
    """The ids of due contacts: those of the highest priority first, of these the longest due.

    One place of each lease is for whoever has been due the longest of all, so that nobody waits for
    ever while others are more important.
    """
    with context.database.write() as transaction:
        now = transaction.now()
        steady = transaction.steady() // 1000
        until = steady + int(context.policy.lease_seconds * 1000)
        # One that ends later than any can was made before that clock began anew. What somebody
        # else is giving back right now is skipped: two that wait for each other would fail.
        transaction.run(
            "UPDATE contact SET state = 'ready', lease_by = NULL, lease_until = NULL"
            " WHERE id IN (SELECT id FROM contact WHERE campaign = ? AND state = 'leased'"
            f" AND (lease_until < ? OR lease_until > ?){context.database.skipping})",
            context.campaign,
            steady,
            until,
        )
        found: list[int] = []
        for priority in range(HIGHEST, -1, -1):
            if len(found) < most - 1:
                found += _due(context, transaction, now, most - 1 - len(found), priority)
        _lease(context, transaction, found, until)
        longest = _due(context, transaction, now, most - len(found))
        _lease(context, transaction, longest, until)
    return found + longest


def _due(
    context: Context, transaction: Transaction, now: int, most: int, priority: int | None = None
) -> list[int]:
    wanted = "" if priority is None else " AND contact.priority = ?"
    values = () if priority is None else (priority,)
    found = transaction.rows(
        "SELECT contact.id FROM contact JOIN campaign ON campaign.id = contact.campaign"
        f" WHERE contact.campaign = ?{wanted} AND contact.state = 'ready' AND contact.due_at <= ?"
        " AND campaign.state = 'running' ORDER BY contact.due_at, contact.id LIMIT ?"
        + context.database.skipping,
        context.campaign,
        *values,
        now,
        most,
    )
    return [contact for (contact,) in found]


def _lease(context: Context, transaction: Transaction, contacts: list[int], until: int) -> None:
    if contacts:
        transaction.run(
            "UPDATE contact SET state = 'leased', lease_by = ?, lease_until = ?"
            f" WHERE id IN ({', '.join('?' * len(contacts))})",
            context.worker,
            until,
            *contacts,
        )


@repeated
def give_back(context: Context, contacts: Sequence[int]) -> None:
    """What is not called after all."""
    if not contacts:
        return
    with context.database.write() as transaction:
        # What is being cancelled right now is skipped, in whatever order that is done.
        transaction.run(
            "UPDATE contact SET state = 'ready', lease_by = NULL, lease_until = NULL"
            f" WHERE id IN (SELECT id FROM contact WHERE id IN ({', '.join('?' * len(contacts))})"
            f" AND state = 'leased' AND lease_by = ?{context.database.skipping})",
            *contacts,
            context.worker,
        )


@repeated
def end_if_over(context: Context) -> None:
    """A campaign all of whose contacts have come to an end is done."""
    with context.database.write() as transaction:
        transaction.run(
            "UPDATE campaign SET state = 'done', ended_at = ? WHERE id = ? AND state = 'running'"
            " AND EXISTS (SELECT 1 FROM contact WHERE campaign = ?)"
            " AND NOT EXISTS (SELECT 1 FROM tally WHERE what = 'contact' AND campaign = ?"
            " AND state IN ('ready', 'leased', 'dialing', 'in_call', 'unknown', 'held')"
            " GROUP BY state HAVING SUM(count) <> 0)",
            transaction.now(),
            *[context.campaign] * 3,
        )


def next_due(context: Context) -> int | None:
    """Milliseconds until the next contact is due, 0 for now; None when none is ready."""
    with context.database.read() as transaction:
        found = transaction.row(
            "SELECT MIN(due_at) FROM contact WHERE campaign = ? AND state = 'ready'",
            context.campaign,
        )
        if found is None or found[0] is None:
            return None
        return max(0, int(found[0]) - transaction.now())
