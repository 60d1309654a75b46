"""What the decision to call depends on, read on one way to the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import pace, sharing
from .tally import COUNTS, OPEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .context import Context
    from .database import Row, Statement, Transaction

# In the order in which their rows are locked. See docs/decisions.md, order-of-locks.
_CAMPAIGN = "SELECT state, reason, turn, asked_at FROM campaign WHERE id = ?"
_CONTACT = (
    "SELECT id, phone, time_zone, variables, attempts, lease_until FROM contact"
    " WHERE id = ? AND state = 'leased' AND lease_by = ?"
)
# Only then what no other worker of the account changes before this decision is made.
_CALLS = (
    f"SELECT (SELECT COUNT(*) FROM attempt WHERE account = ? AND state IN {OPEN}),"
    " (SELECT COUNT(*) FROM attempt WHERE account = ? AND attempt.phone = contact.phone"
    f" AND attempt.state IN {OPEN}),"
    " (SELECT COALESCE(MAX(n), 0) FROM attempt WHERE attempt.contact = contact.id)"
    " FROM contact WHERE contact.id = ?"
)
_SUPPRESSIONS = (
    "SELECT reason, until FROM suppression"
    " WHERE phone = (SELECT phone FROM contact WHERE id = ?) AND scope IN ('*', ?, ?)"
)
_LAST_STARTS = (
    "SELECT intent_at FROM attempt WHERE phone = (SELECT phone FROM contact WHERE id = ?)"
    " AND account = ? AND state NOT IN ('unsent', 'refused') ORDER BY intent_at DESC LIMIT ?"
)


@dataclass(frozen=True)
class Facts:
    """Rows as they are while this worker alone decides for its account.

    Attributes:
        campaign: Its state, the reason for it, its turn, and when it asked for one.
        contact: None if somebody else has it now.
        pace: The rows of `pace.QUERY`.
        under_way: The calls of the account.
        open_to_number: Those of them to this number.
        last: The number of the contact's last attempt.
        suppressions: Why its number is not called, and until when.
        starts: The last starts of calls to the number, the latest first, as many as a day may have.
        others: The rows of `sharing.OTHERS`.
        spent: The rows of `tally.COUNTS` for calls, where there is a budget.
    """

    campaign: Row | None
    contact: Row | None
    pace: Sequence[Row]
    under_way: int
    open_to_number: int
    last: int
    suppressions: Sequence[Row]
    starts: Sequence[int]
    others: Sequence[Row]
    spent: Sequence[Row]


def facts(context: Context, transaction: Transaction, contact: int) -> Facts:
    """Locks the campaign, the contact and the account's pace, and reads the rest."""
    locking, account, campaign = context.database.locking, context.account, context.campaign
    scopes = f"account:{account}", f"campaign:{campaign}"
    queries: list[Statement] = [
        (_CAMPAIGN + locking, (campaign,)),
        (_CONTACT + locking, (contact, context.worker)),
        (pace.QUERY + locking, (account,)),
        (_CALLS, (account, account, contact)),
        (_SUPPRESSIONS, (contact, *scopes)),
        (_LAST_STARTS, (contact, account, context.policy.daily_attempts)),
        (sharing.OTHERS, (account, campaign)),
    ]
    if context.policy.most_calls is not None or context.policy.most_cost is not None:
        queries.append((COUNTS, ("attempt", campaign)))
    campaigns, contacts, paces, calls, suppressions, starts, others, *spent = transaction.rows_of(
        queries
    )
    under_way, open_to_number, last = map(int, calls[0]) if calls else (0, 0, 0)
    return Facts(
        campaign=campaigns[0] if campaigns else None,
        contact=contacts[0] if contacts else None,
        pace=paces,
        under_way=under_way,
        open_to_number=open_to_number,
        last=last,
        suppressions=suppressions,
        starts=[int(start) for (start,) in starts],
        others=others,
        spent=spent[0] if spent else (),
    )
