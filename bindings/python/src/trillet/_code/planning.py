"""What apply would do, what it would leave alone, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .comparing import Comparison, Who, compared
from .kinds import KNOWLEDGE, NUMBERS
from .leaves import Path, dotted
from .matching import Matches, matched, name_of_marker
from .references import for_people, texts_in
from .secret_fields import hidden, telling
from .service import fill_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .folder import LocalObject
    from .service import RemoteObject
    from .state import State

# Where one object names another.
_LINKS = frozenset({"agent", "pathway", "settings", "flowData"})


@dataclass
class Plan:
    """What is between a folder and a workspace.

    Attributes:
        creates: Objects that the workspace does not have.
        changes: What is to change, by the object's name; without drift.
        uploads: Files that a knowledge base does not have yet.
        deletes: Objects whose file is gone.
        drifted: What was changed on the service since the last apply.
        untouched: What is left as it is, with the reason.
        matches: Which object of the service is which file.
    """

    matches: Matches
    creates: list[str] = field(default_factory=list)
    changes: dict[str, Comparison] = field(default_factory=dict)
    uploads: dict[str, list[str]] = field(default_factory=dict)
    deletes: list[RemoteObject] = field(default_factory=list)
    drifted: dict[str, Comparison] = field(default_factory=dict)
    untouched: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether apply has nothing to do."""
        return not (self.creates or self.changed or self.deletes)

    @property
    def changed(self) -> list[str]:
        """The objects that are to change."""
        return list(dict.fromkeys((*self.changes, *self.uploads)))

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {
            "create": len(self.creates),
            "change": len(self.changed),
            "delete": len(self.deletes),
            "drifted": len(self.drifted),
            "notTouched": len(self.untouched),
        }


def planned(
    local: Mapping[str, LocalObject],
    remote: Iterable[RemoteObject],
    state: State,
    project: str,
    *,
    prune: bool,
    overwrite: bool,
) -> Plan:
    """Compares all of a folder with all of a workspace."""
    known = list(remote)
    matches = matched(local, known, state, project)
    fill_fields(known, state.ids)
    plan = Plan(matches)
    for name, wanted in local.items():
        if name in matches.undecided:
            plan.untouched.append((name, matches.undecided[name]))
        elif name in matches.remote:
            _compare(plan, wanted, matches.remote[name], state, overwrite)
        elif wanted.kind is NUMBERS:
            plan.untouched.append(
                (name, "the workspace does not have this number; numbers are never bought here")
            )
        elif name in matches.gone and name not in state.pending and not overwrite:
            plan.untouched.append(
                (
                    name,
                    "it was deleted on the service: remove its file, or apply --overwrite "
                    "creates it again",
                )
            )
        else:
            plan.creates.append(name)
    _plan_the_rest(plan, local, known, project, prune)
    return plan


def _compare(
    plan: Plan, wanted: LocalObject, found: RemoteObject, state: State, overwrite: bool
) -> None:
    name = wanted.name
    base = state.bases.get(name)
    result = compared(wanted.kind, wanted.fields, found.fields, base, state.sums)
    if to_change := result.taken(overwrite):
        plan.changes[name] = Comparison(to_change, [])
    if not overwrite and (drift := result.by(Who.SERVICE, Who.BOTH)):
        plan.drifted[name] = Comparison(drift, [])
    plan.untouched += [(name, note) for note in result.notes]
    missing = missing_files(wanted, found)
    if to_send := [each for each in missing if wanted.beside(each).is_file()]:
        plan.uploads[name] = to_send
    for each in missing:
        if each not in to_send:
            plan.untouched.append((name, f"{each} is neither in the folder nor on the service"))


def missing_files(wanted: LocalObject, found: RemoteObject) -> list[str]:
    """The files that a knowledge base does not have."""
    there = found.document.get("files") if found.kind is KNOWLEDGE else None
    names = {each.get("name") for each in there or [] if isinstance(each, dict)}
    return [each for each in wanted.files if each not in names]


def _plan_the_rest(
    plan: Plan,
    local: Mapping[str, LocalObject],
    known: Iterable[RemoteObject],
    project: str,
    prune: bool,
) -> None:
    """What the folder has no file for, or not any more."""
    gone = []
    for name, found in plan.matches.remote.items():
        if name not in local and found.kind is not NUMBERS:
            gone.append(found)
    for found in plan.matches.others:
        own = name_of_marker(found.marker, project)
        if own and own not in local:
            found.name = own
            gone.append(found)
        elif found.kind is NUMBERS:
            plan.untouched.append((found.name, "it is not in this folder"))
        else:
            called = f"{found.kind.folder} '{found.title}' ({found.id})"
            plan.untouched.append((called, "it is not in this folder"))
    for found in _deletable(plan, gone, known):
        if prune:
            plan.deletes.append(found)
        else:
            plan.untouched.append((found.name, "its file is gone: apply --prune deletes it"))


def _deletable(
    plan: Plan, gone: list[RemoteObject], known: Iterable[RemoteObject]
) -> list[RemoteObject]:
    """Without what the service cannot delete, and what something that stays names."""
    left = []
    for found in gone:
        if found.kind is KNOWLEDGE:
            reason = "its file is gone, and the service has no way to delete it: use the dashboard"
            plan.untouched.append((found.name, reason))
        else:
            left.append(found)
    while True:
        staying = [each for each in known if each not in left and each.kind is not NUMBERS]
        held = [(found, _users(plan, found, staying)) for found in left]
        held = [(found, users) for found, users in held if users]
        if not held:
            return left
        for found, users in held:
            left.remove(found)
            reason = f"its file is gone, but {', '.join(users)} still uses it"
            plan.untouched.append((found.name, reason))


def _users(plan: Plan, found: RemoteObject, staying: Iterable[RemoteObject]) -> list[str]:
    """What names it, and does not stop to by the same apply."""
    users = []
    for each in staying:
        paths = {path[0] for path in _changed_paths(plan, each.name)}
        is_named = any(
            found.id in text
            for text in texts_in([each.document.get(name) for name in _LINKS - paths])
        )
        if is_named:
            users.append(each.name or f"{each.kind.title} '{each.title}'")
    return users


def _changed_paths(plan: Plan, name: str) -> list[Path]:
    changes = plan.changes.get(name)
    return [each.path for each in changes.differences] if changes else []


# MARK: For people and programs


def difference_json(name: str, comparison: Comparison) -> list[dict[str, Any]]:
    """The differences of an object, without secrets."""
    return [
        {
            "path": dotted(each.path),
            "before": for_people(hidden(each.there, telling(each.path))),
            "after": for_people(hidden(each.here, telling(each.path))),
            "changedBy": each.who.value,
            "secret": each.is_secret,
        }
        for each in comparison.differences
    ]


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan for programs."""
    return {
        "summary": plan.counts,
        "create": list(plan.creates),
        "change": {
            name: {
                "fields": difference_json(name, plan.changes[name]) if name in plan.changes else [],
                "files": plan.uploads.get(name, []),
            }
            for name in plan.changed
        },
        "delete": [each.name for each in plan.deletes],
        "drifted": {name: difference_json(name, each) for name, each in plan.drifted.items()},
        "notTouched": [{"object": name, "why": why} for name, why in plan.untouched],
    }
