"""A profile: an account of the service under a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ... import ConfigurationError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Profile:
    """What a command works with when the profile is used.

    Attributes:
        base_url: The service; None for the default one.
        api_key: The key, if no keyring keeps it.
        is_in_keyring: Whether a keyring keeps the key.
    """

    name: str
    base_url: str | None = None
    workspace: str | None = None
    api_key: str | None = field(default=None, repr=False)
    is_in_keyring: bool = False

    @property
    def has_key(self) -> bool:
        return self.is_in_keyring or self.api_key is not None


def checked_name(name: str) -> str:
    if _NAME.fullmatch(name):
        return name
    raise ConfigurationError(
        f"A profile has a name of at most 64 letters, digits, '-', '_' and '.', not {name!r}",
        field="profile",
    )
