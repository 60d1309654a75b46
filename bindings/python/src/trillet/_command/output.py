"""What the command ``trillet`` prints."""

from __future__ import annotations

import json
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

from .._core.progress_bar import ProgressBar, duration_text, is_terminal
from .._core.status_line import StatusLine, printable
from .._model.call_id import call_id

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from types import TracebackType

    from .interrupting import Rest


class Progress:
    """How a batch or a call gets on, on standard error: for a batch on a terminal a bar, else lines
    now and then."""

    def __init__(self, is_quiet: bool, rest: Rest | None = None) -> None:
        self._is_quiet = is_quiet
        self._line = StatusLine()
        self._bar = ProgressBar() if is_terminal() and not is_quiet else None
        self._rest = rest
        self._start = monotonic()
        self._last: Mapping[str, Any] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._line.close()
        if self._bar is not None:
            self._bar.close()
        if self._rest is not None and kind is not None and issubclass(kind, KeyboardInterrupt):
            print(printable(self._rest.told(self._done())), file=sys.stderr)

    def tell(self, update: Mapping[str, Any]) -> None:
        self._last = update
        if self._is_quiet:
            return
        if self._bar is None:
            self._line.show(_progress_line(update), update["state"])
        elif "total" in update:
            self._bar(update)
        else:
            # Of one call there is no bar: nobody knows how long people talk.
            elapsed = duration_text(monotonic() - self._start)
            self._line.show(f"{_progress_line(update)}, {elapsed}", update["state"])

    def _done(self) -> str:
        total = self._last.get("total")
        if total is None:
            return ""
        names = ("completed", "failed", "ended", "lost", "ambiguous")
        ended = sum(self._last.get(name) or 0 for name in names)
        return f"{ended} of {total} calls have ended"


def _progress_line(update: Mapping[str, Any]) -> str:
    if "batchId" not in update and "total" in update:
        counts = ", ".join(f"{update[name]} {name}" for name in ("ended", "lost", "ambiguous"))
        return f"calls {update['state']}: {counts} of {update['total']}"
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
    told = json.dumps(value) if given.output == "json" else printable(text)
    try:
        print(told, flush=True)
    except BrokenPipeError:
        raise
    except OSError:
        # There may be no second answer with the id of what was done.
        print(told, file=sys.stderr)
        raise


def write(text: str) -> None:
    """Prints what came from elsewhere: as it is for the next program, and on a terminal without
    what steers it."""
    if sys.stdout.isatty():
        text = printable(text.replace("\r\n", "\n"))
    sys.stdout.write(text)


def key_values(answer: Mapping[str, Any]) -> str:
    """The members of an answer, a line for each; those of objects with their names before."""
    lines = []
    for name, value in answer.items():
        if isinstance(value, dict):
            lines += [f"{name}.{line}" for line in key_values(value).splitlines()]
        elif isinstance(value, bool):
            lines.append(f"{name}: {json.dumps(value)}")
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
