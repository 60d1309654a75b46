"""``trillet check``: check a contact file; nothing is sent."""

from __future__ import annotations

import os
import re
import sys
from glob import escape, glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import check_csv
from .adding import add_command
from .failures import PROBLEMS
from .names import report_in_command
from .output import one_line, show
from .replacing import add_overwrite, header, refuse_others

if TYPE_CHECKING:
    import argparse

    from .. import CsvReport

_REASON = "reject_reason"


def add_check(commands: Any) -> None:
    check = add_command(
        commands,
        "check",
        _check,
        "check a contact file; nothing is sent",
        example="trillet check contacts.csv --country US --rejected bad.csv",
    )
    add_check_arguments(check, "the contact file; - reads standard input")
    check.add_argument("--accepted", metavar="FILE", help="write the good rows here")
    check.add_argument("--rejected", metavar="FILE", help="write the bad rows here")
    check.add_argument("--split", metavar="FILE", help="write pieces of one upload: part-{n}.csv")
    check.add_argument(
        "--split-rows", type=int, metavar="N", help="the most rows of a piece; needs --split"
    )
    add_overwrite(check)
    check.add_argument("--max-problems", type=int, metavar="N", help="the most to list (100)")


def add_check_arguments(parser: argparse.ArgumentParser, file: str) -> None:
    parser.add_argument("file", help=file)
    parser.add_argument("--prompt", help="a flow's prompt, whose {columns} must be there")
    parser.add_argument(
        "--require",
        action="append",
        metavar="COLUMN",
        help="a further column that must be there; may be repeated",
    )
    parser.add_argument("--max-rows", type=int, metavar="N", help="the row limit of the plan")
    parser.add_argument(
        "--country", metavar="CC", help="the country of numbers without a plus: DE (ISO 3166)"
    )
    parser.add_argument(
        "--assume-country", action="store_true", help="accept them as numbers of that country"
    )
    parser.add_argument("--phone-column", metavar="NAME", help="the column of numbers")
    parser.add_argument(
        "--convert", action="store_true", help="read semicolons, tabs, UTF-16, Windows-1252 too"
    )
    parser.add_argument(
        "--no-lengths", action="store_true", help="accept 7 to 15 digits, whatever the country"
    )
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook (.xlsx)")


def _check(given: argparse.Namespace) -> int:
    _keep_others(given)
    report = checked(
        given,
        sys.stdin.buffer if given.file == "-" else given.file,
        accepted_file=given.accepted,
        rejected_file=given.rejected,
        split_file=given.split,
        split_rows=given.split_rows,
        max_problems=given.max_problems,
    )
    show(given, report.data, str(report))
    _tell_older_pieces(given, report)
    return 0 if report.valid else PROBLEMS


def _keep_others(given: argparse.Namespace) -> None:
    """Nobody sees of good rows whether they are those of an earlier check, or all there is."""
    for option, name in (("--accepted", given.accepted), ("--rejected", given.rejected)):
        # That it is the contact file itself says the library better.
        if name is None or _is_same(name, given.file):
            continue
        if option == "--rejected":
            refuse_others(given, Path(name), option, "check", _has_reasons)
        else:
            refuse_others(given, Path(name), option)
    for name in _pieces(given):
        refuse_others(given, Path(name), "--split")


def _pieces(given: argparse.Namespace) -> list[str]:
    """The files that are named as pieces are, those of an earlier split with more of them, too:
    somebody uploads all that are there."""
    if given.split is None:
        return []
    # The names that are found have fewer slashes where the pattern has two.
    pattern = re.escape(os.path.normpath(given.split))
    pieces = re.compile(pattern.replace(re.escape("{n}"), "[0-9]+"))
    return [
        name
        for name in sorted(glob(escape(given.split).replace("{n}", "*")))
        if pieces.fullmatch(os.path.normpath(name)) and not _is_same(name, given.file)
    ]


def _tell_older_pieces(given: argparse.Namespace, report: CsvReport) -> None:
    written = set(map(os.path.normpath, report.split_files))
    older = [name for name in _pieces(given) if written and os.path.normpath(name) not in written]
    if older:
        names = ", ".join(map(one_line, older))
        print(
            f"trillet: no piece of this split, but named like one: {names}; remove what is not to "
            "be called",
            file=sys.stderr,
        )


def _is_same(name: str, file: str) -> bool:
    return os.path.exists(name) and os.path.exists(file) and os.path.samefile(name, file)


def _has_reasons(path: Path) -> bool:
    """Whether these are rows that a check has rejected."""
    return _REASON in header(path)


def checked(given: argparse.Namespace, file: Any, **others: Any) -> CsvReport:
    report = check_csv(
        file,
        prompt=given.prompt,
        required_columns=given.require,
        max_rows=given.max_rows,
        default_country=given.country,
        assume_country=given.assume_country or None,
        phone_column=given.phone_column,
        convert=given.convert or None,
        lengths=False if given.no_lengths else None,
        sheet=given.sheet,
        **others,
    )
    return report_in_command(report)
