"""Numbers that are not called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context
    from .database import Transaction


def suppressed(context: Context, transaction: Transaction, phone: str, now: int) -> str | None:
    """Why a number is not called by this campaign; None if it may be."""
    found = transaction.row(
        "SELECT reason FROM suppression WHERE phone = ? AND scope IN ('*', ?, ?)"
        " AND (until IS NULL OR until > ?)",
        phone,
        f"account:{context.account}",
        f"campaign:{context.campaign}",
        now,
    )
    return None if found is None else str(found[0])
