"""Contacts and attempts as Parquet and as data frames, and data frames as contacts."""

from __future__ import annotations

import importlib
import json
import os
import tempfile
from itertools import islice
from typing import TYPE_CHECKING, Any

from .._model.frames import csv_text, frame_library
from .adding import add_file
from .exporting import ATTEMPT, CONTACT, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .adding import Added
    from .context import Context
    from .database import Database

# A row group: some megabytes, whatever the length of the list.
ROWS = 50_000
WHOLE = ("attempts", "due_at", "n", "intent_at", "started_at", "ended_at", "duration")


def add_frame(database: Database, campaign: int, frame: Any, **check: Any) -> Added:
    """The good rows of a data frame, by the rules of `check_csv`, without a second copy of it in
    memory."""
    with tempfile.TemporaryDirectory(prefix="trillet-") as folder:
        path = os.path.join(folder, "contacts.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            header = csv_text(frame[:0])
            file.write(header)
            for start in range(0, frame.shape[0], ROWS):
                file.write(csv_text(frame[start : start + ROWS])[len(header) :])
        return add_file(database, campaign, path, **check)


def export_parquet(
    context: Context, path: str | os.PathLike[str], *, of_attempts: bool = False
) -> int:
    """Writes a Parquet file in constant memory; how many rows.

    Raises:
        ImportError: pyarrow is not installed.
    """
    arrow, parquet = _pyarrow()
    columns = _columns(of_attempts)
    kinds = {"cost": arrow.float64(), **dict.fromkeys(WHOLE, arrow.int64())}
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in columns])
    count = 0
    rows = _flat_rows(context, of_attempts)
    with parquet.ParquetWriter(os.fspath(path), schema) as writer:
        while chunk := list(islice(rows, ROWS)):
            writer.write_table(arrow.Table.from_pylist(chunk, schema=schema))
            count += len(chunk)
    return count


def columns_of_parquet(path: str | os.PathLike[str]) -> list[str]:
    """The names of a file's columns; none of one that is not Parquet."""
    _, parquet = _pyarrow()
    try:
        names: list[str] = parquet.read_schema(os.fspath(path)).names
    except ValueError:
        return []
    return names


def _pyarrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise ImportError("A Parquet file needs pyarrow: pip install 'trillet[parquet]'") from error


def to_dataframe(context: Context, *, of_attempts: bool, library: str | None) -> Any:
    """All rows at once, in pandas or polars."""
    frames = frame_library(library)
    columns: dict[str, list[Any]] = {name: [] for name in _columns(of_attempts)}
    for row in _flat_rows(context, of_attempts):
        for name, value in row.items():
            columns[name].append(value)
    return frames.DataFrame(columns)


def _columns(of_attempts: bool) -> tuple[str, ...]:
    return ATTEMPT if of_attempts else (*CONTACT, "variables")


def _flat_rows(context: Context, of_attempts: bool) -> Iterator[dict[str, Any]]:
    for row in rows_of(context, of_attempts):
        if "variables" in row:
            row["variables"] = json.dumps(row["variables"], ensure_ascii=False)
        yield row
