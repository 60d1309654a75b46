"""Loads contacts into a campaign, or as bare as can be: loading.py HOW PLACE FILE.

Says as JSON what it took. A process of its own, so that its memory is that of the one thing.
"""

from __future__ import annotations

import csv
import itertools
import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHUNK = 10_000
TABLE = """CREATE TABLE bare (id {identity}, campaign BIGINT NOT NULL, phone TEXT NOT NULL,
    variables TEXT NOT NULL, UNIQUE (campaign, phone))"""


def rows(path: str) -> Iterator[tuple[int, str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        for phone, name in itertools.islice(csv.reader(file), 1, None):
            yield 1, phone, name


def bare_sqlite(place: str, path: str) -> int:
    connection = sqlite3.connect(place, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute(TABLE.format(identity="INTEGER PRIMARY KEY"))
    remaining = rows(path)
    count = 0
    while chunk := list(itertools.islice(remaining, CHUNK)):
        connection.execute("BEGIN")
        sql = "INSERT INTO bare (campaign, phone, variables) VALUES (?, ?, ?)"
        count += connection.executemany(sql, chunk).rowcount
        connection.execute("COMMIT")
    return count


def bare_postgres(place: str, path: str) -> int:
    import psycopg

    count = 0
    with psycopg.connect(place, autocommit=True) as connection:
        identity = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        connection.execute(TABLE.format(identity=identity))
        remaining = rows(path)
        while chunk := list(itertools.islice(remaining, CHUNK)):
            sql = "COPY bare (campaign, phone, variables) FROM STDIN"
            with connection.transaction(), connection.cursor().copy(sql) as copy:
                for row in chunk:
                    copy.write_row(row)
            count += len(chunk)
    return count


def campaign(place: str, path: str, from_rows: bool) -> tuple[int, Any]:
    from trillet.campaign import Campaign

    opened = Campaign.create(place, "list", agent="agent", account="account")
    given: Any = path
    if from_rows:
        given = ({"phone_number": phone, "first_name": name} for _, phone, name in rows(path))
    return opened.add(given).added, opened


def status_ms(opened: Any) -> float:
    """The median of looks."""
    found = []
    for _ in range(5):
        begin = time.perf_counter()
        opened.status()
        found.append((time.perf_counter() - begin) * 1000)
    return statistics.median(found)


def most_memory() -> float:
    """Not by `getrusage`, which counts that of the program that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    how, place, path = sys.argv[1:]
    begin, used = time.perf_counter(), time.process_time()
    opened = None
    if how == "bare":
        is_server = place.startswith("postgresql:")
        count = (bare_postgres if is_server else bare_sqlite)(place, path)
    else:
        count, opened = campaign(place, path, how == "rows")
    found = {"rows": count, "seconds": time.perf_counter() - begin}
    found["processor"] = time.process_time() - used
    found["megabytes"] = most_memory()
    found["status"] = status_ms(opened) if opened is not None else 0.0
    print(json.dumps(found))


if __name__ == "__main__":
    main()
