"""The objects of a folder: a YAML file each, and a Markdown file for what is long."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .forms import clean, linked
from .kinds import AGENTS, FLOWS, KINDS, KNOWLEDGE, NUMBERS, Fields, Kind
from .leaves import Path, leaves_of, put
from .mistakes import FolderError, mistake
from .reading_yaml import read_yaml
from .references import filled, names_in, unset_in
from .secret_fields import clear_secrets

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Mapping

    from .project import Workspace

# What `trillet test` reads stands beside.
CONVERSATIONS = ".test.yaml"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_NUMBER = re.compile(r"\+[1-9][0-9]{5,14}\Z")
# What git leaves where two people changed the same lines: an agent would read it out.
_CONFLICT = re.compile(r"^<<<<<<< .*\n(?:.*\n)*?=======\r?\n(?:.*\n)*?>>>>>>> ", re.MULTILINE)
# What only a file says, and no request.
_OWN = frozenset({"workspace", "files"})


@dataclass
class LocalObject:
    """What a folder says of one object.

    Attributes:
        name: Such as ``agents/front-desk``.
        kind: What it is.
        file: Its YAML file.
        text: That file as it is.
        raw: What is written there, with what the workspace overrides; Markdown is not filled in.
        base_raw: The same without the overrides.
        fields: The same in the form that is compared.
        lines: The line of each member.
        files: Files of a knowledge base.
        overridden: What the workspace overrides.
    """

    name: str
    kind: Kind
    file: pathlib.Path
    text: str
    base_raw: Fields
    raw: Fields = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    overridden: frozenset[Path] = frozenset()

    @property
    def title(self) -> str:
        """The name that people gave it."""
        return str(self.fields.get("name", ""))

    def beside(self, name: str) -> pathlib.Path:
        """A file of a knowledge base."""
        return self.file.parent / self.file.stem / name

    def is_overridden(self, path: Path) -> bool:
        """Whether the workspace has a value of its own there."""
        return any(path[: len(over)] == over for over in self.overridden)

    def place(self, path: str) -> str:
        """Where in the folder something stands."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return f"{self.file}:{self.lines.get(path, 1)}"


def object_file(folder: pathlib.Path, name: str) -> pathlib.Path:
    """The YAML file of an object."""
    return folder / f"{name}.yaml"


def text_file(folder: pathlib.Path, name: str) -> pathlib.Path:
    """The Markdown file of an object."""
    return folder / f"{name}.md"


def read_folder(
    folder: pathlib.Path, workspace: Workspace, environment: Mapping[str, str]
) -> dict[str, LocalObject]:
    """Every object of a folder, for one workspace.

    Raises:
        FolderError: Files are wrong; all mistakes are listed.
    """
    wrong: list[str] = []
    found: dict[str, LocalObject] = {}
    for kind in KINDS.values():
        for file in sorted((folder / kind.folder).glob("*.y*ml")):
            if file.name.startswith(".") or file.name.endswith(CONVERSATIONS):
                continue
            try:
                local = _read(folder, kind, file, workspace, environment)
            except FolderError as error:
                wrong += error.mistakes
                continue
            if local is not None:
                found[local.name] = local
    for name in workspace.overrides:
        if name not in found:
            wrong.append(f"trillet.yaml: overrides of {name}: there is no {name}.yaml")
    if not wrong:
        wrong = [each for local in found.values() for each in _mistakes(local, found)]
    if wrong:
        raise FolderError(wrong)
    return found


def _read(
    folder: pathlib.Path,
    kind: Kind,
    file: pathlib.Path,
    workspace: Workspace,
    environment: Mapping[str, str],
) -> LocalObject | None:
    pattern = _NUMBER if kind is NUMBERS else _NAME
    if file.suffix != ".yaml" or not pattern.match(file.stem):
        example = "+12025550117.yaml" if kind is NUMBERS else "front-desk.yaml"
        raise FolderError([f"{file}: rename it: files here are called like {example}"])
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FolderError([f"{file}: cannot be read as UTF-8: {error}"]) from None
    read = read_yaml(text, str(file))
    if read.fields.get("workspace", workspace.name) != workspace.name:
        return None
    name = f"{kind.folder}/{file.stem}"
    local = LocalObject(name, kind, file, text, read.fields, lines=read.lines)
    override = workspace.overrides.get(name, {})
    local.overridden = frozenset(leaves_of(override))
    local.raw = copied(read.fields)
    for path, value in leaves_of(override).items():
        put(local.raw, path, value)
    asked = {key: value for key, value in local.raw.items() if key not in _OWN}
    beside = _beside(local, asked, folder)
    fields = clean(kind, linked(kind, filled(asked, environment)), keep_null=True)
    local.fields = {**fields, **beside}
    local.files = _files(local, folder)
    return local


