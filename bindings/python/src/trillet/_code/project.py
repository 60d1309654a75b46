"""``trillet.yaml``: which workspaces a folder is for, and what differs among them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from .._model.errors import InvalidArgumentError
from .kinds import KINDS
from .mistakes import FolderError, mistake
from .reading_yaml import Read, read_yaml
from .references import filled, unset_in, variable_of
from .state import replace_file
from .writing_yaml import written

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Mapping

FILE = "trillet.yaml"
SERVICE = "https://api.trillet.ai"
_SETTINGS = (
    "workspace_id",
    "base_url",
    "api_key",
    "profile",
    "timeout",
    "requests_per_minute",
    "overrides",
)
_MOST_SECONDS = 3600


class Workspace(NamedTuple):
    """A workspace of the service.

    Attributes:
        name: What the folder calls it.
        options: Of the client, where they are not those of the environment.
        profile: The profile to work with where the environment has no key.
        key_variable: The variable that has its key, if it has one of its own.
        overrides: What differs there from the files, by the object's name.
    """

    name: str
    options: dict[str, Any]
    profile: str | None
    key_variable: str | None
    overrides: dict[str, dict[str, Any]]

    def place(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Where it is, as a state remembers it; `settings` are those of the environment."""
        url = self.options.get("base_url") or settings["base_url"]
        own = self.options.get("workspace_id") or settings["workspace_id"]
        return {"baseUrl": url.rstrip("/"), "workspaceId": own}


class Project(NamedTuple):
    """What ``trillet.yaml`` says."""

    folder: pathlib.Path
    name: str
    workspaces: dict[str, Workspace]

    def workspace(self, name: str | None) -> Workspace:
        """The one of this name, or the only one."""
        if name is None:
            if len(self.workspaces) == 1:
                return next(iter(self.workspaces.values()))
            raise InvalidArgumentError(
                f"{FILE} has the workspaces {', '.join(self.workspaces)}: choose one by --workspace"
            )
        if name not in self.workspaces:
            raise InvalidArgumentError(
                f"{FILE} has no workspace '{name}': it has {', '.join(self.workspaces)}"
            )
        return self.workspaces[name]


def new_project(folder: pathlib.Path, workspace: str | None, settings: Mapping[str, str]) -> None:
    """Makes ``trillet.yaml`` for the workspace of the environment, where there is none."""
    own = {}
    if settings["workspace_id"]:
        own["workspace_id"] = settings["workspace_id"]
    if settings["base_url"] != SERVICE:
        own["base_url"] = settings["base_url"]
    fields = {
        "project": folder.resolve().name or "project",
        "workspaces": {workspace or "default": own},
    }
    replace_file(folder / FILE, written(fields))


def read_project(folder: pathlib.Path, environment: Mapping[str, str]) -> Project:
    """Reads it.

    Raises:
        FolderError: It is not there, or wrong.
    """
    file = folder / FILE
    try:
        read = read_yaml(file.read_text("utf-8"), str(file))
    except FileNotFoundError:
        raise mistake(str(file), f"no such file: trillet pull {folder} makes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise mistake(str(file), f"cannot be read: {error}") from None
    wrong = [
        f"{file}:{read.lines[name]}: '{name}' is no setting; there are project and workspaces"
        for name in read.fields
        if name not in ("project", "workspaces")
    ]
    name = read.fields.get("project", folder.resolve().name)
    given = read.fields.get("workspaces")
    if not isinstance(name, str) or not name:
        wrong.append(f"{file}:{read.lines.get('project', 1)}: project is a name")
    if not isinstance(given, dict) or not given:
        wrong.append(f"{file}: workspaces has a name for each, such as staging")
        given = {}
    workspaces = {
        each: _workspace(each, settings, read, str(file), environment, wrong)
        for each, settings in given.items()
    }
    if wrong:
        raise FolderError(wrong)
    return Project(folder, str(name), workspaces)


def _workspace(
    name: str,
    given: Any,
    read: Read,
    file: str,
    environment: Mapping[str, str],
    wrong: list[str],
) -> Workspace:
    settings = {} if given is None else given
    place = f"{file}:{read.lines[f'workspaces.{name}']}"
    if not isinstance(settings, dict):
        wrong.append(f"{place}: {name} has settings such as workspace_id")
        settings = {}
    if not name or set(name) & set("/\\.") or not name.isprintable():
        wrong.append(f"{place}: '{name}' cannot be the name of a file, which a workspace gets")
    options: dict[str, Any] = {}
    for setting, value in settings.items():
        here = f"{file}:{read.lines[f'workspaces.{name}.{setting}']}"
        if setting not in _SETTINGS:
            wrong.append(f"{here}: '{setting}' is no setting; there are {', '.join(_SETTINGS)}")
        elif setting == "api_key" and variable_of(value) is None:
            wrong.append(f"{here}: a key never stands in a file: api_key: ${{PRODUCTION_KEY}}")
        elif setting == "timeout":
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                value = 0
            if not 0.001 <= value <= _MOST_SECONDS:
                wrong.append(f"{here}: timeout is a number of seconds, up to {_MOST_SECONDS}")
            options["timeout_ms"] = round(value * 1000)
        elif setting == "requests_per_minute":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                wrong.append(f"{here}: requests_per_minute is a whole number; 0 is no limit")
            options[setting] = value
        elif setting != "overrides" and not isinstance(value, str):
            wrong.append(f"{here}: {setting} is a text")
        elif setting not in ("overrides", "profile"):
            options[setting] = filled(value, environment)
    overrides = _overrides(settings.get("overrides"), f"{place}: overrides", wrong)
    key = variable_of(settings.get("api_key"))
    return Workspace(name, options, settings.get("profile"), key, overrides)


def _overrides(given: Any, place: str, wrong: list[str]) -> dict[str, dict[str, Any]]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        wrong.append(f"{place} has members such as agents/front-desk")
        return {}
    for name, fields in given.items():
        if name.partition("/")[0] not in KINDS or not isinstance(fields, dict):
            wrong.append(f"{place}: '{name}' is an object such as agents/front-desk, with fields")
    return given


def check_settings(workspace: Workspace) -> None:
    """Before anything is sent.

    Raises:
        FolderError: A setting stands for a variable that is not set.
    """
    missing = [name for value in workspace.options.values() for name in unset_in(value)]
    if missing:
        raise mistake(FILE, f"set {', '.join(missing)} for the workspace {workspace.name}")


def environment() -> Mapping[str, str]:
    """Where variables come from."""
    return os.environ
