"""Writes what a workspace has into a folder, and keeps what was changed there and not applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .comparing import base_of, summed
from .filing import filed
from .folder import CONVERSATIONS, LocalObject, copied, object_file, read_folder, text_file
from .kinds import KINDS, KNOWLEDGE, NUMBERS, Fields
from .leaves import Path, at, dotted, leaves_of, put, take
from .matching import Matches, matched, name_all
from .service import fill_fields
from .state import replace_file
from .writing_yaml import rewritten, written

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Mapping

    from .project import Project, Workspace
    from .service import RemoteObject
    from .state import State


class Pulled(NamedTuple):
    """What pull did.

    Attributes:
        written: The objects whose files are new or other than before.
        kept: Objects with changes that were not applied and stand against other ones on the
            service, with what they are.
        notes: What a person should know, by object.
        same: How many objects were as their files say.
    """

    written: list[str]
    kept: list[tuple[str, str]]
    notes: list[tuple[str, str]]
    same: int


class Pulling:
    """One pull."""

    def __init__(
        self,
        project: Project,
        workspace: Workspace,
        state: State,
        environment: Mapping[str, str],
        *,
        force: bool,
    ) -> None:
        self._project = project
        self._folder = project.folder
        self._workspace = workspace
        self._state = state
        self._environment = environment
        self._force = force
        self._result = Pulled([], [], [], 0)
        self._same = 0

    def run(self, remote: Iterable[RemoteObject]) -> Pulled:
        """Writes the files of all objects.

        Raises:
            FolderError: A file that is there is wrong; nothing was written.
        """
        local = read_folder(self._folder, self._workspace, self._environment)
        known = list(remote)
        matches = matched(local, known, self._state, self._project.name)
        name_all(matches, [*local, *matches.remote, *_names_of_files(self._folder)])
        fill_fields(known, self._state.ids)
        # A file of their own would make two of what may be one.
        undecided = {(local[name].kind, local[name].title) for name in matches.undecided}
        for found in known:
            if not found.name or (found.kind, found.title) in undecided:
                continue
            is_gone = found.name in matches.remote and found.name not in local
            if is_gone and not self._force:
                self._kept(found.name, "its file was deleted here: apply --prune deletes it there")
            else:
                self._pull(found, local.get(found.name))
        self._say_the_rest(matches, local)
        self._state.save()
        return self._result._replace(same=self._same)

    def _kept(self, name: str, why: str) -> None:
        self._result.kept.append((name, why))

    def _say_the_rest(self, matches: Matches, local: Mapping[str, LocalObject]) -> None:
        for name, why in matches.undecided.items():
            self._kept(name, why)
        for name in matches.gone:
            why = "it was deleted on the service: remove its file, or apply --overwrite"
            self._result.notes.append((name, why))
        for name, wanted in local.items():
            if name in matches.remote or name in matches.gone or name in matches.undecided:
                continue
            where = (
                "the workspace does not have this number"
                if wanted.kind is NUMBERS
                else ("the workspace does not have it yet: apply creates it")
            )
            self._result.notes.append((name, where))

    def _pull(self, found: RemoteObject, wanted: LocalObject | None) -> None:
        fields = found.fields
        if wanted is not None:
            fields, conflicts = self._merged(wanted, found)
            if conflicts and not self._force:
                what = ", ".join(map(dotted, conflicts))
                why = f"{what}: not the same here and on the service. pull --force takes the latter"
                self._kept(found.name, why)
                return
        self._write(found, fields, wanted)
        self._remember(found, fields)

    def _merged(self, wanted: LocalObject, found: RemoteObject) -> tuple[Fields, list[Path]]:
        """Each value of the side that changed it, and where both did."""
        sums, base = self._state.sums, self._state.bases.get(found.name, {})
        merged, theirs, ours = (
            copied(found.fields),
            leaves_of(found.fields),
            leaves_of(wanted.fields),
        )
        conflicts: list[Path] = []
        for path, value in ours.items():
            mine, other = summed(path, value, sums), summed(path, theirs.get(path), sums)
            known = base.get(path, (None, None))
            is_other = other != known[1] or (self._force and mine != known[0])
            if wanted.is_overridden(path):
                if mine != other:
                    self._note(
                        found,
                        f"{dotted(path)} is what trillet.yaml says; the service has another value",
                    )
                put(merged, path, value)
            elif mine == other or not is_other:
                # Nobody changed it there: what stands here stays, in its own words.
                put(merged, path, value)
            elif mine != known[0] and not self._force:
                conflicts.append(path)
            elif path not in theirs:
                take(merged, path)
        for path, known in base.items():
            is_removed_here = path not in ours and summed(path, theirs.get(path), sums) == known[1]
            if is_removed_here and not self._force:
                take(merged, path)
        return merged, conflicts

    def _note(self, found: RemoteObject, note: str) -> None:
        self._result.notes.append((found.name, note))

    def _write(self, found: RemoteObject, fields: Fields, wanted: LocalObject | None) -> None:
        name, kind, member = found.name, found.kind, found.kind.text
        before = wanted.base_raw if wanted is not None else {}
        fields = copied(fields)
        text = fields.pop(member, None) if member is not None else None
        raw, notes = filed(kind, name, fields, before, self._environment)
        for note in notes:
            self._note(found, note)
        self._add_own(raw, found, before)
        file = object_file(self._folder, name)
        is_new = False
        if member is not None and isinstance(text, str) and (text or before.get(member)):
            raw[member] = before.get(member) or text_file(self._folder, name).name
            if wanted is None or not wanted.is_overridden((member,)):
                is_new = _replace_text(file.parent / str(raw[member]), text)
        if wanted is not None:
            _restore(raw, wanted)
        new = written(raw) if wanted is None else rewritten(wanted.text, raw, str(file))
        if wanted is None or wanted.text != new:
            replace_file(file, new)
            is_new = True
        if is_new:
            self._result.written.append(name)
        else:
            self._same += 1

    def _remember(self, found: RemoteObject, fields: Fields) -> None:
        """What is the same on both sides from now on."""
        known = self._state.bases.get(found.name, {})
        base = {}
        for path, pair in base_of(fields, found.fields, self._state.sums).items():
            if pair[0] == pair[1]:
                base[path] = pair
            elif path in known:
                base[path] = known[path]
        theirs = leaves_of(found.fields)
        for path in known:
            # Taken out here, and not applied yet.
            if path not in base and path in theirs:
                base[path] = known[path]
        self._state.ids[found.name] = found.id
        self._state.set_base(found.name, base)

    def _add_own(self, raw: Fields, found: RemoteObject, before: Fields) -> None:
        """What only files say."""
        if found.kind is NUMBERS and len(self._project.workspaces) > 1:
            raw["workspace"] = self._workspace.name
        elif "workspace" in before:
            raw["workspace"] = before["workspace"]
        if found.kind is KNOWLEDGE:
            files = found.document.get("files")
            there = [
                each["name"] for each in files or [] if isinstance(each, dict) and each.get("name")
            ]
            here = before.get("files") or []
            names = [*here, *(each for each in there if each not in here)]
            if names:
                raw["files"] = names


def _names_of_files(folder: pathlib.Path) -> list[str]:
    """Also those of other workspaces."""
    return [
        f"{kind.folder}/{file.stem}"
        for kind in KINDS.values()
        for file in (folder / kind.folder).glob("*.yaml")
        if not file.name.endswith(CONVERSATIONS)
    ]


def _restore(raw: Fields, wanted: LocalObject) -> None:
    """What the workspace overrides stands in `trillet.yaml`, and not in the file."""
    for path in wanted.overridden:
        value = at(wanted.base_raw, path)
        if value is None:
            take(raw, path)
        else:
            put(raw, path, value)


def _replace_text(file: pathlib.Path, text: str) -> bool:
    """Writes a Markdown file, whose last line ends as lines of files do."""
    new = text + "\n"
    try:
        old = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        old = None
    if old in (new, text) and not (old == text and text.endswith("\n")):
        return False
    replace_file(file, new)
    return True
