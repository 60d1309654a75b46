"""Dot plots in SVG, readable on light and dark pages.

Rates and times of clients differ a hundredfold, so the axis is logarithmic, and on such an axis the
length of a bar would mean nothing: a dot stands for the median, a line for the least and the most.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from typing import NamedTuple

from suite.figures import Figure, short

WIDTH = 880
LABELS = 376
RIGHT = 70
ROW = 20
TOP = 58

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 14px; font-weight: 600; }
.quiet { fill: #57606a; }
.grid { stroke: #d0d7de; }
.other { fill: #6e7781; stroke: #6e7781; }
.baseline { fill: #1f6feb; stroke: #1f6feb; }
.own { fill: #cf222e; stroke: #cf222e; }
text.own, text.baseline { stroke: none; font-weight: 600; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .quiet { fill: #9198a1; }
  .grid { stroke: #3d444d; }
  .other { fill: #9198a1; stroke: #9198a1; }
  .baseline { fill: #58a6ff; stroke: #58a6ff; }
  .own { fill: #ff7b72; stroke: #ff7b72; }
}
""".strip()


# Where a value stands, in pixels from the left.
Across = Callable[[float], float]


class Dot(NamedTuple):
    """A row of a plot; `kind` is own, baseline or other."""

    title: str
    figure: Figure
    kind: str


class Panel(NamedTuple):
    """Rows under a heading."""

    title: str
    dots: list[Dot]


def draw(title: str, unit: str, panels: list[Panel]) -> str:
    """An image with the panels below each other, on one axis."""
    figures = [dot.figure for panel in panels for dot in panel.dots]
    low = 10 ** math.floor(math.log10(min(one.least for one in figures)))
    high = 10 ** math.ceil(math.log10(max(one.most for one in figures)))
    height = TOP + sum(ROW * (len(panel.dots) + 2) for panel in panels)

    def across(value: float) -> float:
        part = math.log10(value / low) / math.log10(high / low)
        return round(LABELS + part * (WIDTH - LABELS - RIGHT), 1)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' width="{WIDTH}" height="{height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<text class="title" x="8" y="20">{escape(title)}</text>',
        f'<text class="quiet" x="{WIDTH - 8}" y="20" text-anchor="end">{escape(unit)}</text>',
    ]
    lines += _axis(low, high, across, height)
    bottom = TOP
    for panel in panels:
        lines.append(f'<text class="quiet" x="8" y="{bottom + 14}">{escape(panel.title)}</text>')
        bottom += ROW
        for dot in panel.dots:
            lines += _row(dot, bottom + ROW // 2, across)
            bottom += ROW
        bottom += ROW
    return "\n".join([*lines, "</svg>", ""])


def _axis(low: float, high: float, across: Across, height: int) -> list[str]:
    lines = []
    value = low
    while value <= high * 1.001:
        x = across(value)
        lines.append(f'<line class="grid" x1="{x}" y1="{TOP - 14}" x2="{x}" y2="{height - 14}"/>')
        label = f"{value:,.0f}" if value >= 1 else f"{value:g}"
        lines.append(
            f'<text class="quiet" x="{x}" y="{TOP - 20}" text-anchor="middle">{label}</text>'
        )
        value *= 10
    return lines


def _row(dot: Dot, middle: int, across: Across) -> list[str]:
    figure = dot.figure
    kind = "" if dot.kind == "other" else f' class="{dot.kind}"'
    return [
        f'<text{kind} x="{LABELS - 12}" y="{middle + 4}" text-anchor="end">'
        f"{escape(dot.title)}</text>",
        f'<line class="{dot.kind}" stroke-width="2" x1="{across(figure.least)}" y1="{middle}"'
        f' x2="{across(figure.most)}" y2="{middle}"/>',
        f'<circle class="{dot.kind}" cx="{across(figure.median)}" cy="{middle}" r="4"/>',
        f'<text class="quiet" x="{round(across(figure.most) + 9, 1)}" y="{middle + 4}">'
        f"{short(figure.median)}</text>",
    ]
