"""Results as Parquet files, a part at a time, and as data frames."""

from __future__ import annotations

import importlib
from itertools import islice
from typing import TYPE_CHECKING, Any

from .._model.errors import ConfigurationError
from .exporting import columns_of, rows_as_text

if TYPE_CHECKING:
    import os
    from typing import IO

    from .context import Context

ROWS = 10_000
NUMBERS = ("attempts", "due_at", "n", "intent_at", "started_at", "ended_at", "duration")


def export_parquet(
    context: Context, file: str | os.PathLike[str] | IO[bytes], *, of_attempts: bool
) -> int:
    """Writes groups of rows, in constant memory; how many rows."""
    arrow, parquet = _needed("pyarrow"), _needed("pyarrow.parquet")
    schema = arrow.schema(
        [(name, _type(arrow, name)) for name in columns_of(of_attempts=of_attempts)]
    )
    rows = rows_as_text(context, of_attempts=of_attempts)
    count = 0
    with parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(rows, ROWS)):
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))
            count += len(group)
    return count


def to_pandas(context: Context, *, of_attempts: bool) -> Any:
    """A data frame of all rows."""
    pandas = _needed("pandas")
    rows = list(rows_as_text(context, of_attempts=of_attempts))
    frame = pandas.DataFrame(rows, columns=columns_of(of_attempts=of_attempts))
    # Whole numbers stay so, beside those that are missing.
    return frame.astype({name: "Int64" for name in NUMBERS if name in frame})


def _type(arrow: Any, name: str) -> Any:
    if name in NUMBERS:
        return arrow.int64()
    return arrow.float64() if name == "cost" else arrow.string()


def _needed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise ConfigurationError(
            f"This export needs {package}: pip install {package}", field="file"
        ) from None
