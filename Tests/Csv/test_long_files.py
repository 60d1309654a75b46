"""Files of millions of rows, which are read several times for numbers that stand there twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checking import answer_to_file

# Two readings find what is repeated among them, and one more among twice as many.
ROWS = 2_000_000
LONG_ROWS = 2 * ROWS + 300_000
# Each a repetition of the row before which it does not stand, but for the bad ones.
ENDING = [1, 3_000_001, None, 2, 4_000_000, 2, None, 1_999_999, 3_000_001, 700_000]
ALLOWED_MEGABYTES = 8
PEAK = """
import json, sys
from pathlib import Path
from checking import answer_to_file
assert answer_to_file(sys.argv[1])["ok"]
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line for line in lines if line.startswith("VmHWM")).split()[1])
"""


def number(row: int) -> str:
    # Neighbours are far from each other.
    return f"+1202{2_000_000 + row * 7_654_321 % 7_999_993}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("long")
    lines = [number(row) for row in range(1, LONG_ROWS + 1)]
    ending = ["5" if row is None else number(row) for row in ENDING]
    for name, rows in (("short", lines[:ROWS]), ("long", lines + ending)):
        (folder / name).write_text("\n".join(["phone_number", *rows, ""]))
    yield folder
    for name in ("short", "long"):
        (folder / name).unlink()


@pytest.mark.parametrize("limit", [0, 1, 5, 100])
def test_repetitions_far_from_each_other_are_listed_among_the_other_problems(
    folder: Path, limit: int
) -> None:
    found = answer_to_file(folder / "long", maxProblems=limit)["data"]
    repeated = [row for row in ENDING if row is not None]
    assert found["duplicates"] == len(repeated)
    assert found["rows"]["rejected"] == 2
    # One more says that the file is too large for an upload.
    assert found["problemCount"] == len(ENDING) + 1
    wanted = [
        ("too_short" if row is None else "duplicate", LONG_ROWS + place, row)
        for place, row in enumerate(ENDING, 1)
    ]
    wanted.append(("too_large", 0, None))
    problems = [
        (each["kind"], each["row"], first_row(each["message"])) for each in found["problems"]
    ]
    assert problems == wanted[:limit]


def first_row(message: str) -> int | None:
    before, _, after = message.partition(" is in row ")
    return int(after.split()[0]) if before == "The number" else None


def test_a_file_twice_as_long_takes_no_more_memory(folder: Path) -> None:
    short, long = (peak(folder / name) for name in ("short", "long"))
    assert long < short + ALLOWED_MEGABYTES


def peak(path: Path) -> float:
    """The most memory of a process that checks the file, in megabytes."""
    found = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    return float(json.loads(found.stdout)) / 1024
