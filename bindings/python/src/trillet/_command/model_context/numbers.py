"""The numbers that may be called: ``+12025550164``, and ``+1202555*`` for all that begin so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ... import InvalidArgumentError
from ..output import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}\*", re.ASCII)


class AllowedNumbers:
    """A list that is never empty."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._numbers: set[str] = set()
        prefixes = []
        for entry in entries:
            if _NUMBER.fullmatch(entry):
                self._numbers.add(entry)
            elif _PREFIX.fullmatch(entry):
                prefixes.append(entry[:-1])
            else:
                raise InvalidArgumentError(
                    f"--allow-calls: '{one_line(entry)[:40]}' is neither a file, nor a number like "
                    "+12025550164, nor the beginning of numbers like +1202555*",
                    field="allow-calls",
                )
        self._prefixes = tuple(prefixes)
        if not self._numbers and not prefixes:
            raise InvalidArgumentError(
                "--allow-calls: the list has no number; without a number no call can be allowed",
                field="allow-calls",
            )

    @classmethod
    def named(cls, texts: Iterable[str]) -> AllowedNumbers:
        """Of the command's arguments: each a file, or numbers with commas between them."""
        return cls(entry for text in texts for entry in _entries(text))

    def allows(self, number: object) -> bool:
        if not isinstance(number, str) or _NUMBER.fullmatch(number) is None:
            return False
        return number in self._numbers or number.startswith(self._prefixes)


def _entries(text: str) -> Iterator[str]:
    # A file that is not there must not become a list of one strange number.
    if text.lstrip().startswith("+"):
        yield from (each.strip() for each in text.split(",") if each.strip())
        return
    try:
        lines = Path(text).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise InvalidArgumentError(
            f"--allow-calls: '{one_line(text)[:200]}' cannot be read ({error})", field="allow-calls"
        ) from None
    for line in lines:
        entry = line.partition("#")[0].strip()
        if entry:
            yield entry
