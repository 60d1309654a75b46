"""How many calls were decided on in each hour, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context

HOUR_MS = 3_600_000


def hours(context: Context) -> dict[int, dict[str, int]]:
    """By the hour's start in Unix milliseconds, the first first. What did not leave the machine is
    no call."""
    with context.database.read() as transaction:
        rows = transaction.rows(
            f"SELECT intent_at / {HOUR_MS}, CASE WHEN state IN ('intent', 'accepted')"
            " THEN 'under_way' WHEN state = 'ended' THEN COALESCE(disposition, 'ended')"
            " ELSE state END, COUNT(*)"
            " FROM attempt WHERE campaign = ? AND state <> 'unsent' GROUP BY 1, 2 ORDER BY 1, 2",
            context.campaign,
        )
    found: dict[int, dict[str, int]] = {}
    for hour, outcome, calls in rows:
        found.setdefault(int(hour) * HOUR_MS, {})[str(outcome)] = int(calls)
    return found
