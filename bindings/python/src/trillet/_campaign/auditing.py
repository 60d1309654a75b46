"""Calls that the service knows and the ledger does not: after a backup was restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .context import note
from .history import CLOCK_ERROR_SECONDS, calls_since
from .numbers import contact_of
from .records import call_id_of, phone_of, started_at_of

if TYPE_CHECKING:
    from .._sync.client import Trillet
    from .context import Context


@dataclass(frozen=True)
class Audit:
    """What the history and the ledger say of each other.

    Attributes:
        calls: How many calls the history has since the campaign was made.
        unknown_to_ledger: The numbers of contacts that were called, and the ledger does not know by
            whom. Those that were to be called are held now.
        held: How many that are.
    """

    calls: int
    unknown_to_ledger: tuple[str, ...]
    held: int


def audit(context: Context, client: Trillet) -> Audit:
    """Holds the contacts that the history says were called and the ledger does not."""
    with context.database.read() as transaction:
        found = transaction.row("SELECT created_at FROM campaign WHERE id = ?", context.campaign)
    since_ms = int(found[0]) if found else 0
    earliest = since_ms / 1000 - CLOCK_ERROR_SECONDS
    records = calls_since(context, client, since_ms).records
    strange: dict[str, None] = {}
    held = 0
    for record in records:
        phone, call_id, started_at = phone_of(record), call_id_of(record), started_at_of(record)
        if phone is None or call_id is None or (started_at or 0) < earliest:
            continue
        with context.database.write() as transaction:
            if transaction.row(
                "SELECT 1 FROM attempt WHERE account = ? AND (call_id = ? OR phone = ?"
                " AND call_id IS NULL AND state = 'unknown')",
                context.account,
                call_id,
                phone,
            ):
                continue
            contact = contact_of(transaction, context.campaign, phone)
            if contact is None:
                continue
            strange[phone] = None
            changed = transaction.run(
                "UPDATE contact SET state = 'held', disposition = 'called_before' WHERE id = ?"
                " AND state IN ('ready', 'leased')",
                contact,
            )
            if changed:
                held += 1
                note(transaction, context.campaign, "held", contact, reason=f"call {call_id}")
    return Audit(len(records), tuple(strange), held)
