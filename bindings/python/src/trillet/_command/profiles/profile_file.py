"""The file of the profiles, which nobody else may read."""

from __future__ import annotations

import configparser
import fcntl
import os
import secrets
import shlex
import stat
from contextlib import contextmanager, suppress
from io import StringIO
from typing import TYPE_CHECKING

from ... import ConfigurationError
from ..places import NoHomeError, config_folder, made_private
from .profile import Profile, checked_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "config.ini"
MODE = 0o600
_OTHERS = 0o077
_COMMON, _CURRENT = "trillet", "profile"
_PREFIX = "profile "
_MOST_BYTES = 1_048_576


class ProfileFile:
    """The profiles, and which of them is used where none is named."""

    def __init__(self, text: str = "", path: Path | None = None) -> None:
        # docs/decisions.md, profiles-as-ini
        self._parser = configparser.RawConfigParser(
            default_section="\n",
            delimiters=("=",),
            comment_prefixes=("#",),
            empty_lines_in_values=False,
        )
        self._parser.optionxform = str  # type: ignore[assignment,method-assign]
        try:
            self._parser.read_string(text)
        except configparser.Error as error:
            # Its own words quote the line, which may be the key's.
            raise ConfigurationError(
                f"{path}, line {_line(error)}: not a setting, or one that stands there twice; "
                "a setting is `name = value` below `[profile NAME]`",
                field="file",
            ) from None

    @property
    def current(self) -> str | None:
        return self._parser.get(_COMMON, _CURRENT, fallback="").strip() or None

    @current.setter
    def current(self, name: str | None) -> None:
        if name is None:
            self._parser.remove_section(_COMMON)
            return
        if not self._parser.has_section(_COMMON):
            self._parser.add_section(_COMMON)
        self._parser.set(_COMMON, _CURRENT, name)

    def names(self) -> list[str]:
        sections = self._parser.sections()
        return [each[len(_PREFIX) :] for each in sections if each.startswith(_PREFIX)]

    def get(self, name: str) -> Profile | None:
        if not self._parser.has_section(_PREFIX + name):
            return None
        found = dict(self._parser.items(_PREFIX + name))
        return Profile(
            name=name,
            base_url=found.get("base_url") or None,
            workspace=found.get("workspace") or None,
            api_key=found.get("api_key") or None,
            is_in_keyring=found.get("keyring", "").lower() in ("yes", "true", "1", "on"),
        )

    def put(self, profile: Profile) -> None:
        section = _PREFIX + checked_name(profile.name)
        if not self._parser.has_section(section):
            self._parser.add_section(section)
        values = {
            "base_url": profile.base_url,
            "workspace": profile.workspace,
            "api_key": profile.api_key,
            "keyring": "yes" if profile.is_in_keyring else None,
        }
        for name, value in values.items():
            if value is None:
                self._parser.remove_option(section, name)
            elif value != value.strip() or not value.isprintable():
                raise ConfigurationError(
                    f"{name} has white space around it, or a character that cannot be printed",
                    field=name,
                )
            else:
                self._parser.set(section, name, value)

    def remove(self, name: str) -> None:
        self._parser.remove_section(_PREFIX + name)
        if self.current == name:
            self.current = None

    def text(self) -> str:
        written = StringIO()
        self._parser.write(written)
        return written.getvalue()


def path_of_profiles() -> Path:
    return config_folder() / NAME


def read_profiles() -> ProfileFile:
    """Raises ConfigurationError if others may read the file, or nobody can."""
    try:
        path = path_of_profiles()
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NoHomeError):
        return ProfileFile()
    except OSError as error:
        raise _unreadable(path, error.strerror or "cannot be opened") from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise _unreadable(path, "it is no file")
    with os.fdopen(descriptor, "rb") as file:
        if found.st_mode & _OTHERS:
            raise ConfigurationError(
                f"{path} may be read by others (mode {stat.S_IMODE(found.st_mode):04o}), and is "
                f"not used: chmod 600 {shlex.quote(str(path))}",
                field="file",
            )
        text = file.read(_MOST_BYTES)
    try:
        return ProfileFile(text.decode(), path)
    except UnicodeDecodeError:
        raise _unreadable(path, "it is not UTF-8") from None


@contextmanager
def changed_profiles() -> Iterator[ProfileFile]:
    """The profiles, written back at the end unless an error ends it; one process at a time."""
    folder = made_private(config_folder())
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        profiles = read_profiles()
        yield profiles
        _replace(path_of_profiles(), profiles.text().encode())
        os.fsync(lock)
    finally:
        os.close(lock)


def _replace(path: Path, content: bytes) -> None:
    # The file that a link leads to: people keep such files elsewhere.
    target = os.path.realpath(path)
    temporary = f"{target}.{secrets.token_hex(8)}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, target)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}; nothing is changed", field="file"
        ) from None
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _unreadable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"{path} cannot be read: {why}", field="file")


def _line(error: configparser.Error) -> int:
    if isinstance(error, configparser.ParsingError) and getattr(error, "errors", None):
        return error.errors[0][0]
    return getattr(error, "lineno", None) or 1
