"""A value as the text of one cell, and how wide that is on a terminal."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from datetime import datetime, timezone
from typing import Any

from ..output import one_line

_TIMES = frozenset(("timestamp", "startTime", "endTime"))
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z\Z")
# What is a number of seconds since 1970, and no duration.
_FIRST, _LAST = 1_000_000_000, 100_000_000_000


def cell(column: str, value: object) -> str:
    """For people: an object by its name, a time in UTC as one."""
    if isinstance(value, dict):
        for name in ("name", "_id"):
            if isinstance(value.get(name), str):
                return one_line(value[name])
    if column in _TIMES and isinstance(value, (int, float)) and _FIRST <= value < _LAST:
        return datetime.fromtimestamp(value, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, str) and (time := _TIME.match(value)):
        return f"{time[1]} {time[2]}"
    return one_line(text_of(value))


def text_of(value: object) -> str:
    """For programs: objects and arrays as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return compact(value)


def compact(value: object) -> str:
    """JSON on one line."""
    return harmless(json.dumps(value, ensure_ascii=_is_narrow(), separators=(",", ":")))


def indented(value: object) -> str:
    """JSON for people."""
    return harmless(json.dumps(value, ensure_ascii=_is_narrow(), indent=2))


def harmless(text: str) -> str:
    """JSON without what steers a terminal: its own escapes leave some of that as it is."""
    if text.isascii():
        return text.replace("\x7f", "\\u007f")
    return "".join(
        each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text
    )


def _is_narrow() -> bool:
    """Whether standard output cannot hold every letter."""
    return (getattr(sys.stdout, "encoding", None) or "").lower() not in ("utf-8", "utf8")


def member(item: Any, column: str) -> Any:
    """The value at a path of names and dots; None where there is none."""
    if isinstance(item, dict) and column in item:
        return item[column]
    for name in column.split("."):
        if not isinstance(item, dict):
            return None
        item = item.get(name)
    return item


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def cut(text: str, columns: int) -> str:
    """A text in so many columns, with an ellipsis where some of it is missing."""
    if width(text) <= columns:
        return text
    kept, taken = [], 0
    for letter in text:
        taken += _width(letter)
        if taken > columns - 1:
            break
        kept.append(letter)
    return "".join(kept) + "…"


def padded(text: str, columns: int) -> str:
    """A text in exactly so many columns."""
    text = cut(text, columns)
    return text + " " * (columns - width(text))
