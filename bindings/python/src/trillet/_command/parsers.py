"""Argument parsers that say what was probably meant, and show an example."""

from __future__ import annotations

import argparse
import difflib
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NoReturn

# The words differ between versions of Python.
_INVALID_CHOICE = re.compile(r"invalid choice: '?([^' ]*)'? \(")
_UNKNOWN = "unrecognized arguments: "
_HELP_WIDTH = 78
# A manual page indents it further.
_EXAMPLE_WIDTH = 70


class CommandParser(argparse.ArgumentParser):
    """Flags are never abbreviated where they follow from the API: it may get more of them."""

    # For messages: what was typed in place of a command.
    examples: tuple[str, ...] = ()

    def __init__(self, *values: Any, takes_profile: bool = True, **named: Any) -> None:
        super().__init__(*values, **named)
        if takes_profile:
            # One that stands before the verb is not forgotten after it.
            self.add_argument(
                "--profile",
                metavar="NAME",
                default=argparse.SUPPRESS,
                help="the account to work with (see trillet login)",
            )

    def error(self, message: str) -> NoReturn:
        super().error(self._helpful(message))

    def _helpful(self, message: str) -> str:
        choice = _INVALID_CHOICE.search(message)
        if choice and message.startswith("argument COMMAND"):
            known = [name for commands in self._commands() for name in commands.choices]
            return f"{choice[1]!r} is no command of {self.prog}" + _meant(choice[1], known)
        if message.startswith(_UNKNOWN):
            flag = message[len(_UNKNOWN) :].split(" ")[0].partition("=")[0]
            return message + _meant(flag, list(self._option_string_actions))
        return message

    def _commands(self) -> list[Any]:
        return [
            action for action in self._actions if isinstance(action, argparse._SubParsersAction)
        ]

    def show_examples(self, *commands: str) -> None:
        """Puts them below the help."""
        self.examples = commands
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        title = "example:" if len(commands) == 1 else "examples:"
        lines = [title, *(line for command in commands for line in _folded(command))]
        self.epilog = "\n".join(lines)
        self.description = textwrap.fill(self.description or "", _HELP_WIDTH)


def _meant(typed: str, known: list[str]) -> str:
    near = difflib.get_close_matches(typed, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _folded(command: str) -> list[str]:
    """A command in as many lines as it needs; a word is never broken."""
    lines, line = [], " "
    for word in _words(command):
        if len(line) + 1 + len(word) > _EXAMPLE_WIDTH and line.strip():
            lines.append(line + " \\")
            line = "     "
        line += f" {word}"
    return [*lines, line]


def _words(command: str) -> list[str]:
    """The words with their quotes; a flag stays with its value."""
    words = re.findall(r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")+", command)
    joined: list[str] = []
    for word in words:
        if joined and re.fullmatch(r"--?[a-z][\w.-]*", joined[-1]) and word[:1] != "-":
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined
