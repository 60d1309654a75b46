"""Figures of several rounds, and how they are written."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    """The median of all rounds, the least and the most."""

    median: float
    least: float
    most: float

    def text(self, form: str) -> str:
        """For example "1.05 (1.02–1.09)"."""
        spread = f"{self.least:{form}}–{self.most:{form}}"
        return f"{self.median:{form}} ({spread})"


def figure(values: Iterable[float]) -> Figure:
    listed = list(values)
    return Figure(statistics.median(listed), min(listed), max(listed))


def short(value: float) -> str:
    """Three digits that matter."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
