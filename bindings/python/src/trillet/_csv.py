"""The check of a contact file, before anybody is called."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, NamedTuple

from ._csv_source import OPERATION, Source, opened
from ._encoding import read, write
from ._errors import ContactsError, from_answer
from ._library import load

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from typing import Union

    Path = Union[str, bytes, os.PathLike[str], os.PathLike[bytes]]

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
    #: Whether the row was not rejected before; None where the file has no ``reject_reason``.
    is_new: bool | None = None


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
        assumed: How many of the accepted are numbers of the default country, written as within it.
        newly_rejected: How many of the rejected the file's own ``reject_reason`` does not name; 0
            where it has none.
        duplicates: How many numbers came again; they are accepted.
        pieces: How many uploads the file takes.
        countries: Where the calls go.
        problem_count: How many problems there are, also beyond those listed.
        problems: The first ones, up to ``max_problems``.
        size: How many bytes the file has.
        line_ending: ``"LF"`` or ``"CRLF"``.
        has_bom: Whether a byte order mark stands at the start.
        encoding: How the text was recognised, with ``convert``.
        delimiter: What stands between its columns, with ``convert``.
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
        self.assumed: int = data.get("assumed", 0)
        self.newly_rejected: int = data.get("newlyRejected", 0)
        self.duplicates: int = data["duplicates"]
        self.pieces: int = data["pieces"]
        self.countries = [CsvCountry(**country) for country in data["countries"]]
        self.problem_count: int = data["problemCount"]
        self.problems = [_problem(**problem) for problem in data["problems"]]
        self.size: int = data["bytes"]
        self.line_ending: str = data["lineEnding"]
        self.has_bom: bool = data["hasBOM"]
        self.encoding: str = data.get("encoding", "UTF-8")
        self.delimiter: str = data.get("delimiter", ",")
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
        if (self.encoding, self.delimiter) != ("UTF-8", ","):
            delimiter = "tabs" if self.delimiter == "\t" else f"'{self.delimiter}'"
            lines.append(f"  read as {self.encoding}, with {delimiter} between the columns")
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
        if self.assumed:
            counts.append(f"{self.assumed} of them taken for numbers of the default country")
        if "newlyRejected" in self.data:
            counts.append(f"{self.newly_rejected} of {self.rejected} rejected are new")
        if self.duplicates:
            counts.append(f"{self.duplicates} of them a number that came before")
        if self.pieces > 1:
            counts.append(f"too much for one upload, it takes {self.pieces}")
        return f"{_printable(self.name)}: {', '.join(counts)}"


def check_csv(
    file: Path | IO[str] | IO[bytes] | None = None,
    *,
    csv: str | bytes | None = None,
    max_problems: int | None = None,
    duplicates: bool | None = None,
    prompt: str | None = None,
    required_columns: Sequence[str] | None = None,
    accepted_file: Path | None = None,
    rejected_file: Path | None = None,
    split_file: Path | None = None,
    split_rows: int | None = None,
    max_rows: int | None = None,
    lengths: bool | None = None,
    default_country: str | None = None,
    assume_country: bool | None = None,
    phone_column: str | None = None,
    convert: bool | None = None,
    sheet: str | None = None,
) -> CsvReport:
    """Checks a contact file, without a client and without a network.

        report = trillet.check_csv("contacts.csv", prompt="Greet {first_name}.")
        if not report.valid:
            print(report)

    Args:
        file: The file's path, or a file that is open for reading. An Excel workbook (``.xlsx``)
            is read where openpyxl is installed (``trillet[excel]``).
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
        lengths: False does not look at how many digits the numbers of a country have.
        default_country: The country of numbers without a plus, two letters (ISO 3166). They stay
            errors, with the international number as suggestion where it is certain.
        assume_country: True accepts these numbers; ``assumed`` counts them.
        phone_column: The column of numbers where it is not ``phone_number``; in the files of good
            rows it has that name.
        convert: True reads UTF-16, Windows-1252, semicolons, tabs and vertical bars as they are
            recognised, and writes the good rows in UTF-8 with commas.
        sheet: The sheet of a workbook. Default is the one that has the column of numbers.

    Returns:
        The report, also of a file with bad rows.

    Raises:
        InvalidArgumentError: There is no file to check. ``field`` is ``"file"`` when it cannot be
            read; ``code`` is ``"empty"``, ``"encoding"``, ``"delimiter"``, ``"header"`` or
            ``"quote"`` when it is not a text of the service's kind, ``"formula"`` when a formula
            of a workbook was never calculated. ``field`` is the option when that is at fault, an
            output for example that is the file itself.
        LibraryError: The native library cannot be used.
    """
    outputs = {
        "acceptedFile": accepted_file,
        "rejectedFile": rejected_file,
        "splitFile": split_file,
    }
    options = {
        "maxProblems": max_problems,
        "duplicates": duplicates,
        "prompt": prompt,
        "requiredColumns": required_columns,
        **outputs,
        "splitRows": split_rows,
        "maxRows": max_rows,
        "lengths": lengths,
        "defaultCountry": default_country,
        "assumeCountry": assume_country,
        "phoneColumn": phone_column,
        "convert": convert,
    }
    with opened(file, csv, outputs, phone_column, sheet) as source:
        return CsvReport(source.name, _checked(source, options))


def _checked(source: Source, options: dict[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in options.items() if value is not None}
    if source.path is not None:
        given["file"] = source.path
    text = source.text
    encoded = write(given, OPERATION)
    answer = read(load().text("trillet_csv_check", text, len(text or b""), encoded))
    if answer["ok"]:
        data: dict[str, Any] = answer["data"]
        return data
    if source.path is not None and source.shown is not None:
        error = answer["error"]
        error["message"] = error["message"].replace(source.path, source.shown)
    raise from_answer(answer)


def _problem(*, isNew: bool | None = None, **members: Any) -> CsvProblem:  # noqa: N803
    return CsvProblem(**members, is_new=isNew)


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
