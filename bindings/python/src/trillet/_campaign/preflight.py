"""What a campaign would do, before the first call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._model.errors import ConfigurationError
from .listing import contacts
from .suppressing import suppressed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import Context

# Openings are counted by the hour: thousands of contacts share a few of them.
HOUR = 3600


@dataclass(frozen=True)
class Preflight:
    """What a campaign would do.

    Attributes:
        callable: How many contacts will be called.
        never: How many will not be, by reason.
        openings: How many may first be called when: Unix seconds, whole hours, the first first.
        most_calls: With every attempt that the policy allows.
        most_cost: Of these; 0 where the policy has no `call_cost`.
        least_minutes: How long one call to each takes at `calls_per_minute`.
    """

    callable: int
    never: Mapping[str, int]
    openings: Mapping[int, int]
    most_calls: int
    most_cost: float
    least_minutes: float


def preflight(context: Context) -> Preflight:
    """Goes through all contacts that wait, in constant memory."""
    policy = context.policy
    with context.database.read() as transaction:
        now = transaction.now() / 1000
    never: Counter[str] = Counter()
    openings: Counter[int] = Counter()
    ready = 0
    known: dict[str, float | None] = {}
    for contact in contacts(context, "ready"):
        if _is_suppressed(context, contact.phone, now):
            never["suppressed"] += 1
            continue
        zones = policy.zones(contact.time_zone, contact.phone) or ""
        if zones not in known:
            known[zones] = _opening(context, zones, now)
        opening = known[zones]
        if opening is None:
            never["no time zone" if not zones else "no open window"] += 1
            continue
        ready += 1
        openings[int(opening // HOUR) * HOUR] += 1
    calls = ready * policy.attempts
    if policy.most_calls is not None:
        calls = min(calls, policy.most_calls)
    return Preflight(
        callable=ready,
        never=dict(never),
        openings=dict(sorted(openings.items())),
        most_calls=calls,
        most_cost=calls * policy.call_cost,
        least_minutes=ready / policy.calls_per_minute,
    )


def _is_suppressed(context: Context, phone: str, now: float) -> bool:
    with context.database.read() as transaction:
        return suppressed(context, transaction, phone, int(now * 1000)) is not None


def _opening(context: Context, zones: str, now: float) -> float | None:
    if not context.policy.windows:
        return now
    try:
        return context.policy.opening(zones, now)
    except ConfigurationError:
        return None
