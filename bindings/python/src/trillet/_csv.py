"""The check of a contact file, before anybody is called."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from ._encoding import read, write
from ._errors import ContactsError, InvalidArgumentError, from_answer
from ._library import load

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPERATION = "csv.check"
_LONGEST_CELL = 32


class CsvProblem(NamedTuple):
    """One thing that is wrong with a contact file.

    ``row`` counts the data rows from 1, ``line`` the lines of the file; both are 0 for the file as
    a whole. A ``severity`` of ``"error"`` rejects the row, ``"warning"`` does not.
    """

    row: int
    line: int
    column: str | None
    value: str | None
    kind: str
    severity: str
    message: str
    suggestion: str | None


class CsvCountry(NamedTuple):
    """How many calls go to a country: its calling ``code``, ``name``, and number of ``calls``."""

    code: str
    name: str
    calls: int


class CsvReport:
    """What `check_csv` found in a contact file. ``str(report)`` is a table for people.

    Attributes:
        name: The file's name, or what stands for it.
        valid: Whether every row can be called, and there is one.
        columns: The names in the header.
        total: How many rows there are, blank ones aside.
        accepted: How many rows can be called.
        rejected: How many cannot.
        blank: How many rows are blank.
        duplicates: How many numbers came again; they are accepted.
        pieces: How many uploads the file takes.
        countries: Where the calls go.
        problem_count: How many problems there are, also beyond those listed.
        problems: The first ones, up to ``max_problems``.
        size: How many bytes the file has.
        line_ending: ``"LF"`` or ``"CRLF"``.
        has_bom: Whether a byte order mark stands at the start.
        accepted_file: Where the good rows were written, if they were.
        rejected_file: Where the bad ones were.
        split_files: Where the pieces were.
    """

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name = name
        self.data = data
        self.valid: bool = data["valid"]
        self.columns: list[str] = data["columns"]
        self.total: int = data["rows"]["total"]
        self.accepted: int = data["rows"]["accepted"]
        self.rejected: int = data["rows"]["rejected"]
        self.blank: int = data["rows"]["blank"]
        self.duplicates: int = data["duplicates"]
        self.pieces: int = data["pieces"]
        self.countries = [CsvCountry(**country) for country in data["countries"]]
        self.problem_count: int = data["problemCount"]
        self.problems = [CsvProblem(**problem) for problem in data["problems"]]
        self.size: int = data["bytes"]
        self.line_ending: str = data["lineEnding"]
        self.has_bom: bool = data["hasBOM"]
        self.accepted_file: str | None = data.get("acceptedFile")
        self.rejected_file: str | None = data.get("rejectedFile")
        self.split_files: list[str] = data.get("splitFiles", [])

    def raise_for_problems(self) -> CsvReport:
        """The report itself when the file is valid; warnings are no hindrance.

        Raises:
            ContactsError: It is not. Its text is the table of the problems.
        """
        if not self.valid:
            raise ContactsError(self)
        return self

    def __str__(self) -> str:
        lines = [self._headline()]
        if self.problems:
            lines += _table(
                ("row", "line", "column", "value", "problem"), map(_cells, self.problems)
            )
        unlisted = self.problem_count - len(self.problems)
        if unlisted:
            lines.append(f"  and {unlisted} more")
        if self.countries:
            counts = (f"{each.name} ({each.code}) {each.calls}" for each in self.countries)
            lines.append(f"  calls to: {', '.join(counts)}")
        written = [self.accepted_file, self.rejected_file, *self.split_files]
        lines += [f"  wrote {_printable(path)}" for path in written if path]
        return "\n".join(lines)

    def __repr__(self) -> str:
        state = "valid" if self.valid else "not valid"
        return f"<trillet CsvReport of {self.name}, {state}, {self.accepted} of {self.total} rows>"

    def _headline(self) -> str:
        counts = [f"{self.accepted} of {self.total} rows can be called"]
        if self.duplicates:
            counts.append(f"{self.duplicates} of them a number that came before")
        if self.pieces > 1:
            counts.append(f"too much for one upload, it takes {self.pieces}")
        return f"{_printable(self.name)}: {', '.join(counts)}"


def check_csv(
    file: str | os.PathLike[str] | IO[str] | IO[bytes] | None = None,
    *,
    csv: str | bytes | None = None,
    max_problems: int | None = None,
    duplicates: bool | None = None,
    prompt: str | None = None,
    required_columns: Sequence[str] | None = None,
    accepted_file: str | os.PathLike[str] | None = None,
    rejected_file: str | os.PathLike[str] | None = None,
    split_file: str | os.PathLike[str] | None = None,
    split_rows: int | None = None,
    max_rows: int | None = None,
) -> CsvReport:
    """Checks a contact file, without a client and without a network.

        report = trillet.check_csv("contacts.csv", prompt="Greet {first_name}.")
        if not report.valid:
            print(report)

    Args:
        file: The file's path, or a file that is open for reading.
        csv: Its text instead.
        max_problems: How many problems are listed; all are counted (100).
        duplicates: False does not look for numbers that come again.
        prompt: A flow's prompt; the file must have the columns it names in braces.
        required_columns: Further columns that the file must have.
        accepted_file: Where to write the good rows, with their numbers normalised.
        rejected_file: Where to write the bad rows, with a column ``reject_reason``.
        split_file: A path with ``{n}`` in it: the good rows are written to as many files as the
            service takes uploads.
        split_rows: How many rows each of these has at most.
        max_rows: How many rows the plan allows.

    Returns:
        The report, also of a file with bad rows.

    Raises:
        InvalidArgumentError: There is no file to check. ``field`` is ``"file"`` when it cannot be
            read; ``code`` is ``"empty"``, ``"encoding"``, ``"delimiter"``, ``"header"`` or
            ``"quote"`` when it is not a text of the service's kind.
        LibraryError: The native library cannot be used.
    """
    name, path, text = _source(file, csv)
    options = {
        "file": path,
        "maxProblems": max_problems,
        "duplicates": duplicates,
        "prompt": prompt,
        "requiredColumns": required_columns,
        "acceptedFile": accepted_file,
        "rejectedFile": rejected_file,
        "splitFile": split_file,
        "splitRows": split_rows,
        "maxRows": max_rows,
    }
    given = {key: value for key, value in options.items() if value is not None}
    encoded = write(given, _OPERATION)
    answer = read(load().text("trillet_csv_check", text, len(text or b""), encoded))
    if not answer["ok"]:
        raise from_answer(answer)
    return CsvReport(name, answer["data"])


def _source(file: object, csv: str | bytes | None) -> tuple[str, object, bytes | None]:
    """The name of what is checked, and its path or its text."""
    if (file is None) == (csv is None):
        raise TypeError("check_csv: give a file or csv, one of the two")
    if csv is not None:
        if not isinstance(csv, (str, bytes)):
            raise TypeError(f"check_csv: csv is of type {type(csv).__name__}; give str or bytes")
        return "csv", None, _encoded(csv)
    if isinstance(file, (str, os.PathLike)):
        return os.path.basename(os.fspath(file)) or "file", file, None
    reader = getattr(file, "read", None)
    if reader is None:
        raise TypeError(
            f"check_csv: file is of type {type(file).__name__}; give a path or an open file, "
            "and text or bytes as csv="
        )
    name = getattr(file, "name", None)
    return os.path.basename(name) if isinstance(name, str) else "file", None, _encoded(reader())


def _encoded(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidArgumentError(
            f"the text has a lone surrogate at index {error.start}, which is no text",
            field="csv",
            code="encoding",
            sent="no",
            meta={"operation": _OPERATION, "attempts": 0},
        ) from None


def _cells(problem: CsvProblem) -> tuple[str, ...]:
    place = (str(number) if number else "" for number in (problem.row, problem.line))
    mark = "warning: " if problem.severity == "warning" else ""
    hint = f" ({problem.suggestion})" if problem.suggestion else ""
    message = _printable(f"{mark}{problem.message}{hint}")
    return (*place, _shown(problem.column or ""), _shown(problem.value or ""), message)


def _shown(text: str) -> str:
    shown = _printable(text)
    return shown if len(shown) <= _LONGEST_CELL else shown[: _LONGEST_CELL - 1] + "…"


def _printable(text: str) -> str:
    """A file's text may hold what steers a terminal."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _table(header: tuple[str, ...], rows: Any) -> list[str]:
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
        for row in table
    ]
