"""Numbers that are not called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model.errors import InvalidArgumentError

if TYPE_CHECKING:
    from .context import Context
    from .database import Transaction


# What people write between the digits.
BETWEEN = str.maketrans("", "", " \t\u00a0()-./")


def in_e164(phone: object) -> str:
    """As contacts have it: a number that is spelled otherwise would be called all the same."""
    # The zero of "+49 (0) 30" is not dialed.
    found = str(phone).replace("(0)", "").translate(BETWEEN)
    if not (found.startswith("+") and found.isascii() and found[1:].isdecimal()):
        raise InvalidArgumentError(
            f"{phone!r} is no number in E.164, such as +12025550164; no number of this list was"
            f" suppressed",
            field="phones",
            sent="no",
        )
    return found


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
