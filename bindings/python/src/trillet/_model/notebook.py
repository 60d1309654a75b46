"""How answers look in a notebook. What they hold was said by strangers: all of it is escaped."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOST_ROWS = 100
_LONGEST = 2000


def table(header: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """A table of texts."""
    lines = [f"<table><caption>{_cell(caption)}</caption>"] if caption else ["<table>"]
    lines.append(_row("th", header))
    lines += [_row("td", row) for row in rows]
    return "\n".join([*lines, "</table>"])


def of_value(value: Any, caption: str) -> str:
    """A JSON value: the members of an object, or the items of a list as rows."""
    if isinstance(value, dict):
        return table(("name", "value"), value.items(), caption)
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        shown = value[:_MOST_ROWS]
        names = list(dict.fromkeys(name for item in shown for name in item))
        rows = [[item.get(name, "") for name in names] for item in shown]
        more = f", the first {_MOST_ROWS} of {len(value)}" if len(value) > _MOST_ROWS else ""
        return table(names, rows, caption + more)
    return table(("value",), [[value]], caption)


def _row(kind: str, cells: Iterable[object]) -> str:
    return "<tr>" + "".join(f"<{kind}>{_cell(cell)}</{kind}>" for cell in cells) + "</tr>"


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return escape(text)
