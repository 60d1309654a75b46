"""What a campaign would do, before the first call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._model.errors import ConfigurationError, InvalidArgumentError
from .estimate import Limits, estimate
from .status import placed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .context import Context
    from .database import Row

# Openings are counted by the hour: thousands of contacts share a few of them.
HOUR = 3600
# Those who are called again are due at any moment; minutes are enough to know when.
MINUTE = 60
ROWS = 5_000
NEVER = float("inf")


@dataclass(frozen=True)
class Preflight:
    """What a campaign would do.

    Times are estimates for one call to each contact: calls that come to nothing are repeated after
    them, and other campaigns of the account take their share.

    Attributes:
        callable: How many contacts will be called.
        never: How many will not be, by reason.
        openings: How many may first be called when: Unix seconds, whole hours, the first first.
        most_calls: With every attempt that the policy allows.
        most_cost: Of these; 0 where the policy has no `call_cost`.
        least_minutes: How long one call to each takes at `calls_per_minute`.
        call_seconds: How long a call was taken to last, which with `calls_at_once` bounds them.
        first_call: When the first is called, Unix seconds; None if nobody is.
        last_call: When the last one is called for the first time.
        by_day: How many are called first on which day (``"2026-03-02"``) of this machine's clock.
        left: How many are not reached before the campaign expires, its budget is spent, or a year
            has passed.
    """

    callable: int
    never: Mapping[str, int]
    openings: Mapping[int, int]
    most_calls: int
    most_cost: float
    least_minutes: float
    call_seconds: float = 0.0
    first_call: float | None = None
    last_call: float | None = None
    by_day: Mapping[str, int] | None = None
    left: int = 0


def preflight(context: Context, call_seconds: float | None = None) -> Preflight:
    """Goes through all contacts that wait, in constant memory."""
    policy = context.policy
    length = policy.longest_call_seconds if call_seconds is None else call_seconds
    if not length > 0:
        raise InvalidArgumentError(
            f"A call lasts more than 0 seconds, not {length}", field="call_seconds"
        )
    with context.database.read() as transaction:
        now = transaction.now() / 1000
        calls_before, cost_before = placed(context, transaction)
    waiting, never, most = _sorted(context, now)
    ready = sum(waiting.values())
    if policy.most_calls is not None:
        most = min(most, max(0, policy.most_calls - calls_before))
    cost, allowed = most * policy.call_cost, float(most)
    if policy.most_cost is not None:
        left = max(0.0, policy.most_cost - cost_before)
        cost = min(cost, left)
        allowed = min(allowed, left / policy.call_cost if policy.call_cost else NEVER)
    limits = Limits(
        min(policy.calls_per_minute / 60, policy.calls_at_once / length),
        NEVER if policy.expires_at is None else policy.expires_at,
        allowed,
    )
    when = estimate(policy.windows, waiting, now, limits)
    openings: Counter[int] = Counter()
    for (_, opening), count in waiting.items():
        openings[int(opening // HOUR) * HOUR] += count
    return Preflight(
        callable=ready,
        never=never,
        openings=dict(sorted(openings.items())),
        most_calls=most,
        most_cost=cost,
        least_minutes=ready / policy.calls_per_minute,
        call_seconds=length,
        first_call=when.first_call,
        last_call=when.last_call,
        by_day=when.by_day,
        left=when.left,
    )


def _sorted(
    context: Context, now: float
) -> tuple[dict[tuple[str, float], int], dict[str, int], int]:
    """How many are called, by their zones and by when they first may be; how many are not, by
    reason; and the most calls that there may be."""
    policy = context.policy
    waiting: Counter[tuple[str, float]] = Counter()
    never: Counter[str] = Counter()
    known: dict[tuple[str, float], float | str] = {}
    most = 0
    for phone, own, due_at, attempts, is_suppressed in _waiting(context, now):
        if is_suppressed:
            never["suppressed"] += 1
            continue
        if attempts >= policy.attempts:
            never["exhausted"] += 1
            continue
        zones = policy.zones(own, phone) or ""
        start = max(now, -(-due_at // (MINUTE * 1000)) * MINUTE)
        place = zones, start
        if place not in known:
            known[place] = _opening(context, zones, start)
        opening = known[place]
        if isinstance(opening, str):
            never[opening] += 1
            continue
        waiting[zones, opening] += 1
        most += policy.attempts - attempts
    return dict(waiting), dict(never), most


def _waiting(context: Context, now: float) -> Iterator[Row]:
    last = 0
    while True:
        with context.database.read() as transaction:
            found = transaction.rows(
                "SELECT id, phone, time_zone, due_at, attempts, EXISTS (SELECT 1 FROM suppression"
                " WHERE suppression.phone = contact.phone AND scope IN ('*', ?, ?)"
                " AND (until IS NULL OR until > ?)) FROM contact"
                f" WHERE {context.database.any_campaign} = ? AND id > ? AND state = 'ready'"
                f" ORDER BY id LIMIT {ROWS}",
                f"account:{context.account}",
                f"campaign:{context.campaign}",
                int(now * 1000),
                context.campaign,
                last,
            )
        for number, *rest in found:
            yield tuple(rest)
            last = number
        if len(found) < ROWS:
            return


def _opening(context: Context, zones: str, start: float) -> float | str:
    """When a window opens there, or why none does."""
    if not context.policy.windows:
        return start
    if not zones:
        return "no time zone"
    try:
        opening = context.policy.opening(zones, start)
    except ConfigurationError:
        return "unknown time zone"
    return "no open window" if opening is None else opening
