"""How many calls were decided on in each hour, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context

HOUR_MS = 3_600_000


def hours(context: Context, last: int | None = None) -> dict[int, dict[str, int]]:
    """By the hour's start in Unix milliseconds, the first first. What did not leave the machine is
    no call. With `last` of so many hours at most, up to that of the last call."""
    with context.database.read() as transaction:
        found = transaction.row(
            "SELECT MAX(intent_at) FROM attempt WHERE campaign = ?", context.campaign
        )
        if found is None or found[0] is None:
            return {}
        since = 0 if last is None else (int(found[0]) // HOUR_MS - last + 1) * HOUR_MS
        rows = transaction.rows(
            f"SELECT intent_at / {HOUR_MS}, CASE WHEN state IN ('intent', 'accepted')"
            " THEN 'under_way' WHEN state = 'ended' THEN COALESCE(disposition, 'ended')"
            " ELSE state END, COUNT(*)"
            " FROM attempt WHERE campaign = ? AND intent_at >= ? AND state <> 'unsent'"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            context.campaign,
            since,
        )
    counted: dict[int, dict[str, int]] = {}
    for hour, outcome, calls in rows:
        counted.setdefault(int(hour) * HOUR_MS, {})[str(outcome)] = int(calls)
    return counted
