"""Runs the suites against the libcurl of several Debian releases.

Each runs in a folder made by `make-root`; its output goes to build/distributions/RELEASE-SUITE.log,
the counts into the table of docs/distributions.md (with --write-table).
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from debian_folder import inside

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDERS = ROOT / "build" / "distributions"
PAGE = ROOT / "docs" / "distributions.md"
BEGIN, END = "<!-- the table: begin -->\n", "<!-- the table: end -->"

RELEASES = {"bullseye": "Debian 11", "bookworm": "Debian 12", "trixie": "Debian 13"}
SUITES = ("c", "guest", "python", "resilience", "wire")
# A limit for what hangs: on a machine with much else to do `guest` took half an hour.
SUITE_SECONDS = 3600
FACTS = 5  # What a row says of the release, ahead of its suites.


class Counts(NamedTuple):
    """What became of the cases of a suite."""

    passed: int
    failed: int
    skipped: int
    status: int

    @property
    def is_success(self) -> bool:
        return self.status == 0 and self.failed == 0 and self.passed > 0

    def __str__(self) -> str:
        if not self.is_success and self.failed == 0:
            return f"**ended with {self.status}**"
        parts = [f"{self.passed} passed"]
        if self.failed:
            parts.append(f"**{self.failed} failed**")
        if self.skipped:
            parts.append(f"{self.skipped} skipped")
        return ", ".join(parts)


def count(output: str, status: int) -> Counts:
    """Reads the counts that pytest and the C harness close with."""
    closing = [line for line in output.splitlines() if re.search(r"\d+ (passed|failed)", line)]
    found = dict.fromkeys(("passed", "failed", "skipped", "error"), 0)
    for number, word in re.findall(
        r"(\d+) (passed|failed|skipped|error)", closing[-1] if closing else ""
    ):
        found[word] = int(number)
    skipped = found["skipped"] or len(re.findall(r"^skipped: ", output, re.MULTILINE))
    return Counts(found["passed"], found["failed"] + found["error"], skipped, status)


def run_suite(release: str, suite: str) -> tuple[str, int]:
    """Runs a suite inside a release; gives its output and its exit status."""
    program = "/project/Tests/Distributions/run-suite"
    data = os.environ.get("TRILLET_TEST_DATA")
    return inside(FOLDERS / release, program, suite, data=data, seconds=SUITE_SECONDS)


def run_release(release: str, suites: list[str]) -> tuple[list[str], bool]:
    """Gives the row of a release in the table, and whether all is well."""
    versions, status = run_suite(release, "versions")
    if status != 0:
        sys.exit(f"{release}: {versions}")
    row = [RELEASES[release], *versions.split()]
    good = True
    for suite in suites:
        output, status = run_suite(release, suite)
        log = FOLDERS / f"{release}-{suite}.log"
        log.write_text(output)
        counts = count(output, status)
        print(f"{RELEASES[release]} {suite}: {counts}", flush=True)
        if not counts.is_success:
            good = False
            failed = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
            print("\n".join([*failed[:20], f"all of it: {log}"]), flush=True)
        row.append(str(counts))
    return row, good


def table(rows: list[list[str]], suites: list[str]) -> str:
    head = [
        "",
        "libcurl",
        "OpenSSL",
        "glibc",
        "Python",
        *(f"`{suite}`" for suite in suites),
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def merged(rows: list[list[str]], suites: list[str], page: str) -> list[list[str]]:
    """The rows for all suites: what was not run keeps what the page says of it."""
    lines = page[page.index(BEGIN) + len(BEGIN) : page.index(END)].splitlines()
    known = {cells[0]: cells for cells in (line.strip("| ").split(" | ") for line in lines[2:])}
    for row in rows:
        ran = dict(zip(suites, row[FACTS:], strict=True))
        before = known.get(row[0], [])[FACTS:] or ["not run"] * len(SUITES)
        cells = [ran.get(suite, cell) for suite, cell in zip(SUITES, before, strict=True)]
        known[row[0]] = row[:FACTS] + cells
    return [known[name] for name in RELEASES.values() if name in known]


def write(rows: list[list[str]], suites: list[str]) -> None:
    page = PAGE.read_text()
    text = table(merged(rows, suites, page), list(SUITES))
    start, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    PAGE.write_text(page[:start] + text + page[end:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", nargs="+", choices=RELEASES, default=list(RELEASES))
    parser.add_argument("--suites", nargs="+", choices=SUITES, default=list(SUITES))
    parser.add_argument("--write-table", action="store_true")
    parser.add_argument("--jobs", type=int, default=1, help="releases that run at the same time")
    chosen = parser.parse_args()
    suites = [suite for suite in chosen.suites if suite != "wire" or (ROOT / "Tests/Wire").is_dir()]
    with ThreadPoolExecutor(chosen.jobs) as pool:
        ran = list(pool.map(lambda release: run_release(release, suites), chosen.releases))
    all_good = all(good for _, good in ran)
    rows = [row for row, _ in ran]
    print(table(rows, suites))
    if chosen.write_table:
        write(rows, suites)
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
