"""``trillet campaign preflight``: what would happen."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from .campaign_report import local_time
from .output import show

if TYPE_CHECKING:
    import argparse

    from ..campaign import Campaign, Preflight


def preflight(given: argparse.Namespace) -> int:
    """Tells it."""
    # Here: every other command starts without a database.
    from ..campaign import Campaign

    with Campaign.open(given.database, given.name) as campaign:
        plan = campaign.preflight(given.call_seconds)
    lines = [f"{plan.callable} contacts are called, in {plan.least_minutes:.0f} min at least"]
    lines.append(f"at most {plan.most_calls} calls, which cost at most {plan.most_cost:g}")
    lines += _times(plan, is_stated=given.call_seconds is not None)
    if plan.left:
        lines.append(f"  not reached: {plan.left} (the end, the budget, or a year comes before)")
    lines += [f"  never: {count} ({reason})" for reason, count in plan.never.items()]
    show(given, asdict(plan), "\n".join(lines))
    return 0


def told_in_short(campaign: Campaign) -> str:
    """What is asked about before a run."""
    plan = campaign.preflight(None)
    told = f"This calls {plan.callable} contacts, at most {plan.most_calls} calls"
    if plan.most_cost:
        told += f", which cost at most {plan.most_cost:g}"
    return f"{told}, in {plan.least_minutes:.0f} min at least."


def _times(plan: Preflight, *, is_stated: bool) -> list[str]:
    if plan.first_call is None or plan.last_call is None:
        return []
    first, last = local_time(plan.first_call), local_time(plan.last_call)
    told = f"if a call lasts {plan.call_seconds:g} s"
    if not is_stated:
        told += " (longest_call_seconds; say how long yours last by --call-seconds)"
    lines = [f"first call {first}, the last of one call to each {last}, {told}"]
    return lines + [f"  {day}  {calls}" for day, calls in (plan.by_day or {}).items()]
