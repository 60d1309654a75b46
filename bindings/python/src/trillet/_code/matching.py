"""Which object of the service is which file: by the state, by the marker, by the name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .forms import slug
from .kinds import CREATED, KINDS, NUMBERS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .folder import LocalObject
    from .service import RemoteObject
    from .state import State

    Take = Callable[[str, RemoteObject], None]


class Matches:
    """What belongs together.

    Attributes:
        remote: The service's object for each name of the folder that it has.
        undecided: Names for which it has several, and why nobody knows which.
        gone: Names whose object, which the state knows, is not there any more.
        others: The service's objects for which the folder has no file.
    """

    def __init__(self) -> None:
        self.remote: dict[str, RemoteObject] = {}
        self.undecided: dict[str, str] = {}
        self.gone: set[str] = set()
        self.others: list[RemoteObject] = []


def marker_of(project: str, name: str) -> str:
    """What an object says of where it is kept."""
    return f"{project}/{name}"


def name_of_marker(marker: str | None, project: str) -> str | None:
    """The name that it has in this project; None in another one, or without a marker."""
    prefix = marker_of(project, "")
    return marker[len(prefix) :] if marker is not None and marker.startswith(prefix) else None


def matched(
    local: Mapping[str, LocalObject], remote: Iterable[RemoteObject], state: State, project: str
) -> Matches:
    """Finds the service's object of each file. Names of `remote` are filled in."""
    matches = Matches()
    by_id = {each.id: each for each in remote}
    free = dict(by_id)

    def take(name: str, found: RemoteObject) -> None:
        matches.remote[name] = found
        found.name = name
        free.pop(found.id, None)

    # Numbers have their names from the service.
    for number in [each for each in by_id.values() if each.kind is NUMBERS]:
        if number.name in local and number.name not in matches.remote:
            take(number.name, number)
    _follow_moves(local, by_id, state)
    for name, known in state.ids.items():
        found = by_id.get(known)
        if found is not None and found.kind is not NUMBERS:
            take(name, found)
        elif name in local and local[name].kind is not NUMBERS:
            matches.gone.add(name)
    _by_marker(local, free, matches, project, take)
    _by_name(local, free, state, matches, project, take)
    matches.others = list(free.values())
    return matches


def _follow_moves(
    local: Mapping[str, LocalObject], by_id: Mapping[str, RemoteObject], state: State
) -> None:
    """A file that has another name now, and the same name within, is the same object."""
    for name, known in list(state.ids.items()):
        found = by_id.get(known)
        if name in local or found is None or found.kind is NUMBERS:
            continue
        fresh = [
            each
            for each in local.values()
            if each.kind is found.kind and each.name not in state.ids and each.title == found.title
        ]
        if len(fresh) == 1:
            state.rename(name, fresh[0].name)


def _is_open(name: str, matches: Matches) -> bool:
    return name not in matches.remote and name not in matches.undecided


def _by_marker(
    local: Mapping[str, LocalObject],
    free: Mapping[str, RemoteObject],
    matches: Matches,
    project: str,
    take: Take,
) -> None:
    marked: dict[tuple[Kind, str], list[RemoteObject]] = defaultdict(list)
    for each in free.values():
        if each.marker is not None:
            marked[each.kind, each.marker].append(each)
    for name, wanted in local.items():
        found = marked.get((wanted.kind, marker_of(project, name)), [])
        if not found or not _is_open(name, matches):
            continue
        matches.gone.discard(name)
        if len(found) == 1:
            take(name, found[0])
        else:
            matches.undecided[name] = (
                f"{len(found)} {wanted.kind.title}s say that they are kept in {name}.yaml "
                f"({_ids(found)}): delete all but one in the dashboard"
            )


def _by_name(
    local: Mapping[str, LocalObject],
    free: Mapping[str, RemoteObject],
    state: State,
    matches: Matches,
    project: str,
    take: Take,
) -> None:
    """Exact names, where both sides have one such object that nobody knows better."""
    open_names: dict[tuple[Kind, str], list[str]] = defaultdict(list)
    for name, wanted in local.items():
        # A create that may have been carried out is looked for by what was there before.
        is_known = name in matches.gone or name in state.pending
        if wanted.kind is not NUMBERS and _is_open(name, matches) and not is_known:
            open_names[wanted.kind, wanted.title].append(name)
    called: dict[tuple[Kind, str], list[RemoteObject]] = defaultdict(list)
    for each in free.values():
        # Its file may have got another name.
        own = name_of_marker(each.marker, project)
        if each.marker is None or (own is not None and own not in local):
            called[each.kind, each.title].append(each)
    for key, names in open_names.items():
        found = called.get(key, [])
        if len(found) == 1 and len(names) == 1:
            take(names[0], found[0])
        elif found:
            kind, title = key
            for name in names:
                matches.undecided[name] = (
                    f"the workspace has {len(found)} {kind.title}s called '{title}' "
                    f"({_ids(found)}), and the folder {len(names)}: rename one, or "
                    "remove the files and pull"
                )


def _ids(found: Iterable[RemoteObject]) -> str:
    return ", ".join(each.id for each in found)


def name_all(matches: Matches, taken: Iterable[str]) -> None:
    """Names what the folder has no file for: by its marker, else after what people call it."""
    names = set(taken)
    for kind in CREATED:
        fresh = sorted(
            (each for each in matches.others if each.kind is kind), key=lambda each: each.age
        )
        for each in fresh:
            if (own := _marked_name(each)) is not None and own not in names:
                each.name = own
                names.add(own)
        for each in fresh:
            if not each.name:
                each.name = _free_name(each, names)
                names.add(each.name)


def _marked_name(each: RemoteObject) -> str | None:
    parts = (each.marker or "").split("/")
    if len(parts) < 2 or parts[-2] != each.kind.folder or parts[-2] not in KINDS:
        return None
    return f"{parts[-2]}/{slug(parts[-1], each.kind)}"


def _free_name(each: RemoteObject, names: set[str]) -> str:
    first = f"{each.kind.folder}/{slug(each.title, each.kind)}"
    number, name = 2, first
    while name in names:
        name = f"{first}-{number}"
        number += 1
    return name
