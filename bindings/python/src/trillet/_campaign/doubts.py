"""Contacts about whom a person, or the call history, has to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context


@dataclass(frozen=True)
class Doubt:
    """Somebody who may have been called.

    Attributes:
        state: ``"held"`` or ``"unknown"``.
        since: When the last call was decided on, Unix milliseconds; None if there was none.
        reason: What is known of it, such as ``"no_time_zone"``.
    """

    phone: str
    key: str
    state: str
    since: int | None
    reason: str | None


def doubts(context: Context, most: int) -> list[Doubt]:
    """Those who are held before those who are unknown, and the oldest first."""
    with context.database.read() as transaction:
        found = [
            row
            for state in ("held", "unknown")
            # The first condition is that of the index.
            for row in transaction.rows(
                "SELECT id, phone, COALESCE(key, phone), state, disposition FROM contact"
                " WHERE campaign = ?"
                f" AND state IN ('held', 'unknown') AND state = '{state}' ORDER BY id LIMIT ?",
                context.campaign,
                most,
            )
        ][:most]
        listed = []
        for contact, phone, key, state, disposition in found:
            last = transaction.row(
                "SELECT intent_at FROM attempt WHERE contact = ? ORDER BY n DESC LIMIT 1", contact
            )
            since = int(last[0]) if last else None
            listed.append(Doubt(phone, key, state, since, disposition))
    return listed
