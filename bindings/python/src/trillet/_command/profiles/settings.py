"""The settings of one run: from the environment, or from a profile."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from ... import ConfigurationError

if TYPE_CHECKING:
    from .profile import Profile

KEY, WORKSPACE, URL, PROFILE = (
    "TRILLET_API_KEY",
    "TRILLET_WORKSPACE_ID",
    "TRILLET_BASE_URL",
    "TRILLET_PROFILE",
)
DEFAULT_URL = "https://api.trillet.ai"
_PORTS = {"http": 80, "https": 443}


class Setting(NamedTuple):
    """A value, and who has set it in words; neither if nobody has."""

    value: str | None = None
    source: str = ""


_UNSET = Setting()


@dataclass(frozen=True)
class Settings:
    """What a client is made with.

    Attributes:
        profile: The profile that was looked at, and why.
        notes: What the user should hear about them.
    """

    api_key: Setting = field(repr=False)
    workspace: Setting
    base_url: Setting
    profile: Setting = _UNSET
    notes: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return self.base_url.value or DEFAULT_URL


def settings_of(profile: str | None) -> Settings:
    """The settings, with the profile of ``--profile`` if there is one.

    Raises:
        ConfigurationError: The profile is not there, or its key is not for the address.
    """
    named = _named(profile)
    # Whoever has the key in the environment has the rest there, too.
    if named.value is None and _variable(KEY):
        return _settings_of_environment()
    found, why = _profile(named)
    if found is None:
        return _settings_of_environment()
    return _merged(found, why, is_named=named.value is not None)


def _settings_of_environment() -> Settings:
    return Settings(_of_environment(KEY), _of_environment(WORKSPACE), _of_environment(URL))


def chosen_name(profile: str | None) -> str | None:
    """The name of the profile that the user asks for, or of the current one."""
    from .profile_file import read_profiles

    return _named(profile).value or read_profiles().current


def _named(argument: str | None) -> Setting:
    from .profile import checked_name

    if argument is not None:
        return Setting(checked_name(argument), "--profile")
    named = _variable(PROFILE)
    return Setting() if named is None else Setting(checked_name(named), PROFILE)


def _profile(named: Setting) -> tuple[Profile | None, str]:
    # Here: with a key in the environment, no file is read.
    from .profile_file import path_of_profiles, read_profiles

    profiles = read_profiles()
    name = named.value or profiles.current
    if name is None:
        return None, ""
    found = profiles.get(name)
    if found is None:
        source = named.source or str(path_of_profiles())
        there = ", ".join(profiles.names()) or "none"
        raise ConfigurationError(
            f"There is no profile {name!r} ({source}); there are: {there}. "
            f"Make it: trillet login --profile {name}",
            field="profile",
        )
    return found, named.source or "the current one"


def _merged(found: Profile, why: str, *, is_named: bool) -> Settings:
    source = f"profile {found.name}"
    own = {KEY: found.has_key or None, WORKSPACE: found.workspace, URL: found.base_url}
    url = _setting(URL, found.base_url, source)
    if _variable(KEY) is None and found.has_key:
        _refuse_other_address(found, url)
    notes = [
        f"{name} is set, and used instead of that of the {source}"
        for name, value in own.items()
        if is_named and value is not None and _variable(name) not in (None, value)
    ]
    return Settings(
        Setting(_variable(KEY), KEY) if _variable(KEY) else Setting(_key(found), source),
        _setting(WORKSPACE, found.workspace, source),
        url,
        Setting(found.name, why),
        tuple(notes),
    )


def _key(profile: Profile) -> str | None:
    from .keys import key_in_keyring, keyring_name

    found = key_in_keyring(profile.name) if profile.is_in_keyring else profile.api_key
    if found is not None:
        return found
    if not profile.is_in_keyring:
        lost = "nobody has logged in, or somebody has logged out"
    elif keyring_name() is None:
        lost = "a keyring has it, and none can be used here (pip install 'trillet[keyring]')"
    else:
        lost = "the keyring does not have it any more"
    raise ConfigurationError(
        f"There is no API key of the profile {profile.name!r}: {lost}. "
        f"Log in again: trillet login --profile {profile.name}",
        field="apiKey",
    )


def _refuse_other_address(profile: Profile, url: Setting) -> None:
    # docs/decisions.md, key-of-one-address
    own = profile.base_url or DEFAULT_URL
    if url.value is None or origin_of(url.value) == origin_of(own):
        return
    raise ConfigurationError(
        f"{URL} names another service than the profile {profile.name!r}, whose key is for "
        f"{shown_url(own)}: unset {URL}, set {KEY} too, or log in to the other service: "
        f"trillet login --profile NAME",
        field="baseUrl",
    )


def origin_of(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, parts.hostname or "", parts.port or _PORTS.get(scheme)
    except ValueError:
        return "", url, None


def shown_url(url: str) -> str:
    """The address without a user's name and password, and without a query, which may be one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "no address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _setting(variable: str, value: str | None, source: str) -> Setting:
    if (found := _of_environment(variable)).value is not None:
        return found
    return Setting() if value is None else Setting(value, source)


def _of_environment(variable: str) -> Setting:
    value = _variable(variable)
    return Setting() if value is None else Setting(value, variable)


def _variable(name: str) -> str | None:
    return os.environ.get(name) or None
