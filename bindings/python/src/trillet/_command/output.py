"""What the command ``trillet`` prints."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Elsewhere than on a terminal, not every look is worth a line.
_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """The progress of a batch on standard error: one line on a terminal, else line by line."""

    def __init__(self, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._is_drawn = False
        self._next_line = 0.0
        self._state = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._is_drawn:
            print(file=sys.stderr)

    def tell(self, update: Mapping[str, Any]) -> None:
        if self._is_quiet:
            return
        line = _progress_line(update)
        if sys.stderr.isatty():
            print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)
            self._is_drawn = True
        elif update["state"] != self._state or time.monotonic() >= self._next_line:
            print(line, file=sys.stderr, flush=True)
            self._next_line = time.monotonic() + _SECONDS_BETWEEN_LINES
            self._state = update["state"]


def _progress_line(update: Mapping[str, Any]) -> str:
    if update["total"] is None:
        return printable(f"{update['batchId']} {update['state']}")
    counts = ", ".join(
        f"{update[name]} {name}" for name in ("completed", "failed", "active", "waiting")
    )
    return printable(f"{update['batchId']} {update['state']}: {counts} of {update['total']}")


def key_values(answer: Mapping[str, Any]) -> str:
    """The members of an answer, a line for each; those of objects with their names before."""
    lines = []
    for name, value in answer.items():
        if isinstance(value, dict):
            lines += [f"{name}.{line}" for line in key_values(value).splitlines()]
        elif value is not None:
            lines.append(f"{name}: {one_line(value)}")
    return "\n".join(lines)


def row(call: Mapping[str, Any]) -> str:
    """A call of a batch as fields between tabs: id, status, number, seconds, error."""
    fields = (call.get(name) for name in ("jobId", "status", "phone_number", "duration", "error"))
    return "\t".join("" if field is None else one_line(field) for field in fields)


def identifier(answer: Any, *names: str) -> str:
    """The id in an answer; all of the answer where it has none: it is too late to complain."""
    for name in names:
        if isinstance(answer, dict) and name in answer:
            return one_line(answer[name])
    return json.dumps(answer, ensure_ascii=False)


def one_line(value: object) -> str:
    """A value that can neither end its line nor be taken for two fields."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in str(value))


def printable(text: str) -> str:
    """The text without what steers a terminal: some of it comes from elsewhere."""
    return "".join(
        each if each.isprintable() or each in "\n\t" else repr(each)[1:-1] for each in text
    )
