"""Which files the command replaces. docs/decisions.md, files-replaced"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .. import InvalidArgumentError
from .output import one_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

_LONGEST_LINE = 1 << 20


def add_overwrite(parser: Any) -> None:
    """The option for files of which nobody can see what has made them."""
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def refuse_others(
    given: argparse.Namespace,
    path: Path,
    option: str,
    maker: str = "",
    is_own: Callable[[Path], bool] = lambda _: False,
) -> None:
    """Before a file is written. It may be the only copy of the contacts.

    Args:
        given: The arguments of the command, among them --overwrite.
        path: The file.
        option: What names it.
        maker: What has made a file of which `is_own` holds.
        is_own: Whether an earlier run has made the file, for all that can be seen.

    Raises:
        InvalidArgumentError: It is there, and is to stay.
    """
    # An empty one loses nothing; what is no file, such as /dev/stdout, keeps nothing. Why nobody
    # can look at it (os.path.isfile does not raise), whoever writes it says better.
    if given.overwrite or not os.path.isfile(path) or os.path.getsize(path) == 0:
        return
    if is_own(path):
        return
    but = f", and no {maker} has made it" if maker else ""
    raise InvalidArgumentError(
        f"The file '{one_line(path)}' exists already{but}; name another one, or replace it with "
        "--overwrite",
        field=option.lstrip("-"),
    )


def first_line(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return file.readline(_LONGEST_LINE)


def header(path: Path) -> list[str]:
    """The names of a CSV file's columns; [] where it is none. One may have several lines."""
    import csv
    from io import StringIO

    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.reader(StringIO(file.read(_LONGEST_LINE), newline=""))
    try:
        return next(rows, [])
    except csv.Error:
        return []
