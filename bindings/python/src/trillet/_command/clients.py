"""The client that a command works with."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .. import Trillet
from .._core.status_line import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .profiles.settings import Settings

# Of a dry run: they come before whatever else is said.
_instead: Mapping[str, Any] = {}


class _Run:
    """What this run of the command was told."""

    profile: str | None = None
    settings: Settings | None = None


def use_profile(name: str | None) -> None:
    """Has the clients of this run work with a profile."""
    _Run.profile, _Run.settings = name, None


def settings_of_command() -> Settings:
    """Where the key, the workspace and the address come from; found once in a run."""
    if _Run.settings is None:
        from .profiles.settings import settings_of

        _Run.settings = settings_of(_Run.profile)
        for note in _Run.settings.notes:
            print(printable(f"trillet: {note}"), file=sys.stderr)
    return _Run.settings


def lacks_workspace() -> bool:
    """Whether a client was made without one."""
    return _Run.settings is not None and _Run.settings.workspace.value is None


def _options_of_command() -> dict[str, Any]:
    """The options of a client that the environment or a profile has."""
    found = settings_of_command()
    options = {
        "api_key": found.api_key.value,
        "workspace_id": found.workspace.value,
        "base_url": found.base_url.value,
    }
    return {name: value for name, value in options.items() if value is not None}


def client_of_command(**options: Any) -> Trillet:
    """A client with the settings of the environment, or of a profile."""
    return Trillet(**{**_options_of_command(), **options, **_instead})


@contextmanager
def instead(options: Mapping[str, Any]) -> Iterator[None]:
    """Every client of a command has these options meanwhile."""
    global _instead
    before, _instead = _instead, options
    try:
        yield
    finally:
        _instead = before
