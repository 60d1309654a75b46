"""Contacts that a worker is about to call. A lease that ends gives them back: nothing was sent.

Leases are by the steady clock: one that a worker made whose wall clock was ahead would keep its
contacts from all others for as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ready import first_due
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
        if not _is_running(context, transaction):
            return []
        found = _due(context, transaction, now, most - 1) if most > 1 else []
        _lease(context, transaction, found, until)
        longest = _longest_due(context, transaction, now) if len(found) == most - 1 else []
        _lease(context, transaction, longest, until)
    return found + longest


def _is_running(context: Context, transaction: Transaction) -> bool:
    found = transaction.row("SELECT state FROM campaign WHERE id = ?", context.campaign)
    return found is not None and found[0] == "running"


def _due(context: Context, transaction: Transaction, now: int, most: int) -> list[int]:
    found = first_due(context, transaction, "id", most, until=now, is_leased=True)
    return [contact for (contact,) in found]


def _longest_due(context: Context, transaction: Transaction, now: int) -> list[int]:
    listed = first_due(context, transaction, "due_at, id", 1, until=now)
    if not listed:
        return []
    found = transaction.rows(
        "SELECT id FROM contact WHERE id = ? AND state = 'ready'" + context.database.skipping,
        min(listed)[1],
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
        found = first_due(context, transaction, "due_at", 1)
        if not found:
            return None
        return max(0, int(min(found)[0]) - transaction.now())
