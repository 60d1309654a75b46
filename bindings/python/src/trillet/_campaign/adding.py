"""Contacts from a file, a data frame or anything that can be gone through, in constant memory."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

from .._contacts.check import check_csv
from .._model.errors import InvalidArgumentError
from .numbers import is_number
from .ready import HIGHEST
from .repeating import repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .._model.report import CsvReport
    from .database import Database

# A transaction of so many rows is over within a fraction of a second: the workers go on meanwhile.
ROWS = 20_000
PHONE = "phone_number"
OWN_COLUMNS = (PHONE, "time_zone", "key", "priority")
COLUMNS = "campaign, key, phone, time_zone, variables, priority, state, due_at"
# What data frames have in cells without a value, as text: no two of these are equal, or tell
# whether they are.
NOTHING = ("nan", "<NA>", "NaT")


@dataclass(frozen=True)
class Added:
    """What became of the rows.

    Attributes:
        added: New contacts.
        known: Rows whose number or key the campaign has already; nothing was changed.
        report: What the check said of a file, with the rows that cannot be called.
    """

    added: int
    known: int
    report: CsvReport | None = None


def add_file(
    database: Database, campaign: int, path: str | os.PathLike[str], **check: Any
) -> Added:
    """The good rows of a file, by the rules of `check_csv`."""
    with tempfile.TemporaryDirectory(prefix="trillet-") as folder:
        accepted = os.path.join(folder, "accepted.csv")
        report = check_csv(path, accepted_file=accepted, **check)
        if not os.path.exists(accepted):
            return Added(0, 0, report)
        with open(accepted, encoding="utf-8", newline="") as file:
            added, known = _add(database, _values_of_file(campaign, csv.reader(file)))
    return Added(added, known, report)


def add_rows(
    database: Database, campaign: int, rows: Iterable[Mapping[str, object]]
) -> tuple[int, int]:
    """Rows whose numbers have been checked: how many are new, and how many were there."""
    return _add(database, (_values(campaign, row) for row in rows))


def _add(database: Database, values: Iterator[tuple[object, ...]]) -> tuple[int, int]:
    added = seen = 0
    while chunk := list(islice(values, ROWS)):
        added += _insert(database, chunk)
        seen += len(chunk)
        # The next is read without these in memory.
        del chunk
    return added, seen - added


@repeated
def _insert(database: Database, chunk: list[tuple[object, ...]]) -> int:
    with database.write() as transaction:
        return transaction.insert_new("contact", COLUMNS, chunk)


def checked(rows: Iterable[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """The rows, which must have a number each in E.164."""
    for number, row in enumerate(rows, 1):
        phone = row.get(PHONE)
        if not is_number(phone):
            raise InvalidArgumentError(
                f"Row {number} has no number in E.164 as {PHONE}, such as +12025550164: {phone!r};"
                f" neither this row nor a later one was added",
                field=PHONE,
                sent="no",
            )
        yield row


def _values(campaign: int, row: Mapping[str, object]) -> tuple[object, ...]:
    phone = str(row[PHONE])
    zones = str(_cell(row.get("time_zone")) or "").strip() or None
    variables = {
        name: value if type(value) is str else _cell(value)
        for name, value in row.items()
        if name not in OWN_COLUMNS and name is not None
    }
    key = str(_cell(row.get("key")) or "") or None
    priority = _priority(row["priority"]) if "priority" in row else 0
    own_key = None if key == phone else key
    return campaign, own_key, phone, zones, _written(variables), priority, "ready", 0


def _values_of_file(campaign: int, rows: Iterator[list[str]]) -> Iterator[tuple[object, ...]]:
    """As `_values`, for rows that all have the columns of the first."""
    header = next(rows, [])
    # Of columns that have the same name the last counts.
    places = {name: place for place, name in enumerate(header)}
    phone, zones, key, priority = (places.pop(name, -1) for name in OWN_COLUMNS)
    members = [(f"{quoted(name)}: ", place) for name, place in places.items()]
    for row in rows:
        number = row[phone]
        own = (row[key] if key >= 0 else "") or None
        variables = ", ".join([name + quoted(row[place]) for name, place in members])
        yield (
            campaign,
            own if own != number else None,
            number,
            (row[zones].strip() if zones >= 0 else "") or None,
            f"{{{variables}}}",
            _priority(row[priority]) if priority >= 0 else 0,
            "ready",
            0,
        )


def _cell(value: object) -> object:
    is_text = value is None or isinstance(value, str)
    return value if is_text or str(value) not in NOTHING else None


# One for all rows: `json.dumps` makes one for each.
_in_letters = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _written(variables: dict[str, object]) -> str:
    text = _in_letters(variables)
    # No database takes a lone surrogate as it is; the contact alone is refused when it is called.
    return text if text.isprintable() else json.dumps(variables, default=str)


def _priority(value: object) -> int:
    """From 0 to 9. What is no number is 0: a bad cell keeps nobody from being called. A column
    with an empty cell has "5.0" for 5 in data frames."""
    try:
        return max(0, min(HIGHEST, int(float(str(value).strip()))))
    except (ValueError, OverflowError):
        return 0
