"""A question before what cannot be taken back. docs/decisions.md, asks-on-terminals"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .. import InvalidArgumentError
from .._core.status_line import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

_YES = ("y", "yes")


class DeclinedError(Exception):
    """Somebody said no; nothing was done."""


def can_ask() -> bool:
    """Whether somebody sits there, who sees the question and can answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def agreed(
    given: argparse.Namespace, what: Callable[[], str], *, name: str, must: bool = True
) -> None:
    """Returns when it may be done.

    Args:
        given: The arguments; --yes and --dry-run need no question.
        what: Says what will happen; it may ask the service about that.
        name: The command, for a message.
        must: Whether it is refused where nobody can be asked.

    Raises:
        DeclinedError: The answer was not yes.
        InvalidArgumentError: Nobody can be asked.
    """
    if given.yes or given.dry_run:
        return
    if not can_ask():
        if must:
            raise InvalidArgumentError(
                f"{name} asks before it acts, and nobody can answer here: add --yes, or "
                "--dry-run to see what it would send",
                field="yes",
            )
        return
    print(printable(what()), file=sys.stderr)
    go_on()


def go_on() -> None:
    """Asks whether to do what was told.

    Raises:
        DeclinedError: The answer was not yes.
    """
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    try:
        answer = sys.stdin.readline()
    except OSError:
        # The terminal has gone.
        raise DeclinedError from None
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    if answer.strip().lower() not in _YES:
        raise DeclinedError
