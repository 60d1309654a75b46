"""Asking for results, and what stands in the file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

HEADER = "job_id,status,phone_number,start_time,end_time,duration,error"


def ask(file: Path, **fields: Any) -> dict[str, Any]:
    """A request for results that does not wait long between its looks."""
    return {
        "batchId": "batch_1",
        "file": str(file),
        "minIntervalMs": 1,
        "maxIntervalMs": 20,
        **fields,
    }


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
