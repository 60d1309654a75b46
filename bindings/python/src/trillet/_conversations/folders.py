"""Agents and flows from the files of agents as code: `agents/NAME.yaml`, `flows/NAME.yaml`.

Of that layout only what a conversation needs is read: fields by the service's names, references by
the name of a file, and long texts in Markdown files beside.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .._code.folder import text_beside
from .._code.mistakes import FolderError, mistake
from .._code.reading_yaml import read_yaml, yaml_module
from .definitions import Definition, Definitions
from .mistakes import FilesError, Mistake
from .places import NEEDING
from .reading import ENDING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_AGENTS, _FLOWS = "agents", "flows"
_TEXTS = ("prompt", "systemPrompt")
_PLACE = re.compile(r"(.*?):([0-9]+): (.*)\Z", re.DOTALL)


def project_of(file: Path) -> Path | None:
    """The folder that has the agents, or the flows, of a file of conversations."""
    for folder in file.resolve().parents:
        if any((folder / name).is_dir() for name in (_AGENTS, _FLOWS)):
            return folder
    return None


def read_folder(project: Path) -> Definitions:
    """The agents and flows of a folder.

    Raises:
        FilesError: A file cannot be used.
    """
    yaml_module(NEEDING)
    mistakes: list[Mistake] = []
    found = Definitions(
        list(_read(project, _AGENTS, mistakes)), list(_read(project, _FLOWS, mistakes))
    )
    if mistakes:
        raise FilesError(mistakes)
    return found


def _read(project: Path, kind: str, mistakes: list[Mistake]) -> Iterable[Definition]:
    for path in sorted((project / kind).glob("*.yaml")):
        if path.name.startswith(".") or path.name.endswith(ENDING):
            continue
        try:
            yield Definition(path.stem, _fields(path, project))
        except FolderError as error:
            mistakes += map(_located, error.mistakes)


def _located(mistake: str) -> Mistake:
    """Agents as code have the place in the text."""
    found = _PLACE.match(mistake)
    return Mistake(found[1], int(found[2]), found[3]) if found else Mistake(mistake, 1, "")


def _fields(path: Path, project: Path) -> dict[str, Any]:
    file = str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise mistake(f"{file}:1", f"cannot be read: {error}") from None
    # The same words mean the same to `trillet apply`.
    fields, lines = read_yaml(text, file)
    for name in _TEXTS:
        value = fields.get(name)
        if isinstance(value, str) and value.endswith(".md") and "\n" not in value:
            fields[name] = text_beside(path.parent / value, project, f"{file}:{lines[name]}")
    return {
        name: _without_folder(value) if name in ("agent", "pathway") else value
        for name, value in fields.items()
        if value is not None
    }


def _without_folder(value: Any) -> Any:
    """`${agents/front-desk}` is front-desk."""
    if isinstance(value, str) and value.startswith("${") and value.endswith("}"):
        return value[2:-1].rpartition("/")[2]
    return value
