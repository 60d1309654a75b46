"""What a check must say of a file, by Python's own ``csv`` module and the rules for numbers.

Where the library differs from that module on purpose, this says so: it rejects rows with malformed
quotes, control characters or ill-formed UTF-8, and short ones behind a carriage return that is no
line end of the file, which Python reads without a word.
"""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from typing import NamedTuple

from plans import can_be_called

WHITE_SPACE = " \t\n\r\x0b\x0c"
SEPARATORS = " -.()"
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_DECIMAL = re.compile(r"(?P<head>[ \-.()+0-9]*)(?P<point>[.,])(?P<tail>[0-9]+)", re.ASCII)
_BRACKETED_END = re.compile(r".*[0-9].*\([^(]*[0-9][^(]*\)", re.ASCII | re.DOTALL)
# Control characters, and bytes that were no UTF-8.
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Counts(NamedTuple):
    total: int
    accepted: int
    rejected: int
    blank: int


class Expected(NamedTuple):
    counts: Counts
    # The rows as `acceptedFile` and `rejectedFile` have them, without the reason.
    accepted: list[list[str]]
    rejected: list[list[str]]
    duplicates: int


class _Record(NamedTuple):
    fields: list[str]
    has_good_quotes: bool
    has_good_characters: bool
    ends_in_return: bool

    @property
    def is_well_formed(self) -> bool:
        return self.has_good_quotes and self.has_good_characters

    @property
    def is_blank(self) -> bool:
        """A row of malformed quotes alone says nothing to Python, but is a mistake."""
        return self.has_good_quotes and not any(field.strip(WHITE_SPACE) for field in self.fields)


def normalised(text: str) -> str | None:
    """The number of a field, None when it is none that could be called."""
    text = text.strip(WHITE_SPACE)
    if _has_decimal_tail(text) or _BRACKETED_END.fullmatch(text):
        return None
    return _number(text)


def _number(text: str) -> str | None:
    bare = "".join(character for character in text if character not in SEPARATORS)
    if not _NUMBER.fullmatch(bare):
        return None
    return bare if can_be_called(bare[1:]) else None


def _has_decimal_tail(text: str) -> bool:
    """Whether the digits behind the last point are none of a number with points between groups."""
    found = _DECIMAL.fullmatch(text)
    if found is None or len(re.findall("[0-9]", found["head"])) < 7:
        return False
    head, tail = found["head"], found["tail"]
    # A single digit is no group.
    if found["point"] == "," or len(tail) == 1 or re.fullmatch(r"\+?[0-9]+", head):
        return True
    is_zero = not tail.strip("0")
    is_grouped = "." in head
    if _number_with_or_without_plus(head) is None:
        return is_zero and not is_grouped
    return is_zero or not is_grouped or _number_with_or_without_plus(text) is None


def _number_with_or_without_plus(text: str) -> str | None:
    # Brackets and dashes may stand before the plus too.
    begins_with_plus = text.lstrip(SEPARATORS).startswith("+")
    return _number(text if begins_with_plus else "+" + text)


def expected(data: bytes) -> Expected | None:
    """None when the file has no usable header."""
    # Bytes that are no UTF-8 become lone surrogates, and stay apart from each other.
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    records = _records(text)
    while records and records[0].is_blank:
        records.pop(0)
    if not records or not records[0].is_well_formed:
        return None
    names = [name.strip(WHITE_SPACE) for name in records[0].fields]
    named = [name for name in names if name]
    if "phone_number" not in names or len(set(named)) != len(named):
        return None
    return _rows(records, names.index("phone_number"), len(names))


def _rows(records: list[_Record], column: int, columns: int) -> Expected:
    accepted, rejected, blank = [], [], 0
    for before, record in pairwise(records):
        if record.is_blank:
            blank += 1
            continue
        number = None
        # Values that are missing at the end are empty, and empty ones too many are left out.
        has_surplus = any(field.strip(WHITE_SPACE) for field in record.fields[columns:])
        fields = (record.fields + [""] * columns)[:columns]
        follows_return = before.ends_in_return and not records[0].ends_in_return
        is_cut = follows_return and len(record.fields) < columns
        if record.is_well_formed and not has_surplus and not is_cut:
            number = normalised(fields[column])
        if number is None:
            rejected.append(record.fields)
        else:
            accepted.append([*fields[:column], number, *fields[column + 1 :]])
    numbers = [row[column] for row in accepted]
    return Expected(
        Counts(len(records) - 1, len(accepted), len(rejected), blank),
        accepted,
        rejected,
        len(numbers) - len(set(numbers)),
    )


def _records(text: str) -> list[_Record]:
    lines = _Lines(text)
    found = []
    for fields in csv.reader(lines):
        raw = lines.taken()
        # An empty line is a row of one empty field here.
        found.append(
            _Record(fields or [""], _has_good_quotes(raw), not _BAD.search(raw), raw.endswith("\r"))
        )
    return found


class _Lines:
    """The lines of a text, which remembers those that a record was read from."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._taken.append(line)
        return line

    def taken(self) -> str:
        text = "".join(self._taken)
        self._taken.clear()
        return text


def _has_good_quotes(raw: str) -> bool:
    try:
        list(csv.reader(io.StringIO(raw, newline=""), strict=True))
    except csv.Error:
        return False
    return True
