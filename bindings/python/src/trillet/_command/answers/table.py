"""A table that fits the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from ..output import one_line
from ..verbs.words import hyphenated
from .cells import cell, cut, member, padded, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# As many rows decide on the widths; those after them have to fit.
_ROWS_LOOKED_AT = 100
_GAP = "  "
_NARROWEST = 6
_USEFUL = 19
_GOOD, _BAD, _UNDER_WAY, _HEAD, _END = "\033[32m", "\033[31m", "\033[33m", "\033[1m", "\033[0m"
_COLOURS = {
    **dict.fromkeys(("active", "answered", "completed", "ready", "success", "sent"), _GOOD),
    **dict.fromkeys(("busy", "cancelled", "error", "failed", "no-answer", "rejected"), _BAD),
    **dict.fromkeys(
        ("dialing", "in-progress", "initiated", "pending", "queued", "ringing", "waiting"),
        _UNDER_WAY,
    ),
}


def is_coloured(choice: str) -> bool:
    """By --color, else on a terminal that nobody asked to be plain (no-color.org)."""
    if choice != "auto":
        return choice == "always"
    is_plain = os.environ.get("NO_COLOR", "") != "" or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not is_plain


def terminal_width() -> int:
    return max(20, shutil.get_terminal_size((80, 24)).columns)


def table(
    items: Iterable[Any], columns: Sequence[str], *, coloured: bool, all_columns: bool
) -> Iterator[str]:
    """The lines of a table. Of columns that nobody asked for, those that fit."""
    rest = iter(items)
    first = list(islice(rest, _ROWS_LOOKED_AT))
    rows = [[cell(column, member(item, column)) for column in columns] for item in first]
    if not all_columns:
        # An empty column tells nothing.
        kept = [at for at in range(len(columns)) if any(row[at] for row in rows)]
        columns = [columns[at] for at in kept]
        rows = [[row[at] for at in kept] for row in rows]
    titles = list(map(_title, columns))
    wanted = [
        max(chain((width(titles[at]),), (width(row[at]) for row in rows)))
        for at in range(len(columns))
    ]
    widths = _fitting(wanted, terminal_width(), all_columns)
    yield _line(titles, widths, _HEAD if coloured else "", ())
    later = ([cell(column, member(item, column)) for column in columns] for item in rest)
    for row in chain(rows, later):
        colours = [_COLOURS.get(text.lower(), "") if coloured else "" for text in row]
        yield _line(row, widths, "", colours)


def _line(texts: Sequence[str], widths: Sequence[int], start: str, colours: Sequence[str]) -> str:
    last = len(widths) - 1
    pieces = []
    for at, columns in enumerate(widths):
        # Nothing stands behind the last one.
        text = padded(texts[at], columns) if at < last else cut(texts[at], columns)
        colour = colours[at] if colours else ""
        pieces.append(f"{colour}{text}{_END}" if colour else text)
    return f"{start}{_GAP.join(pieces)}{_END if start else ''}"


def _title(column: str) -> str:
    """`llmModel` is LLM MODEL."""
    return one_line(hyphenated(column.lstrip("_")).replace("-", " ").upper())


def _fitting(wanted: Sequence[int], total: int, all_columns: bool) -> list[int]:
    """Widths that fit. Unless all are wanted, the last columns go before the others are useless."""
    widths = list(wanted)
    while len(widths) > 2 and not all_columns:
        # The first is an id, which somebody will copy.
        least = widths[0] + sum(min(each, _USEFUL) for each in widths[1:])
        if least + len(_GAP) * (len(widths) - 1) <= total:
            break
        widths.pop()
    room = total - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        # Of columns that are as wide, the last gives first; the id only when it stands alone.
        open_to_cuts = range(1 if max(widths[1:], default=0) > _NARROWEST else 0, len(widths))
        widest = max(open_to_cuts, key=lambda at: (widths[at], at))
        widths[widest] -= 1
    return widths
