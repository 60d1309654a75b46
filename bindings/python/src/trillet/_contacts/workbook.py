"""Excel workbooks as CSV, where openpyxl is installed (``trillet[excel]``)."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from .._model.errors import InvalidArgumentError
from .mistakes import mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PHONE_NUMBER = "phone_number"
_FORMULA = re.compile(rb"[<:]f[ />]")
_PIECE = 1 << 20


class Sheet(NamedTuple):
    """The sheet that was read, and what it says."""

    sheet: str
    csv: bytes


def read_workbook(file: IO[bytes], name: str, phone_column: str | None, sheet: str | None) -> Sheet:
    """The sheet with the contacts: the one that has the column of numbers, or else the first.

    A number that a cell keeps as a number has no plus and no zeros at its start any more. Its
    digits are handed on as they are, for the check to judge.

    Raises:
        InvalidArgumentError: openpyxl is missing, the file is no workbook, more than one sheet may
            be meant, or a value was never calculated.
    """
    book = _opened(file, name, data_only=True)
    try:
        title = _title(book, name, (phone_column or _PHONE_NUMBER).strip(), sheet)
        rows = list(_rows(book[title]))
        if any(value is None for row in rows for value in row) and _has_formulas(file):
            _refuse_uncalculated(file, name, title, rows)
    except InvalidArgumentError:
        raise
    except Exception as error:
        # What a damaged archive leads to has many names.
        raise _unreadable(name, error) from error
    finally:
        book.close()
    return Sheet(title, _csv(rows))


def _opened(file: IO[bytes], name: str, *, data_only: bool) -> Any:
    try:
        import openpyxl
    except ImportError:
        raise mistake(
            f"'{name}' is an Excel workbook: install openpyxl to read it (pip install openpyxl), "
            "or save it as CSV in UTF-8",
            "file",
            "encoding",
        ) from None
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=data_only)
    except Exception as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> InvalidArgumentError:
    return mistake(f"'{name}' could not be read as an Excel workbook: {error}", "file", "encoding")


# MARK: Sheets


def _title(book: Any, name: str, wanted: str, sheet: str | None) -> str:
    titles: list[str] = [each.title for each in book.worksheets]
    if sheet is not None:
        if sheet not in titles:
            raise mistake(
                f"'{name}' has no sheet '{sheet}'; its sheets are {_listed(titles)}", "sheet"
            )
        return sheet
    if not titles:
        raise mistake(f"'{name}' has no sheet with cells", "file", "empty")
    visible = [each for each in book.worksheets if each.sheet_state == "visible"]
    found: list[str] = [each.title for each in visible if wanted in _header(_rows(each))]
    if len(found) > 1:
        # Nobody on a sheet that was left out would be called.
        raise mistake(
            f"'{name}' has more than one sheet with the column '{wanted}': {_listed(found)}; say "
            "which one to check (sheet)",
            "sheet",
        )
    return found[0] if found else titles[0]


def _listed(titles: list[str]) -> str:
    return ", ".join(f"'{title}'" for title in titles)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # What a file says of its size is often wrong, and rows beyond it would be left out.
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return rows


def _header(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    for row in rows:
        names = [_text(value).strip() for value in row]
        if any(names):
            return names
    return []


# MARK: Formulas


def _has_formulas(file: IO[bytes]) -> bool:
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/"):
                continue
            with archive.open(name) as part:
                end = b""
                while piece := part.read(_PIECE):
                    if _FORMULA.search(end + piece):
                        return True
                    end = piece[-2:]
    return False


def _refuse_uncalculated(
    file: IO[bytes], name: str, title: str, rows: list[tuple[Any, ...]]
) -> None:
    """A workbook that a program has written may have formulas without their values."""
    book = _opened(file, name, data_only=False)
    try:
        for number, (written, row) in enumerate(zip(_rows(book[title]), rows), 1):
            for column, (formula, value) in enumerate(zip(written, row), 1):
                if value is None and formula is not None:
                    raise mistake(
                        f"'{name}' has a formula in row {number}, column {column} of the sheet "
                        f"'{title}' that was never calculated; open it in a spreadsheet, save it, "
                        "and check it again",
                        "file",
                        "formula",
                    )
    finally:
        book.close()


# MARK: CSV


def _csv(rows: list[tuple[Any, ...]]) -> bytes:
    while rows and not any(map(_text, rows[-1])):
        rows.pop()
    width = len(_without_blank_end(_header(rows)))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        values = _without_blank_end([_text(value) for value in row])
        # Rows end behind their last cell.
        missing = width - len(values) if values else 0
        writer.writerow(values + [""] * missing)
    return text.getvalue().encode("utf-8")


def _without_blank_end(values: list[str]) -> list[str]:
    while values and not values[-1]:
        values.pop()
    return values


def _text(value: object) -> str:
    """What the cell means, never what a spreadsheet shows of it: no exponents and no ``.0``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime):
        # A cell with a date alone has midnight as its time.
        is_date = value.time() == time()
        return value.date().isoformat() if is_date else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    # csv puts no quotes around a lone "\r": what stands behind it would be called.
    return str(value).replace("\r\n", "\n").replace("\r", "\n")
