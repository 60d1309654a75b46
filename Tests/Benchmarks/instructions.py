#!/usr/bin/env python3
"""Fails when a call takes more instructions than Tests/Benchmarks/instructions.json says.

Times depend on the machine and its load; instructions do not. They depend on the versions of
libcurl and glibc and on the processor's kind, so there are figures for each of these; where there
are none, the count is only told.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import pathlib
import platform
import sys

from suite import callgrind
from suite.settings import HERE, ROOT

FIGURES = HERE / "instructions.json"
TOLERANCE = 0.03
CALLS = 640
PROGRAMS = {
    "blocking": ("trillet_blocking", 1),
    "64 in flight": ("trillet_next", 64),
    "64 in flight, engine caller": ("trillet_next_driven", 64),
    "64 in flight, engine caller, callback": ("trillet_callback_driven", 64),
}
PARTS = {"own": "in libtrillet", "total": "in all, libcurl and libc included"}

Figures = dict[str, dict[str, int]]


def key() -> str:
    """What the number of instructions depends on beside the library."""
    curl = ctypes.CDLL("libcurl.so.4")
    curl.curl_version.restype = ctypes.c_char_p
    libcurl = curl.curl_version().decode().split()[0].replace("/", " ")
    return f"{libcurl}, glibc {platform.libc_ver()[1]}, {platform.machine()}"


def count(programs: pathlib.Path) -> Figures:
    figures = {}
    for name, (program, in_flight) in PROGRAMS.items():
        counted = callgrind.count(programs, program, in_flight, CALLS)
        figures[name] = {"own": round(counted.own), "total": round(counted.total)}
    return figures


def tell(figures: Figures, known: Figures) -> tuple[bool, bool]:
    """Prints every figure; whether one has grown too much, and whether one has shrunk as much."""
    grown = shrunk = False
    for name, parts in figures.items():
        for part, instructions in parts.items():
            line = f"  {name}: {instructions:,} instructions a call {PARTS[part]}"
            before = known.get(name, {}).get(part)
            if before:
                change = instructions / before - 1
                grown |= change > TOLERANCE
                shrunk |= change < -TOLERANCE
                verdict = "  TOO MANY" if change > TOLERANCE else ""
                line += f", {change:+.1%} to the {before:,} that are accepted{verdict}"
            print(line)
    return grown, shrunk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/benchmarks")
    parser.add_argument("--accept", action="store_true", help="write the figures down")
    arguments = parser.parse_args()
    figures = count(arguments.programs)
    accepted: dict[str, Figures] = json.loads(FIGURES.read_text())
    if arguments.accept:
        tell(figures, {})
        accepted[key()] = figures
        FIGURES.write_text(json.dumps(accepted, indent=2, sort_keys=True) + "\n")
        print(f"Accepted for {key()}.")
        return
    known = accepted.get(key())
    grown, shrunk = tell(figures, known or {})
    if known is None:
        print(
            f"Nothing to compare with: {FIGURES.name} has no figures for {key()}.\n"
            "`make accept-instructions` writes these down."
        )
    if grown:
        sys.exit(
            f"A call takes over {TOLERANCE:.0%} more instructions than {FIGURES.name} says for"
            f" {key()}.\n"
            "Find out why. When it is worth it, `make accept-instructions` writes the new figures"
            " down; commit them with the change that needs them."
        )
    if shrunk:
        print(
            f"Over {TOLERANCE:.0%} fewer than accepted: write that down with"
            " `make accept-instructions`, so that it stays so."
        )


if __name__ == "__main__":
    main()
