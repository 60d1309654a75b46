"""The command in this process, for tests of many of its lines."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shlex
from typing import TYPE_CHECKING, NamedTuple

from conftest import KEY, WORKSPACE
from trillet._command.command import _parser, main
from trillet._command.parsers import CommandParser

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


class Done(NamedTuple):
    """What came of a command."""

    status: int
    output: str
    errors: str


def told(*words: object) -> Done:
    """Runs the command; an end by argparse is one, too."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in range(2))
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = int(end.code or 0)
    return Done(status, _written(output), _written(errors))


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    written = stream.buffer
    assert isinstance(written, io.BytesIO)
    return written.getvalue().decode()


def point_to(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Has the command talk to a service."""
    monkeypatch.setenv("TRILLET_API_KEY", KEY)
    monkeypatch.setenv("TRILLET_WORKSPACE_ID", WORKSPACE)
    monkeypatch.setenv("TRILLET_BASE_URL", url)


def parsers() -> Iterator[tuple[str, CommandParser]]:
    """Every parser with what is typed for it."""
    pending: list[tuple[str, argparse.ArgumentParser]] = [("trillet", _parser())]
    while pending:
        name, parser = pending.pop()
        assert isinstance(parser, CommandParser), name
        yield name, parser
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                known = {choice.dest for choice in action._choices_actions}
                for word, below in action.choices.items():
                    # A sandbox has a parser of its own, which is no part of Python.
                    if word in known and (name, word) != ("trillet", "sandbox"):
                        pending.append((f"{name} {word}", below))


def examples() -> list[str]:
    """The example of each verb, once."""
    found = {example: None for _, parser in parsers() for example in parser.examples}
    return list(found)


def examples_that_send() -> list[str]:
    """The examples of commands that can show what they would send. Of a campaign that is a plan."""
    found = {
        example: None
        for name, parser in parsers()
        for example in parser.examples
        if "--dry-run" in parser._option_string_actions
        if not name.startswith("trillet campaign")
    }
    return list(found)


def words_of(example: str) -> list[str]:
    """What a shell makes of it, without the program's name and the file for its output."""
    words = shlex.split(example)[1:]
    return words[: words.index(">")] if ">" in words else words


def with_files(folder: str) -> None:
    """The files that examples name."""
    contacts = "phone_number,first_name\n+12025550164,Ada\n"
    number = '{"phoneNumber":"+12025550123","provider":"twilio","credentials":{"sid":"mark-9911"}}'
    for name, text in (
        ("contacts.csv", contacts),
        ("number.json", number),
        ("prices.pdf", "%PDF-1.7\n"),
        ("reading.wav", "RIFF"),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


# Every option that a command has.
PARSED = frozenset(option for _, parser in parsers() for option in parser._option_string_actions)
