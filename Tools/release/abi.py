"""Compares the binary interface with the one that was written down, and writes it down.

    python Tools/release/abi.py --library build/lib/libtrillet.so.1
    python Tools/release/abi.py --accept

Functions that are gone or changed are faults, and so is a library that does not export exactly the
functions of its header; new ones are named. The types come from a library of empty functions that
is compiled from the header: what Swift writes down for a debugger are Swift's types, not C's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from header import read

ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / "packaging/abi/libtrillet.abi"
# What abidiff's status says: it failed, or was called wrongly.
FAILED = 1 | 2


def main() -> int:
    parser = argparse.ArgumentParser(description="Compares the binary interface.")
    parser.add_argument("--header", type=Path, default=ROOT / "include/trillet.h")
    parser.add_argument("--library", type=Path, help="must export what the header declares")
    parser.add_argument("--accept", action="store_true", help="write the interface down")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        described = describe(given.header, Path(folder))
        if given.accept:
            BASELINE.parent.mkdir(parents=True, exist_ok=True)
            BASELINE.write_text(described.read_text("utf-8"), "utf-8")
            return 0
        faults = changes(described)
    if given.library:
        faults += exports(given.header, given.library)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def describe(header: Path, folder: Path) -> Path:
    """The interface of the header, as abidw writes it."""
    model = read(header)
    source = folder / "interface.c"
    bodies = [
        f"{function.code.rstrip(';')} {{ __builtin_trap(); }}" for function in model.functions
    ]
    source.write_text('#include "trillet.h"\n' + "\n".join(bodies) + "\n", "utf-8")
    (folder / "trillet.h").write_text(header.read_text("utf-8"), "utf-8")
    soname = f"-Wl,-soname,libtrillet.so.{_abi(header)}"
    library = folder / "libtrillet.so"
    flags = ("-w", "-g", "-O0", "-fPIC", "-shared", "-nostdlib", soname)
    _run("cc", *flags, "interface.c", "-o", library, folder=folder)
    described = folder / "libtrillet.abi"
    quiet = ("--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-architecture")
    _run("abidw", *quiet, "--out-file", described, library, folder=folder)
    return described


def _abi(header: Path) -> str:
    constants = {entry.name: entry.code.split()[-1] for entry in read(header).declarations}
    return constants["TRILLET_ABI"]


def changes(described: Path) -> list[str]:
    if not BASELINE.exists():
        return [f"{BASELINE} is missing: 'make accept-abi' writes it."]
    diff = ("abidiff", "--no-show-locs", "--no-architecture")
    everything = subprocess.run(
        [*diff, BASELINE, described], capture_output=True, text=True, timeout=120
    )
    if everything.returncode & FAILED:
        return [f"abidiff failed: {everything.stderr or everything.stdout}"]
    breaking = subprocess.run(
        [*diff, "--no-added-syms", BASELINE, described], capture_output=True, text=True, timeout=120
    )
    if breaking.returncode:
        return [
            breaking.stdout.rstrip(),
            "The binary interface has changed: programs that are built already would break.\n"
            "A change that is wanted needs a new TRILLET_ABI and 'make accept-abi'.",
        ]
    if everything.returncode:
        print(everything.stdout.rstrip())
        print("The interface has grown, which breaks nothing; 'make accept-abi' writes it down.")
    return []


def exports(header: Path, library: Path) -> list[str]:
    told = _run("nm", "--dynamic", "--defined-only", "--format=posix", library, folder=ROOT)
    exported = {line.split()[0].split("@")[0] for line in told.splitlines()}
    declared = {function.name for function in read(header).functions}
    return [
        *(f"{library} does not export {name}()" for name in sorted(declared - exported)),
        *(
            f"{library} exports {name}, which is not declared"
            for name in sorted(exported - declared)
        ),
    ]


def _run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr}{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