def copied(value: Any) -> Any:
    """A value whose members may be changed."""
    if isinstance(value, dict):
        return {name: copied(below) for name, below in value.items()}
    return [copied(below) for below in value] if isinstance(value, list) else value


def _beside(local: LocalObject, asked: Fields, folder: pathlib.Path) -> Fields:
    """The text of the Markdown file that a member names, which is taken as it is."""
    member = local.kind.text
    if member is None or asked.get(member) is None:
        return {}
    given = asked.pop(member)
    if not isinstance(given, str) or not given.endswith(".md"):
        raise FolderError(
            [f"{local.place(member)}: {member} names a file such as {local.file.stem}.md"]
        )
    return {member: text_beside(local.file.parent / given, folder, local.place(member))}


def text_beside(file: pathlib.Path, folder: pathlib.Path, place: str) -> str:
    """The text of a Markdown file that a file of the folder names at this place.

    Raises:
        FolderError: It cannot be used.
    """
    if folder.resolve() not in file.resolve().parents:
        raise mistake(place, f"{file} is outside of {folder}")
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise mistake(place, f"{file} cannot be read: {error}") from None
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        raise mistake(f"{file}:{line}", "a conflict of git stands here: solve it first")
    # Files end with a line's end, which the text on the service has not.
    return text[:-1] if text.endswith("\n") else text


def _files(local: LocalObject, folder: pathlib.Path) -> list[str]:
    if local.kind is not KNOWLEDGE:
        return []
    given = local.raw.get("files") or []
    names = given if isinstance(given, list) else [given]
    for name in names:
        if not isinstance(name, str) or not name or "/" in name or name.startswith("."):
            raise FolderError(
                [f"{local.place('files')}: files are names in {local.name}/, such as prices.pdf"]
            )
        # A link in somebody's change must not upload the keys of who applies it.
        if folder.resolve() not in local.beside(name).resolve().parents:
            raise FolderError([f"{local.place('files')}: {name} is outside of {folder}"])
    return names


def _mistakes(local: LocalObject, found: Mapping[str, LocalObject]) -> Iterable[str]:
    """What is wrong with an object that could be read."""
    if local.kind is not NUMBERS and not local.title.strip():
        yield f"{local.place('name')}: give it a name"
    for name in _needed(local.kind):
        if local.fields.get(name) in (None, ""):
            yield f"{local.file}:1: a {local.kind.title} needs {name}"
    for name in local.raw:
        if name in local.kind.made and name not in _OWN:
            yield f"{local.place(name)}: only the service sets {name}: remove it"
    for path in clear_secrets(local.raw):
        yield (
            f"{local.place(path)}: {path} is a secret, which never stands in a file: "
            "write ${NAME}, and set NAME where trillet runs"
        )
    for name in sorted(set(names_in(local.fields))):
        if name not in found:
            yield _unknown_name(local, name, found)


def _needed(kind: Kind) -> tuple[str, ...]:
    if kind is AGENTS:
        return ("llmModel", "ttsModel")
    return ("direction", "promptType") if kind is FLOWS else ()


def _unknown_name(local: LocalObject, name: str, found: Mapping[str, LocalObject]) -> str:
    folder, _, wanted = name.partition("/")
    known = [each for each in found.values() if each.kind.folder == folder]
    called = [each.name for each in known if each.title == wanted]
    hint = f" Did you mean {called[0].partition('/')[2]}?" if called else ""
    where = next((path for path, linked in local.kind.links.items() if linked == folder), "")
    return f"{local.place(where)}: there is no {folder}/{wanted}.yaml.{hint}"


def missing_variables(objects: Iterable[LocalObject]) -> list[str]:
    """The variables that are not set, each with where it stands."""
    return [
        f"{local.file}: set {', '.join(sorted(set(unset)))}"
        for local in objects
        if (unset := unset_in(local.fields))
    ]
