"""The check of a contact file, before anybody is called."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from ._contacts.mistakes import OPERATION
from ._contacts.source import Source, opened
from ._json.encoding import read, write
from ._model.errors import ContactsError, from_answer
from ._model.report import CsvCountry, CsvProblem, CsvReport
from ._native.library import load

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from typing import Union

    Path = Union[str, bytes, os.PathLike[str], os.PathLike[bytes]]

__all__ = ["ContactsError", "CsvCountry", "CsvProblem", "CsvReport", "check_csv"]


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
    """Checks a contact file, without a client or a network.

        report = trillet.check_csv("contacts.csv", prompt="Greet {first_name}.")
        if not report.valid:
            print(report)

    Args:
        file: The file's path, or a file open for reading. Excel workbooks (``.xlsx``) need openpyxl
            (``trillet[excel]``).
        csv: The file's text, instead of `file`.
        max_problems: The most problems to list; all are counted (100).
        duplicates: False skips the search for repeated numbers.
        prompt: A flow's prompt; the file must have the columns that it names in braces.
        required_columns: Further columns that the file must have.
        accepted_file: Where to write the good rows, with their numbers normalised.
        rejected_file: Where to write the bad rows, with a column ``reject_reason``.
        split_file: A path that contains ``{n}``: the good rows are written to one file for each
            upload.
        split_rows: The most rows in each of these files.
        max_rows: The row limit of the plan.
        lengths: False skips the check of how many digits a country's numbers have.
        default_country: The country of numbers without a plus, two letters (ISO 3166). They remain
            errors; the international number is suggested if it is certain.
        assume_country: True accepts these numbers; ``assumed`` counts them.
        phone_column: The column of numbers, if not ``phone_number``; files of good rows have it
            under that name.
        convert: True detects UTF-16, Windows-1252, semicolons, tabs and vertical bars, and writes
            the good rows in UTF-8 with commas.
        sheet: The sheet of a workbook. Default: the one that has the column of numbers.

    Returns:
        The report, also for a file with bad rows.

    Raises:
        InvalidArgumentError: There is no file to check. ``field`` is ``"file"`` if it cannot be
            read. ``code`` is ``"empty"``, ``"encoding"``, ``"delimiter"``, ``"header"`` or
            ``"quote"`` if the service would not accept such text, ``"formula"`` if a formula of a
            workbook was never calculated. ``field`` is the option at fault, such as an output that
            is the file itself.
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
        return CsvReport(source.name, _checked(source, options), ContactsError)


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
