"""What a wheel's name must say of the programs and libraries inside: the machine and the glibc."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

MACHINES = {62: "x86_64", 183: "aarch64"}
_NEEDED = re.compile(r"\bName: GLIBC_(\d+)\.(\d+)")


def machine(path: Path) -> str:
    """The machine that the file is for, as platform tags write it."""
    head = path.read_bytes()[:20]
    if head[:4] != b"\x7fELF":
        raise SystemExit(f"{path} is no ELF file")
    number = int.from_bytes(head[18:20], "little")
    if number not in MACHINES:
        raise SystemExit(f"{path} is for the machine {number}, for which there are no wheels")
    return MACHINES[number]


def glibc_floor(path: Path) -> tuple[int, int]:
    """The oldest glibc that the file can be loaded with."""
    done = subprocess.run(
        ["readelf", "--version-info", "--wide", str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    return max((int(major), int(minor)) for major, minor in _NEEDED.findall(done.stdout))


def platform_tag(paths: Iterable[Path]) -> str:
    """The lowest manylinux tag that all the files allow."""
    files = list(paths)
    machines = {machine(path) for path in files}
    if len(machines) != 1:
        raise SystemExit(f"one wheel, but several machines: {sorted(machines)}")
    # No policy is older than 2.17.
    major, minor = max((2, 17), *(glibc_floor(path) for path in files))
    tag = f"manylinux_{major}_{minor}_{machines.pop()}"
    # What pip calls it that does not know the newer names.
    older = {"manylinux_2_17": "manylinux2014", "manylinux_2_12": "manylinux2010"}
    alias = older.get(f"manylinux_{major}_{minor}")
    return tag if alias is None else f"{tag}.{tag.replace(f'manylinux_{major}_{minor}', alias)}"
