"""What is wrong with files, each with its place."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Mistake(NamedTuple):
    """One of them.

    Attributes:
        file: The file, as the user named it.
        line: The line, from 1.
        text: What is wrong and what to do.
    """

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class FilesError(Exception):
    """Files cannot be used; nothing was sent."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint at what was meant; else at what there is."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, 1)
    if close:
        return f"did you mean {close[0]}?"
    return f"there are {', '.join(choices)}" if choices else "there are none"
