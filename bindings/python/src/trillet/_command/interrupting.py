"""What is said when Ctrl-C ends something that can be gone on with."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import argparse


class Rest(NamedTuple):
    """What Ctrl-C leaves, and the command that goes on with it."""

    what: str
    command: str

    def told(self, done: str) -> str:
        return f"{self.what}{': ' if done else ''}{done}. Go on with: {self.command}"


def rest_of(given: argparse.Namespace, what: str, *words: str) -> Rest:
    return Rest(what, again(given, *words))


def again(given: argparse.Namespace, *words: str) -> str:
    """A command for the same account."""
    profile = () if given.profile is None else ("--profile", given.profile)
    return shlex.join(("trillet", *words, *profile))
