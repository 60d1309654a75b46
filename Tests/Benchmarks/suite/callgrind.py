"""Instructions of a call in user space, counted by callgrind: the same at every run.

The client works in waves: the server, on the same core, answers when all requests of a wave are
there and not before. So every wave takes the same steps.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple

from suite import machine
from suite.service import ANSWER, BODY
from suite.settings import environment

IN_FLIGHT = 64


class Instructions(NamedTuple):
    """Of one call: in all objects, and in libtrillet's own code."""

    total: float
    own: float


def count(programs: pathlib.Path, program: str, in_flight: int, calls: int) -> Instructions:
    """The difference between so many calls and twice as many, so that start and end cancel out."""
    few, many = (_run(programs, program, in_flight, calls * times) for times in (1, 2))
    return Instructions((many.total - few.total) / calls, (many.own - few.own) / calls)


def _run(programs: pathlib.Path, program: str, in_flight: int, calls: int) -> Instructions:
    command = [str(programs / "holding_server"), str(in_flight), "answer", ANSWER]
    server = subprocess.Popen([*machine.pinned(0), *command], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        with tempfile.TemporaryDirectory() as folder:
            profile = pathlib.Path(folder, "profile")
            valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}"]
            ended = subprocess.run(
                [*machine.pinned(0), *valgrind, str(programs / program), address, str(calls), BODY],
                capture_output=True,
                text=True,
                env=environment(),
                timeout=300,
            )
            if ended.returncode != 0:
                sys.exit(f"{program} failed under callgrind:\n{ended.stderr}")
            return _read(profile.read_text())
    finally:
        server.kill()
        server.wait()


def _read(profile: str) -> Instructions:
    """Adds up what was spent in each object itself, not in what it called."""
    names: dict[str, str] = {}
    spent: dict[str, int] = {}
    current = ""
    inclusive = False
    for line in profile.splitlines():
        if line.startswith("ob="):
            found = re.match(r"ob=(\(\d+\))(?: (.*))?", line)
            assert found is not None
            if found.group(2):
                names[found.group(1)] = found.group(2)
            current = names[found.group(1)]
        elif line.startswith("cob="):
            found = re.match(r"cob=(\(\d+\)) (.*)", line)
            if found is not None:
                names[found.group(1)] = found.group(2)
        elif line.startswith("calls="):
            inclusive = True
        elif line[:1].isdigit() or line[:1] in ("+", "-", "*"):
            if not inclusive:
                spent[current] = spent.get(current, 0) + int(line.split()[1])
            inclusive = False
    total = sum(spent.values())
    collected = re.search(r"^totals: (\d+)", profile, re.MULTILINE)
    if collected is None or int(collected.group(1)) != total:
        sys.exit(f"callgrind's profile is not understood: {total} of {collected} instructions")
    own = sum(cost for name, cost in spent.items() if "libtrillet" in name)
    return Instructions(total, own)
