"""A line on standard error that says how far something is."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from time import monotonic

# Elsewhere than on a terminal, not every look is worth a line.
_SECONDS_BETWEEN_LINES = 10.0


class StatusLine:
    """One line that is written over again on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._is_drawn = False
        self._next_line = 0.0
        self._state = ""

    def show(self, line: str, state: str) -> None:
        """Shows the line; where each stays, only if the state is another, or after a while."""
        if sys.stderr is None:
            return
        # Nobody may be there any more to read it, which ends nothing.
        with suppress(OSError, ValueError):
            self._write(line, state)

    def _write(self, line: str, state: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{_fitting(line)}\033[K", end="", file=sys.stderr, flush=True)
            self._is_drawn = True
        elif state != self._state or monotonic() >= self._next_line:
            print(line, file=sys.stderr, flush=True)
            self._next_line = monotonic() + _SECONDS_BETWEEN_LINES
            self._state = state

    def close(self) -> None:
        """Ends a line that was written over."""
        with suppress(OSError, ValueError):
            if self._is_drawn:
                print(file=sys.stderr)


def _fitting(line: str) -> str:
    """What fits into the terminal: of a line that was wrapped, only the end is written over."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return line
    return line if len(line) < columns or columns < 2 else line[: columns - 1]


def printable(text: str) -> str:
    """The text without what steers a terminal: some of it comes from elsewhere."""
    return "".join(
        each if each.isprintable() or each in "\n\t" else repr(each)[1:-1] for each in text
    )
