"""What the project wants of its figures: a goal is held or missed, and no run fails on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from suite.figures import Figure, table, thousandths


class Goal(NamedTuple):
    """One line of a table of limits."""

    title: str
    kind: str
    measured: str
    limit: str
    is_held: bool


def at_most(
    title: str, kind: str, found: Figure, most: float, write: Callable[[float], str] = thousandths
) -> Goal:
    held = found.median <= most
    return Goal(title, kind, found.text(write), f"at most {most:.2f}", held)


def at_least(
    title: str, kind: str, found: Figure, least: float, write: Callable[[float], str] = thousandths
) -> Goal:
    held = found.median >= least
    return Goal(title, kind, found.text(write), f"at least {least:.2f}", held)


def goals_table(goals: list[Goal]) -> str:
    rows = [[*goal[:4], "held" if goal.is_held else "**missed**"] for goal in goals]
    return table(["what", "", "measured", "limit", ""], rows)


def missed(goals: list[Goal]) -> str:
    """A line for each that was missed, or that none was."""
    lines = [
        f"  {goal.title}: {goal.kind} {goal.measured}, wanted {goal.limit}"
        for goal in goals
        if not goal.is_held
    ]
    if not lines:
        return f"All {len(goals)} goals are held."
    return "\n".join([f"Missed {len(lines)} of {len(goals)} goals:", *lines])
