"""How the examples of event loops in C++ are compiled."""

from __future__ import annotations

import subprocess
from pathlib import Path

import hosts
from places import EXAMPLES, LIBRARY, ROOT


def compiled(example: str, program: Path, arguments: list[str]) -> Path:
    command = [hosts.interpreter("c++", "g++"), "-std=c++17", "-Wall", "-Wextra", "-Werror"]
    command += ["-I", str(ROOT / "include"), "-o", str(program), str(EXAMPLES / example)]
    command += [*arguments, str(LIBRARY), f"-Wl,-rpath,{LIBRARY.parent}"]
    subprocess.run(command, check=True, timeout=300)
    return program
