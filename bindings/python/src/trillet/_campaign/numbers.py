"""Phone numbers as the index of the database has them: half as long as their text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .database import Transaction

# A number in E.164 has at most 15 digits; of what is longer, and rings nowhere, 17 count. The digit
# before them keeps a number that begins with a zero apart from the one without it.
DIGITS = 17
NUMBER = f"CAST('1' || SUBSTR(phone, 2, {DIGITS}) AS BIGINT)"
_NUMBER = re.compile(r"\+[0-9]+").fullmatch


def is_number(phone: object) -> bool:
    """Whether it is a plus and digits. Those of another script would make a second contact of the
    same phone."""
    return isinstance(phone, str) and _NUMBER(phone) is not None


def contact_of(transaction: Transaction, campaign: int, phone: str) -> int | None:
    """The id of the contact that has this number; None if there is none."""
    if not is_number(phone):
        return None
    found = transaction.row(
        f"SELECT id FROM contact WHERE campaign = ? AND {NUMBER} = ? AND phone = ?",
        campaign,
        int(f"1{phone[1 : DIGITS + 1]}"),
        phone,
    )
    return None if found is None else int(found[0])
