"""The client that a command works with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .. import Trillet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVICE = "https://api.trillet.ai"

# Of a dry run: they come before whatever else is said.
_instead: Mapping[str, Any] = {}


def client_of_command(**options: Any) -> Trillet:
    """A client with the settings of the environment."""
    return Trillet(**{**settings_of_command(), **options, **_instead})


def settings_of_command() -> dict[str, Any]:
    """What the environment does not say by itself."""
    return {}


@contextmanager
def instead(options: Mapping[str, Any]) -> Iterator[None]:
    """Every client of a command has these options meanwhile."""
    global _instead
    before, _instead = _instead, options
    try:
        yield
    finally:
        _instead = before
