"""``trillet login`` and ``trillet logout``: an API key that is asked for once, and kept."""

from __future__ import annotations

import getpass
import os
import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import (
    ConfigurationError,
    InvalidArgumentError,
    PermissionDeniedError,
    RejectedError,
    Trillet,
)
from .._core.secret import SecretText
from .adding import add_command, refuse_secrets
from .output import one_line, show

if TYPE_CHECKING:
    import argparse

    from .profiles.profile import Profile

DEFAULT_NAME = "default"
_TIMEOUT_MS = 20_000
_LONGEST_KEY = 4096


def add_login(commands: Any) -> None:
    login = add_command(
        commands,
        "login",
        _login,
        "keep an API key in a profile; it is asked for, and never an argument",
        example="trillet login --profile staging --workspace 65f0c0ffee",
    )
    login.add_argument(
        "--workspace", metavar="ID", help="needed if the key opens several workspaces"
    )
    login.add_argument("--base-url", metavar="URL", help="another service, such as a sandbox")
    login.add_argument(
        "--no-keyring", action="store_true", help="keep the key in a file that only you can read"
    )
    refuse_secrets(
        login, "it is asked for, or read from standard input", "--api-key", "--key", "--token"
    )
    add_command(
        commands,
        "logout",
        _logout,
        "forget the key of a profile; its other settings stay",
        example="trillet logout --profile staging",
    )


def _login(given: argparse.Namespace) -> int:
    from .profiles.keys import keyring_name
    from .profiles.profile import Profile
    from .profiles.profile_file import read_profiles
    from .profiles.settings import DEFAULT_URL, chosen_name, shown_url

    name = chosen_name(given.profile) or DEFAULT_NAME
    old = read_profiles().get(name) or Profile(name)
    url = given.base_url or os.environ.get("TRILLET_BASE_URL") or old.base_url
    workspace = given.workspace or os.environ.get("TRILLET_WORKSPACE_ID") or old.workspace
    # Before anybody has typed a key for nothing.
    _file()
    keyring = None if given.no_keyring else keyring_name()
    key = _asked(f"API key of {shown_url(url or DEFAULT_URL)} (it is not shown): ")
    workspace = _checked(key, url, workspace)
    is_default = url is None or url.rstrip("/") == DEFAULT_URL
    made = Profile(name, None if is_default else url, workspace, is_in_keyring=keyring is not None)
    current = _keep(made, key, old)
    told = {
        "profile": name,
        "baseUrl": shown_url(url or DEFAULT_URL),
        "workspace": workspace,
        "keyIn": keyring or str(_file()),
        "isCurrent": current == name,
    }
    lines = [
        f"{name}: {told['baseUrl']}, workspace {one_line(workspace or 'as the service decides')}",
        f"The key is in {told['keyIn']}.",
    ]
    if current != name:
        lines.append(f"Use it with --profile {name}, or always: trillet profiles use {name}")
    if os.environ.get("TRILLET_API_KEY"):
        lines.append("TRILLET_API_KEY is set, and is used instead until it is unset.")
    show(given, told, "\n".join(lines))
    return 0


def _keep(profile: Profile, key: str, old: Profile) -> str | None:
    """Keeps the key and the rest; the name of the current profile."""
    from .profiles.keys import forget_in_keyring, keep_in_keyring
    from .profiles.profile_file import changed_profiles

    with changed_profiles() as profiles:
        if profile.is_in_keyring:
            keep_in_keyring(profile.name, key)
        else:
            profile = replace(profile, api_key=key)
        profiles.put(profile)
        if profiles.current is None:
            profiles.current = profile.name
        current = profiles.current
    if old.is_in_keyring and not profile.is_in_keyring:
        forget_in_keyring(profile.name)
    return current


def _asked(prompt: str) -> str:
    """The key: typed without echo, or what standard input has where that is no terminal."""
    try:
        if sys.stdin is not None and sys.stdin.isatty():
            with warnings.catch_warnings():
                # It would show the key.
                warnings.simplefilter("error", getpass.GetPassWarning)
                text = getpass.getpass(prompt)
        else:
            text = "" if sys.stdin is None else sys.stdin.read(_LONGEST_KEY + 1)
    except getpass.GetPassWarning:
        raise ConfigurationError(
            "This terminal would show the key: give it on standard input, "
            "such as trillet login <FILE",
            field="apiKey",
        ) from None
    except EOFError:
        text = ""
    except UnicodeDecodeError:
        text = "\0"
    key = text.strip()
    if not key:
        raise ConfigurationError(
            "No key was given: type it, or give it on standard input; nothing is changed",
            field="apiKey",
        )
    if len(key) > _LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            "That is no API key: it has white space inside, or a letter that no key has; "
            "nothing is changed",
            field="apiKey",
        )
    return SecretText(key)


def _checked(key: str, url: str | None, workspace: str | None) -> str | None:
    """The workspace that the key opens; raises what the service says of a wrong one."""
    options: dict[str, Any] = {
        "base_url": url,
        "env": False,
        "max_retries": 1,
        "timeout_ms": _TIMEOUT_MS,
        "connect_timeout_ms": _TIMEOUT_MS,
    }
    with Trillet(key, workspace, **options) as client:
        try:
            client.agents.list(limit=1)
            return workspace
        except (RejectedError, PermissionDeniedError):
            if workspace is not None:
                raise
        workspace = _only_workspace(client)
    with Trillet(key, workspace, **options) as client:
        client.agents.list(limit=1)
    return workspace


def _only_workspace(client: Trillet) -> str:
    found = [each for each in client.workspaces.list() if isinstance(each, dict)]
    ids = [one_line(each.get("_id")) for each in found]
    if len(ids) == 1:
        return ids[0]
    listed = ", ".join(
        f"{identifier} ({one_line(each.get('name'))})" for identifier, each in zip(ids, found)
    )
    raise InvalidArgumentError(
        f"The key opens {len(ids)} workspaces: name one by --workspace"
        + (f": {listed}" if listed else ""),
        field="workspace",
    )


def _logout(given: argparse.Namespace) -> int:
    from .profiles.keys import forget_in_keyring
    from .profiles.profile_file import changed_profiles
    from .profiles.settings import chosen_name

    name = chosen_name(given.profile) or DEFAULT_NAME
    with changed_profiles() as profiles:
        profile = profiles.get(name)
        if profile is None:
            raise ConfigurationError(f"There is no profile {name!r}", field="profile")
        had_key = profile.has_key
        if profile.is_in_keyring:
            forget_in_keyring(name)
        profiles.put(replace(profile, api_key=None, is_in_keyring=False))
    again = "" if name == DEFAULT_NAME else f" --profile {name}"
    told = f"{name}: {'the key is forgotten' if had_key else 'there was no key'}."
    show(given, {"profile": name, "hadKey": had_key}, f"{told} Again: trillet login{again}")
    return 0


def _file() -> object:
    from .profiles.profile_file import path_of_profiles

    return path_of_profiles()
