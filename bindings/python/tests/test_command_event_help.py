"""The help of the commands for profiles, events and logs, and ``--profile`` of every command."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

import pytest

from homes import Home
from trillet._command.command import _parser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN = ("login", "logout", "profiles", "listen", "trigger", "events", "logs")


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The commands that do something."""
    below = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    if not below:
        yield parser
    for action in below:
        for name, each in action.choices.items():
            if name != "sandbox":
                yield from leaves(each)


ALL = list(leaves(_parser()))
NEW = [each for each in ALL if each.prog.split()[1] in OWN]


def example_of(parser: argparse.ArgumentParser) -> list[str]:
    _, _, example = parser.format_help().partition("example:\n")
    return shlex.split(example)


@pytest.mark.parametrize("parser", ALL, ids=lambda parser: parser.prog)
def test_every_command_takes_a_profile(parser: argparse.ArgumentParser) -> None:
    assert "--profile" in parser._option_string_actions


@pytest.mark.parametrize("parser", NEW, ids=lambda parser: parser.prog)
def test_the_help_fits_a_terminal_and_has_an_example_that_can_be_typed(
    parser: argparse.ArgumentParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, parser.format_help().splitlines())) <= 80
    words = example_of(parser)
    assert shlex.join(words).startswith(parser.prog)
    given = _parser().parse_args(words[1:])
    assert given.run is not None


def test_no_secret_can_be_given_as_an_argument(tmp_path: Path) -> None:
    home = Home(tmp_path)
    ways = [("login", "--api-key"), ("login", "--key"), ("login", "--token")]
    ways += [("listen", "--secret"), ("trigger", "--secret")]
    for command, option in ways:
        done = home.run(command, option, "marked-5521")
        assert done.returncode == 2
        assert f"{option} does not exist" in done.stderr
        assert "marked-5521" not in done.stderr
