"""What `--only` leaves of a run: parts of the benchmark, and clients by their names."""

from __future__ import annotations

from typing import NamedTuple

import clients

# In the order of the page; the first two compare clients that can be chosen by name.
PARTS = ("calls", "crowd", "distance", "start", "contacts", "memory", "instructions")


class Selection(NamedTuple):
    """The parts that run, and what a client must have in its name; nothing is every client."""

    parts: frozenset[str]
    names: tuple[str, ...] = ()

    def has(self, part: str) -> bool:
        return part in self.parts

    def takes(self, key: str) -> bool:
        return not self.names or any(name in key for name in self.names)

    @property
    def is_everything(self) -> bool:
        return not self.names and self.parts == frozenset(PARTS)


EVERYTHING = Selection(frozenset(PARTS))


def selection(text: str, programs: list[str]) -> Selection:
    """Reads the option; a word that is neither a part nor in a client's name is a mistake."""
    words = [word for word in text.split(",") if word]
    names = tuple(word for word in words if word not in PARTS)
    known = [*programs, *clients.names()]
    for name in names:
        if not any(name in client or client in name for client in known):
            raise ValueError(
                f"{name!r} is in no client's name, and no part; the parts are {', '.join(PARTS)}"
            )
    parts = frozenset(words).intersection(PARTS)
    return Selection(parts or frozenset(PARTS[:2] if names else PARTS), names)
