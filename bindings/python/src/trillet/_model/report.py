"""What the check of a contact file found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .own_names import in_python

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_CELL = 32


class CsvProblem(NamedTuple):
    """One problem in a contact file.

    ``row`` counts data rows from 1, ``line`` lines of the file; both are 0 for a problem of the
    whole file. A ``severity`` of ``"error"`` rejects the row, ``"warning"`` does not.
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
    """The calls to one country: its calling ``code``, its ``name``, and the number of ``calls``."""

    code: str
    name: str
    calls: int


class CsvReport:
    """What `check_csv` found in a contact file. ``str(report)`` is a table for people.

    Attributes:
        name: The file's name, or its substitute.
        valid: Whether there are rows, and all can be called.
        columns: The names in the header.
        total: How many rows there are, without blank ones.
        accepted: How many rows can be called.
        rejected: How many cannot.
        blank: How many rows are blank.
        assumed: How many accepted numbers are written as within the default country.
        newly_rejected: How many rejected rows have no entry in the file's own ``reject_reason``; 0
            without that column.
        duplicates: How many numbers are repeated; they are accepted.
        pieces: How many uploads the file needs.
        countries: Where the calls go.
        problem_count: How many problems there are, including those not listed.
        problems: The first ones, up to ``max_problems``.
        size: How many bytes the file has.
        line_ending: ``"LF"`` or ``"CRLF"``.
        has_bom: Whether the file starts with a byte order mark.
        encoding: The detected encoding, with ``convert``.
        delimiter: The detected column separator, with ``convert``.
        accepted_file: Where the good rows were written, if they were.
        rejected_file: Where the bad rows were written, if they were.
        split_files: Where the pieces were written.
    """

    def __init__(
        self, name: str, data: dict[str, Any], refusal: Callable[[CsvReport], Exception]
    ) -> None:
        # Given, since the error knows the report: neither module could import the other.
        self._refusal = refusal
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
        """Returns the report if the file is valid; warnings do not matter.

        Raises:
            ContactsError: The file is not valid. The error's text is the table of problems.
        """
        if not self.valid:
            raise self._refusal(self)
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

    def _repr_html_(self) -> str:
        from .notebook import table

        header = ("row", "line", "column", "value", "problem")
        return table(header, map(_cells, self.problems), self._headline())

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


def _problem(*, isNew: bool | None = None, **members: Any) -> CsvProblem:  # noqa: N803
    if not members["line"]:
        # Of the file as a whole: it quotes no value of the file, and its advice names options.
        for name in ("message", "suggestion"):
            members[name] = members[name] and in_python(members[name])
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
