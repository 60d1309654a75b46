"""Contacts that a worker is about to call. A lease that ends gives them back: nothing was sent.

Leases are by the steady clock: one that a worker made whose wall clock was ahead would keep its
contacts from all others for as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .context import Context


def take(context: Context, most: int) -> list[int]:
    """The ids of due contacts, the longest due first."""
    database = context.database
    with database.write() as transaction:
        now = transaction.now()
        steady = transaction.steady() // 1000
        until = steady + int(context.policy.lease_seconds * 1000)
        # One that ends later than any can was made before that clock began anew. What somebody
        # else is giving back right now is skipped: two that wait for each other would fail.
        transaction.run(
            "UPDATE contact SET state = 'ready', lease_by = NULL, lease_until = NULL"
            " WHERE id IN (SELECT id FROM contact WHERE campaign = ? AND state = 'leased'"
            f" AND (lease_until < ? OR lease_until > ?){database.skipping})",
            context.campaign,
            steady,
            until,
        )
        found = transaction.rows(
            "SELECT contact.id FROM contact JOIN campaign ON campaign.id = contact.campaign"
            " WHERE contact.campaign = ? AND contact.state = 'ready' AND contact.due_at <= ?"
            " AND campaign.state = 'running' ORDER BY contact.due_at, contact.id LIMIT ?"
            + database.skipping,
            context.campaign,
            now,
            most,
        )
        contacts = [contact for (contact,) in found]
        if contacts:
            transaction.run(
                "UPDATE contact SET state = 'leased', lease_by = ?, lease_until = ?"
                f" WHERE id IN ({', '.join('?' * len(contacts))})",
                context.worker,
                until,
                *contacts,
            )
    return contacts


def give_back(context: Context, contacts: Sequence[int]) -> None:
    """What is not called after all."""
    if not contacts:
        return
    with context.database.write() as transaction:
        transaction.run_each(
            "UPDATE contact SET state = 'ready', lease_by = NULL, lease_until = NULL"
            " WHERE id = ? AND state = 'leased' AND lease_by = ?",
            [(contact, context.worker) for contact in contacts],
        )


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
