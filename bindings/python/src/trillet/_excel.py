"""Excel workbooks as CSV, where openpyxl is installed (``trillet[excel]``)."""

from __future__ import annotations

import csv
import io
import os
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from ._errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

_PHONE_NUMBER = "phone_number"


def read_workbook(path: str, phone_column: str | None, operation: str) -> bytes:
    """The sheet with the contacts as CSV: the first that has the column of numbers, or the first.

    A number that a cell keeps as a number has no plus and no zeros at its start any more. Its
    digits are handed on as they are, for the check to judge.

    Raises:
        InvalidArgumentError: openpyxl is missing, or the file is no workbook.
    """
    try:
        import openpyxl
    except ImportError:
        raise _error(
            path,
            "is an Excel workbook: `pip install trillet[excel]` reads it; or save it as CSV UTF-8",
            operation,
        ) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise _error(path, f"could not be read as an Excel workbook: {error}", operation) from error
    try:
        wanted = phone_column or _PHONE_NUMBER
        sheet = next((each for each in book.worksheets if wanted in _header(each)), None)
        chosen = book.worksheets[0] if sheet is None else sheet
        return _csv(chosen.iter_rows(values_only=True))
    finally:
        book.close()


def _error(path: str, problem: str, operation: str) -> InvalidArgumentError:
    name = os.path.basename(path)
    return InvalidArgumentError(
        f"'{name}' {problem}",
        field="file",
        code="encoding",
        sent="no",
        meta={"operation": operation, "attempts": 0},
    )


def _header(sheet: Any) -> list[str]:
    for row in sheet.iter_rows(values_only=True):
        names = [_text(value).strip() for value in row]
        if any(names):
            return names
    return []


def _csv(rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([_text(value) for value in row])
    return text.getvalue().encode("utf-8", "replace")


def _text(value: object) -> str:
    """What the cell means, never what a spreadsheet shows of it: no exponents and no ``.0``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)
