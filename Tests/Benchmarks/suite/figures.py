"""Figures of several rounds, and how they are written."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    """The median of all rounds, the least and the most."""

    median: float
    least: float
    most: float

    def text(self, write: Callable[[float], str]) -> str:
        """For example "1.05 (1.02–1.09)", or "1.05" of a single round."""
        if self.least == self.most:
            return write(self.median)
        return f"{write(self.median)} ({write(self.least)}–{write(self.most)})"


def figure(values: Iterable[float]) -> Figure:
    listed = list(values)
    return Figure(statistics.median(listed), min(listed), max(listed))


def ratio(value: float) -> str:
    """As many digits as tell one client from another."""
    digits = 1 if value >= 10 else 2 if value >= 0.1 else 3 if value >= 0.01 else 4
    return f"{value:.{digits}f}"


def thousandths(value: float) -> str:
    return f"{value:.3f}"


def short(value: float) -> str:
    """Three digits that matter."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
