"""``trillet campaign export``: what came of contacts or calls, as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from .. import InvalidArgumentError
from .output import show
from .replacing import first_line, header, refuse_others

if TYPE_CHECKING:
    import argparse

    from ..campaign import Campaign

# How many columns tell an export from a file of contacts.
_KNOWN_BY = 4


def export(given: argparse.Namespace, campaign: Campaign) -> None:
    """Writes the file again if an earlier export has made it, and replaces no other one."""
    path = Path(given.file)
    refuse_others(given, path, "file", "export", _is_export)
    if path.suffix == ".parquet":
        count = campaign.export_parquet(path, of_attempts=given.attempts)
    else:
        is_json = path.suffix == ".jsonl"
        with path.open("w", encoding="utf-8", newline="") as file:
            count = campaign.export(file, of_attempts=given.attempts, as_json=is_json)
    show(given, {"file": given.file, "rows": count}, f"{given.file}: {count} rows")


def check_name(name: str) -> None:
    """Refuses a name that says nothing of the format."""
    path = Path(name)
    if path.suffix not in (".csv", ".jsonl", ".parquet"):
        raise InvalidArgumentError(
            f"The name of the file ends with .csv, .jsonl or .parquet, not {path.name!r}",
            field="file",
        )


def _is_export(path: Path) -> bool:
    from .._campaign.exporting import ATTEMPT, CONTACT

    columns = _columns(path)[:_KNOWN_BY]
    return columns in (list(CONTACT[:_KNOWN_BY]), list(ATTEMPT[:_KNOWN_BY]))


def _columns(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        from .._campaign.tables import columns_of_parquet

        return columns_of_parquet(path)
    if path.suffix == ".csv":
        return header(path)
    line = first_line(path)
    try:
        row = json.loads(line)
    except ValueError:
        return []
    return list(row) if isinstance(row, dict) else []
