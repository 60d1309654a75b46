"""The memory of a program that adds a long list to a campaign."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SHORT, LONG = 100_000, 400_000
ALLOWED_MEGABYTES = 4
# What SQLite keeps is limited, but at more than a short list fills.
PROGRAM = """
import sys
from pathlib import Path
from trillet._campaign import sqlite
from trillet.campaign import Campaign
sqlite.LOADING_KILOBYTES = 2_000
sqlite.FEW_PAGES = sqlite.STATEMENT_ROWS = 1_000
place, path, how = sys.argv[1:]
campaign = Campaign.create(place, "list", agent="agent", account="account")
lines = (line.rstrip() for line in open(path))
rows = ({"phone_number": line} for line in lines if line.startswith("+"))
campaign.add(path if how == "file" else rows)
status = Path("/proc/self/status").read_text().splitlines()
print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.parametrize("how", ["file", "iterator"])
def test_a_list_four_times_as_long_takes_no_more_memory(tmp_path: Path, how: str) -> None:
    # In no order: the rows that are added together are all over the index of the numbers.
    numbers = random.Random(1).sample(range(2_000_000, 9_999_999), LONG)
    short, long = (megabytes(tmp_path, numbers[:rows], how) for rows in (SHORT, LONG))
    assert long < short + ALLOWED_MEGABYTES


def megabytes(folder: Path, numbers: list[int], how: str) -> float:
    """The most memory of a process that adds these, and nothing else."""
    path = folder / "contacts.csv"
    path.write_text("\n".join(["phone_number", *(f"+1212{each}" for each in numbers), ""]))
    place = folder / f"leads-{len(numbers)}.db"
    output = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(place), str(path), how],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    ).stdout
    return int(output) / 1024
