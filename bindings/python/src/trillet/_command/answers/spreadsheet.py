"""Rows of CSV (RFC 4180) that a spreadsheet takes for text."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# What makes Excel, LibreOffice and Google Sheets take a cell for a formula; the last four are the
# wide ones of East Asian keyboards.
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
# A phone number or an amount is none.
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def csv_line(texts: Sequence[str]) -> str:
    """One row, with its end. docs/decisions.md, formulas-in-cells"""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([_as_text(text) for text in texts])
    return written.getvalue()


def _as_text(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
