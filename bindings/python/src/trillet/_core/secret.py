"""Values that no representation shows, as in a traceback that prints local variables."""

from __future__ import annotations


class SecretText(str):
    """A text whose ``repr`` hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'...'"


class SecretBytes(bytes):
    """The same for encoded text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'...'"


def hidden(value: object) -> object:
    """The value, hidden if it is text."""
    return SecretText(value) if isinstance(value, str) else value
