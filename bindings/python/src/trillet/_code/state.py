"""What a folder knows of a workspace: ids, what was last the same, and what is under way.

docs/decisions.md, state-of-folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from .._model.errors import ConflictError
from .leaves import Path, Sums
from .mistakes import mistake

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

_VERSION = 1

# The sums of a value in the file and on the service. They differ where the service keeps a value in
# its own way; None where one side has none.
Base = dict[Path, "tuple[str | None, str | None]"]


class Pending(NamedTuple):
    """A create of which nobody knows yet whether it was carried out.

    Attributes:
        name: The name that the object was to have.
        before: The objects of that name that were there before.
        at: When it was sent, in Unix seconds.
    """

    name: str
    before: list[str]
    at: float


class State:
    """The state of one workspace, in a file that is whole at any time."""

    def __init__(self, file: pathlib.Path, place: dict[str, str]) -> None:
        self.file = file
        self._place = place
        self.ids: dict[str, str] = {}
        self.bases: dict[str, Base] = {}
        self.pending: dict[str, Pending] = {}
        # The text of each object in the file: most stay the same from one step to the next.
        self._written: dict[str, tuple[str, Base | None, str]] = {}
        self._salt = secrets.token_hex(16)
        if file.exists():
            self._read()
        self.sums = Sums(self._salt)

    def _read(self) -> None:
        try:
            kept = json.loads(self.file.read_text("utf-8"))
            version, place = kept["version"], kept["place"]
            if version == _VERSION:
                self._fill(kept)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise mistake(
                str(self.file),
                f"no state ({type(error).__name__}). Remove the file: objects are then found by "
                "their names",
            ) from None
        if version != _VERSION:
            raise mistake(str(self.file), f"version {version}: use a newer trillet")
        if place != self._place:
            raise mistake(
                str(self.file),
                f"it is of {_words(place)}, and this is {_words(self._place)}. Use the settings of "
                "that workspace, or remove the file if the workspace moved",
            )

    def _fill(self, kept: dict[str, Any]) -> None:
        self._salt = kept["salt"]
        for name, entry in kept["objects"].items():
            self.ids[name] = entry["id"]
            if "same" in entry:
                self.bases[name] = {
                    tuple(json.loads(path)): (both, both) if isinstance(both, str) else tuple(both)
                    for path, both in entry["same"].items()
                }
        for name, entry in kept["pending"].items():
            self.pending[name] = Pending(entry["name"], entry["before"], entry["at"])

    def set_base(self, name: str, base: Base) -> None:
        """Remembers what was the same on both sides."""
        if self.bases.get(name) != base:
            self.bases[name] = base

    def save(self) -> None:
        """Writes the file anew, in one step. Each object is a line of it."""
        head = {"version": _VERSION, "place": self._place, "salt": self._salt}
        lines = [f"{json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
        entries = ",\n".join(self._line(name) for name in sorted(self.ids))
        pending = {name: entry._asdict() for name, entry in sorted(self.pending.items())}
        lines += ['"objects": {', entries, "},", f'"pending": {json.dumps(pending)}']
        replace_file(self.file, "{\n" + "\n".join(lines) + "\n}\n")

    def _line(self, name: str) -> str:
        own, base = self.ids[name], self.bases.get(name)
        known = self._written.get(name)
        # A base is replaced, and never changed.
        if known is None or known[0] != own or known[1] is not base:
            text = f"{json.dumps(name)}: {json.dumps(self._entry(name))}"
            known = self._written[name] = (own, base, text)
        return known[2]

    def _entry(self, name: str) -> dict[str, Any]:
        base = self.bases.get(name)
        if base is None:
            return {"id": self.ids[name]}
        same = {
            json.dumps(path): sums[0] if sums[0] is not None and sums[0] == sums[1] else list(sums)
            for path, sums in sorted(base.items())
        }
        return {"id": self.ids[name], "same": same}

    def rename(self, before: str, name: str) -> None:
        """Knows an object by another name."""
        self.ids[name] = self.ids.pop(before)
        if before in self.bases:
            self.bases[name] = self.bases.pop(before)

    def forget(self, name: str) -> None:
        """Removes what is known of an object."""
        self.ids.pop(name, None)
        self.bases.pop(name, None)
        self.pending.pop(name, None)


def _words(place: dict[str, str]) -> str:
    return f"workspace {place.get('workspaceId') or '(of the key)'} at {place.get('baseUrl')}"


def replace_file(file: pathlib.Path, text: str) -> None:
    """Writes a file so that nobody ever sees a part of it, also if the power fails."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    with open(new, "w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(new, file)


@contextmanager
def only_one(folder: pathlib.Path) -> Iterator[None]:
    """Keeps every other pull and apply out of a folder."""
    place = folder / ".trillet"
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(
                f"{folder}: another trillet pull or apply is at work here; wait for it", sent="no"
            ) from None
        yield
