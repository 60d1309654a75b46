"""The folders of the command's own files."""

from __future__ import annotations

import os
from pathlib import Path

from .. import ConfigurationError


class NoHomeError(ConfigurationError):
    """Nobody knows where the user's files are."""


def config_folder() -> Path:
    """Where the profiles are."""
    return _folder("XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """Where events are kept."""
    return _folder("XDG_STATE_HOME", ".local/state")


def made_private(folder: Path) -> Path:
    """The folder, which nobody else may enter if it is made here."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {folder} cannot be made: {error.strerror}", field="file"
        ) from None
    return folder


def _folder(variable: str, below_home: str) -> Path:
    named = os.environ.get(variable, "")
    # One that is not absolute counts as none, says the XDG Base Directory Specification.
    if os.path.isabs(named):
        return Path(named) / "trillet"
    try:
        home = Path.home()
    except RuntimeError:
        # As for the user of a service: HOME is not set, and no account is behind its number.
        raise NoHomeError(
            f"There is no home folder for the command's files: set HOME, or {variable} to an "
            "absolute path",
            field="file",
        ) from None
    return home / below_home / "trillet"
