"""Agents and flows from the files of agents as code: `agents/NAME.yaml`, `flows/NAME.yaml`.

Of that layout only what a conversation needs is read: fields by the service's names, references by
the name of a file, and long texts in Markdown files beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._code.reading_yaml import no_yaml, yaml_module
from .definitions import Definition, Definitions
from .mistakes import FilesError, Mistake
from .places import NEEDING
from .reading import ENDING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_AGENTS, _FLOWS = "agents", "flows"
_TEXTS = ("prompt", "systemPrompt")


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
    mistakes: list[Mistake] = []
    found = Definitions(
        list(_read(project / _AGENTS, mistakes)), list(_read(project / _FLOWS, mistakes))
    )
    if mistakes:
        raise FilesError(mistakes)
    return found


def _read(folder: Path, mistakes: list[Mistake]) -> Iterable[Definition]:
    for path in sorted(folder.glob("*.yaml")):
        if path.name.endswith(ENDING):
            continue
        try:
            yield Definition(path.stem, _fields(path))
        except FilesError as error:
            mistakes += error.mistakes


def _fields(path: Path) -> dict[str, Any]:
    yaml = yaml_module(NEEDING)
    file = str(path)
    try:
        fields = yaml.load(path.read_text("utf-8"), Loader=_loader(yaml))
    except (OSError, UnicodeDecodeError) as error:
        raise FilesError([Mistake(file, 1, f"cannot be read: {error}")]) from None
    except yaml.YAMLError as error:
        raise FilesError([Mistake(file, *no_yaml(error))]) from None
    if not isinstance(fields, dict):
        raise FilesError([Mistake(file, 1, "must be a mapping: `name: Front Desk`")])
    for name in _TEXTS:
        if name in fields:
            fields[name] = _text(path, name, fields[name])
    return {
        str(name): _without_folder(value) if name in ("agent", "pathway") else value
        for name, value in fields.items()
        if value is not None
    }


def _text(path: Path, name: str, value: Any) -> Any:
    """The text itself where a file names a Markdown file."""
    if not isinstance(value, str) or "\n" in value or not value.endswith(".md"):
        return value
    try:
        return (path.parent / value).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        text = f"{name}: {value} cannot be read: {error}"
        raise FilesError([Mistake(str(path), 1, text)]) from None


def _without_folder(value: Any) -> Any:
    """`${agents/front-desk}` is front-desk."""
    if isinstance(value, str) and value.startswith("${") and value.endswith("}"):
        return value[2:-1].rpartition("/")[2]
    return value


def _loader(yaml: Any) -> Any:
    """Without times: what looks like one is the text that stands there."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        pass

    Loader.yaml_implicit_resolvers = {
        first: [each for each in resolvers if not each[0].endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader
