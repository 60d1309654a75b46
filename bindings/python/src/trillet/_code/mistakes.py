"""What is wrong with the files of a folder."""

from __future__ import annotations

from .._model.errors import InvalidArgumentError


class FolderError(InvalidArgumentError):
    """A file of the folder is wrong; nothing was sent.

    Attributes:
        mistakes: What is wrong, each with the file and the line.
    """

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes), code="folder", sent="no")
        self.mistakes = mistakes


def mistake(place: str, what: str) -> FolderError:
    """One alone."""
    return FolderError([f"{place}: {what}"])
