"""What stands in a file of results."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any


def rows(file: Path) -> list[dict[str, Any]]:
    """The calls in the file, which must be whole; CSV as Python reads it."""
    text = file.read_bytes().decode()
    if file.suffix == ".jsonl":
        assert text == "" or text.endswith("\n")
        return [json.loads(line) for line in text.splitlines()]
    with file.open(newline="", encoding="utf-8") as lines:
        read = list(csv.DictReader(lines, strict=True))
    assert all(None not in row and None not in row.values() for row in read)
    return read


def job_ids(file: Path) -> list[str]:
    name = "jobId" if file.suffix == ".jsonl" else "job_id"
    return [row[name] for row in rows(file)]
