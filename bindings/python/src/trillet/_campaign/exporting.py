"""Results as files, in constant memory."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from . import listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from .context import Context

    Write = Callable[[dict[str, Any]], None]

CONTACT = ("key", "phone", "time_zone", "state", "attempts", "due_at", "disposition")
ATTEMPT = (
    "key",
    "phone",
    "n",
    "intent_at",
    "sent",
    "state",
    "call_id",
    "started_at",
    "ended_at",
    "duration",
    "disposition",
    "cost",
)
# A cell that begins so is a formula to spreadsheets.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(context: Context, file: IO[str], *, of_attempts: bool, as_json: bool) -> int:
    """Writes a row for each contact, also those never called, or for each attempt; how many."""
    columns = ATTEMPT if of_attempts else CONTACT
    write = _json_lines(file) if as_json else _csv_rows(file, columns, of_attempts)
    count = 0
    for row in rows_of(context, of_attempts):
        write(row)
        count += 1
    return count


def _json_lines(file: IO[str]) -> Write:
    def write(row: dict[str, Any]) -> None:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")

    return write


def _csv_rows(file: IO[str], columns: tuple[str, ...], of_attempts: bool) -> Write:
    writer = csv.DictWriter(file, columns if of_attempts else [*columns, "variables"])
    writer.writeheader()

    def write(row: dict[str, Any]) -> None:
        if "variables" in row:
            row["variables"] = json.dumps(row["variables"], ensure_ascii=False)
        writer.writerow({name: _cell(value) for name, value in row.items()})

    return write


def rows_of(context: Context, of_attempts: bool) -> Iterator[dict[str, Any]]:
    """A row for each contact, or for each attempt."""
    if of_attempts:
        for attempt in listing.attempts(context):
            yield {name: getattr(attempt, name) for name in ATTEMPT}
        return
    for contact in listing.contacts(context):
        row: dict[str, Any] = {name: getattr(contact, name) for name in CONTACT}
        row["variables"] = dict(contact.variables)
        yield row


def _cell(value: Any) -> Any:
    # Numbers in E.164 begin with a plus, and people look for them as they are.
    if isinstance(value, str) and value.startswith(FORMULA) and not value[1:].isdecimal():
        return "'" + value
    return value
