#!/usr/bin/env python3
"""Checks a contact file as a Python program would, and says what it took: contacts.py HOW FILE."""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections.abc import Callable

PATTERN = r"\+[1-9][0-9]{6,14}"


def _memory(name: str) -> int:
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith(name)).split()[1])


def with_csv() -> Callable[[str], int]:
    number = re.compile(PATTERN)

    def check(path: str) -> int:
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            column = next(rows).index("phone_number")
            return sum(1 for row in rows if number.fullmatch(row[column]))

    return check


def with_pandas() -> Callable[[str], int]:
    import pandas

    def check(path: str) -> int:
        numbers = pandas.read_csv(path, dtype=str)["phone_number"]
        return int(numbers.str.fullmatch(PATTERN).sum())

    return check


def with_polars() -> Callable[[str], int]:
    import polars

    def check(path: str) -> int:
        numbers = polars.read_csv(path, infer_schema=False)["phone_number"]
        return int(numbers.str.contains(f"^{PATTERN}$").sum())

    return check


def main() -> None:
    how, path = sys.argv[1:]
    check = {"csv": with_csv, "pandas": with_pandas, "polars": with_polars}[how]()
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before = _memory("VmRSS")
    begin = time.process_time()
    good = check(path)
    seconds = time.process_time() - begin
    print(json.dumps({"seconds": seconds, "good": good, "kilobytes": _memory("VmHWM") - before}))


if __name__ == "__main__":
    main()
