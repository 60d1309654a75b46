"""What the command ``trillet`` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .._core.status_line import StatusLine, printable
from .._model.call_id import call_id

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


class Progress:
    """The progress of a batch or a call on standard error: on a terminal one line, else several."""

    def __init__(self, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._line = StatusLine()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self._line.close()

    def tell(self, update: Mapping[str, Any]) -> None:
        if not self._is_quiet:
            self._line.show(_progress_line(update), update["state"])


def _progress_line(update: Mapping[str, Any]) -> str:
    if "batchId" not in update:
        return printable(f"{update['callId'] or 'call'} {update['state']}")
    if update["total"] is None:
        return printable(f"{update['batchId']} {update['state']}")
    counts = ", ".join(
        f"{update[name]} {name}" for name in ("completed", "failed", "active", "waiting")
    )
    return printable(f"{update['batchId']} {update['state']}: {counts} of {update['total']}")


def show(given: argparse.Namespace, value: object, text: str) -> None:
    """Prints an answer: as text for people, or as JSON."""
    print(json.dumps(value) if given.output == "json" else printable(text), flush=True)


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


def call_line(call: Any) -> str:
    """The id of a call; all of the answer where it has none: it is too late to complain."""
    found = call_id(call)
    return json.dumps(call, ensure_ascii=False) if found is None else one_line(found)


def one_line(value: object) -> str:
    """A value that can neither end its line nor be taken for two fields."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in str(value))
