"""Writes the completions of bash, zsh and fish for the commands.

    python Tools/release/completions.py build/completions [--sandbox build/bin/trillet-sandbox]

They follow from what the commands say of their arguments, and run no command while somebody types.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from command_model import of_sandbox, of_trillet
from trillet._command.completion.model import Command
from trillet._command.completion.scripts import bash, fish, zsh


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes the completions of the shells.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sandbox", type=Path, help="the program that is completed, too")
    given = parser.parse_args()
    commands = [of_trillet()]
    if given.sandbox:
        commands.append(of_sandbox(given.sandbox))
    for command in commands:
        for path, text in files(command):
            (given.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (given.folder / path).write_text(text, "utf-8")
    return 0


def files(command: Command) -> Iterator[tuple[str, str]]:
    yield f"bash/{command.name}", bash(command)
    yield f"zsh/_{command.name}", zsh(command)
    yield f"fish/{command.name}.fish", fish(command)


if __name__ == "__main__":
    sys.exit(main())
