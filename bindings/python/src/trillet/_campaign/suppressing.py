"""Numbers that are not called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .database import Row

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


def suppressed(rows: Sequence[Row], now: int) -> str | None:
    """Why a number is not called, of what is said of it and until when; None if it may be."""
    return next((str(reason) for reason, until in rows if until is None or until > now), None)
