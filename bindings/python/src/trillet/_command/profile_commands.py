"""``trillet profiles``: the accounts that have been logged in to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ConfigurationError
from .adding import add_command, add_group
from .output import show

if TYPE_CHECKING:
    import argparse

    from .profiles.profile import Profile
    from .profiles.profile_file import ProfileFile


def add_profiles(programs: Any) -> None:
    summary = "the accounts that have been logged in to"
    commands = add_group(programs, "profiles", summary, "trillet profiles list")
    add_command(commands, "list", _list, "list them", example="trillet profiles list")
    use = add_command(
        commands,
        "use",
        _use,
        "have commands use one where none is named",
        example="trillet profiles use staging",
    )
    use.add_argument("name", help="the profile")
    shown = add_command(
        commands,
        "show",
        _show,
        "show one without its key",
        example="trillet profiles show staging",
    )
    shown.add_argument("name", nargs="?", help="the profile; default: the one that is used")
    remove = add_command(
        commands,
        "remove",
        _remove,
        "forget one with its key",
        example="trillet profiles remove staging",
    )
    remove.add_argument("name", help="the profile")


def _list(given: argparse.Namespace) -> int:
    from .profiles.profile_file import read_profiles

    profiles = read_profiles()
    found = [_told(each, profiles) for name in profiles.names() if (each := profiles.get(name))]
    lines = [
        f"{'*' if each['isCurrent'] else ' '} {each['profile']}\t{each['baseUrl']}"
        f"\t{each['workspace'] or '-'}\t{each['keyIn'] or 'no key'}"
        for each in found
    ]
    show(given, {"profiles": found}, "\n".join(lines) or "There is none: trillet login")
    return 0


def _show(given: argparse.Namespace) -> int:
    from .profiles.profile_file import read_profiles
    from .profiles.settings import chosen_name

    profiles = read_profiles()
    name = given.name or chosen_name(given.profile)
    if name is None:
        raise ConfigurationError("There is no profile: trillet login makes one", field="profile")
    told = _told(_found(profiles, name), profiles)
    lines = [
        f"profile: {told['profile']}{' (current)' if told['isCurrent'] else ''}",
        f"address: {told['baseUrl']}",
        f"workspace: {told['workspace'] or 'as the service decides'}",
        f"key: {'in ' + str(told['keyIn']) if told['keyIn'] else 'none'}",
    ]
    show(given, told, "\n".join(lines))
    return 0


def _use(given: argparse.Namespace) -> int:
    from .profiles.profile_file import changed_profiles

    with changed_profiles() as profiles:
        profiles.current = _found(profiles, given.name).name
    show(given, {"profile": given.name}, f"{given.name} is used where no profile is named.")
    return 0


def _remove(given: argparse.Namespace) -> int:
    from .profiles.keys import forget_in_keyring
    from .profiles.profile_file import changed_profiles

    with changed_profiles() as profiles:
        profile = _found(profiles, given.name)
        if profile.is_in_keyring:
            forget_in_keyring(profile.name)
        profiles.remove(profile.name)
    show(given, {"profile": given.name}, f"{given.name} is forgotten.")
    return 0


def _found(profiles: ProfileFile, name: str) -> Profile:
    found = profiles.get(name)
    if found is None:
        there = ", ".join(profiles.names()) or "none"
        raise ConfigurationError(
            f"There is no profile {name!r}; there are: {there}", field="profile"
        )
    return found


def _told(profile: Profile, profiles: ProfileFile) -> dict[str, Any]:
    from .profiles.profile_file import path_of_profiles
    from .profiles.settings import DEFAULT_URL, shown_url

    place = "the keyring" if profile.is_in_keyring else str(path_of_profiles())
    return {
        "profile": profile.name,
        "baseUrl": shown_url(profile.base_url or DEFAULT_URL),
        "workspace": profile.workspace,
        "keyIn": place if profile.has_key else None,
        "isCurrent": profiles.current == profile.name,
    }
