"""What a command says of its arguments, as completions and manual pages need it."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Option:
    """An option, or a positional argument when it has no names."""

    names: tuple[str, ...]
    # What stands for the value; a flag has none.
    value: str
    help: str
    choices: tuple[str, ...] = ()
    is_required: bool = False
    is_repeated: bool = False

    @property
    def takes_file(self) -> bool:
        return bool(self.value) and (
            self.value.lower() in {"file", "database"} or "--file" in self.names
        )


@dataclass(frozen=True)
class Command:
    name: str
    summary: str
    # Paragraphs; "TITLE:" begins a section, and what is indented below it are terms and meanings.
    description: str
    options: tuple[Option, ...]
    positionals: tuple[Option, ...]
    commands: tuple[Command, ...]

    def walk(self) -> Iterator[Command]:
        """This command and all below it; a name is the whole of what is typed."""
        yield self
        for command in self.commands:
            for below in command.walk():
                yield replace(below, name=f"{self.name} {below.name}")


def of_parser(parser: argparse.ArgumentParser, name: str, summary: str) -> Command:
    options: list[Option] = []
    positionals: list[Option] = []
    commands: list[Command] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            commands += [
                of_parser(below, command, helps.get(command, ""))
                for command, below in action.choices.items()
                # Not the further names of one: nobody has to choose between them.
                if command in helps
            ]
        elif action.help != argparse.SUPPRESS:
            (options if action.option_strings else positionals).append(_of_action(action))
    description = parser.epilog or ""
    # In a manual page sections have titles in capitals.
    description = re.sub(r"^([a-z ]+):$", lambda found: found[0].upper(), description, flags=re.M)
    return Command(name, summary, description, tuple(options), tuple(positionals), tuple(commands))


def _of_action(action: argparse.Action) -> Option:
    value = ""
    if action.nargs != 0:
        value = str(action.metavar or action.dest)
    choices = tuple(str(choice) for choice in action.choices or ())
    if value == "BOOL":
        choices = ("true", "false")
    help_text = (action.help or "") % {**vars(action), "prog": "the program"}
    is_required = action.required if action.option_strings else action.nargs != "?"
    # What --data may have, too.
    group = getattr(action, "container", None)
    is_required = is_required or getattr(group, "title", "") == "needed"
    is_repeated = isinstance(action, argparse._AppendAction)
    return Option(tuple(action.option_strings), value, help_text, choices, is_required, is_repeated)
