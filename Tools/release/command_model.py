"""What `trillet` and `trillet-sandbox` say of their arguments, in one model for both.

The first is read from its argument parser, the second from what it prints with
--experimental-dump-help.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


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


# MARK: trillet


def of_trillet(root: Path) -> Command:
    """From the package's sources; its library need not be there."""
    sys.path.insert(0, str(root / "bindings/python/src"))
    parser = importlib.import_module("trillet._command.command")._parser()
    return _of_parser(parser, "trillet", parser.description)


def resource_names() -> list[str]:
    """The words of the API's resources."""
    sys.path.insert(0, str(ROOT / "bindings/python/src"))
    resources = importlib.import_module("trillet._command.verbs.resources").RESOURCES
    words = importlib.import_module("trillet._command.verbs.words")
    return [words.resource_word(name) for name in resources]


def _of_parser(parser: argparse.ArgumentParser, name: str, summary: str) -> Command:
    options: list[Option] = []
    positionals: list[Option] = []
    commands: list[Command] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            commands += [
                _of_parser(below, command, helps.get(command, ""))
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


# MARK: trillet-sandbox


def of_sandbox(program: Path) -> Command:
    top = _of_dump(_dump(program), "trillet-sandbox")
    # Its commands are programs of their own, which the first does not know.
    names = re.findall(r"^  trillet-sandbox (\w+)\b", top.description, re.M)
    commands = tuple(_of_dump(_dump(program, name), name) for name in dict.fromkeys(names))
    return replace(
        top, commands=tuple(_without_repeated_text(command, top) for command in commands)
    )


def _without_repeated_text(command: Command, top: Command) -> Command:
    if command.description != top.description:
        return command
    summary = "Run the server; the same as without a command."
    return replace(command, summary=summary, description="")


def _dump(program: Path, *words: str) -> Mapping[str, Any]:
    command = [str(program), *words, "--experimental-dump-help"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    described: Mapping[str, Any] = json.loads(told.stdout)["command"]
    return described


def _of_dump(described: Mapping[str, Any], name: str) -> Command:
    shown = [entry for entry in described.get("arguments", []) if entry["shouldDisplay"]]
    arguments = [(_of_argument(entry), entry["kind"] == "positional") for entry in shown]
    return Command(
        name,
        described.get("abstract", ""),
        described.get("discussion", ""),
        tuple(option for option, is_positional in arguments if not is_positional),
        tuple(option for option, is_positional in arguments if is_positional),
        tuple(
            _of_dump(below, below["commandName"])
            for below in described.get("subcommands", [])
            if below["commandName"] != "help"
        ),
    )


def _of_argument(described: Mapping[str, Any]) -> Option:
    kinds = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    names = tuple(kinds[name["kind"]] + name["name"] for name in described.get("names", []))
    value = "" if described["kind"] == "flag" else described["valueName"].upper()
    text = described.get("abstract", "")
    if described.get("defaultValue") and "(default:" not in text:
        text = f"{text} (default: {described['defaultValue']})"
    return Option(
        names,
        value,
        text.strip(),
        tuple(described.get("allValues", ())),
        not described["isOptional"],
        described["isRepeating"],
    )
