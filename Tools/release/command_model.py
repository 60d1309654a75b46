"""What `trillet` and `trillet-sandbox` say of their arguments, in one model for both.

The first is read from its argument parser, the second from what it prints with
--experimental-dump-help.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bindings/python/src"))

from trillet._command.completion.model import Command, Option, of_parser  # noqa: E402


def sentence(text: str) -> str:
    """A summary, which parsers have in small letters and without an end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


# MARK: trillet


def of_trillet() -> Command:
    """From the package's sources; its library need not be there."""
    parser = importlib.import_module("trillet._command.command")._parser()
    return of_parser(parser, "trillet", parser.description)


def resource_names() -> list[str]:
    """The words of the API's resources."""
    resources = importlib.import_module("trillet._command.verbs.resources").RESOURCES
    words = importlib.import_module("trillet._command.verbs.words")
    return [words.resource_word(name) for name in resources]


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
