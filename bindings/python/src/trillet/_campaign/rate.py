"""How fast a campaign calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context
    from .database import Transaction

RATE_MS = 300_000
# From so many calls on, the time between them says more than the time since a start.
MANY = 10


def started_at(context: Context, transaction: Transaction) -> int:
    """When it was started last, be it after a pause; Unix milliseconds, 0 for never."""
    found = transaction.row(
        "SELECT MAX(at) FROM event WHERE campaign = ? AND kind = 'running'", context.campaign
    )
    return int(found[0]) if found and found[0] is not None else 0


def calls_per_minute(context: Context, transaction: Transaction, now: int) -> float:
    """Of the last five minutes, without what was silence in them before the first call or before a
    pause ended: the first minute of a morning tells when the day's calls will be over."""
    since = max(now - RATE_MS, started_at(context, transaction))
    found = transaction.row(
        "SELECT COUNT(*), MIN(intent_at) FROM attempt WHERE campaign = ? AND intent_at >= ?"
        " AND state NOT IN ('unsent', 'refused')",
        context.campaign,
        since,
    )
    calls = int(found[0]) if found else 0
    if not found or not calls:
        return 0.0
    if calls >= MANY:
        calls, since = calls - 1, int(found[1])
    # Of few calls within a second nobody knows the rate; it is not more than is allowed.
    return min(calls * 60_000 / max(1, now - since), _allowed(context, transaction))


def _allowed(context: Context, transaction: Transaction) -> float:
    found = transaction.row("SELECT distance FROM pace WHERE account = ?", context.account)
    return 60_000_000 / int(found[0]) if found else float(context.policy.calls_per_minute)
