"""Makes a workspace what a folder says, step by step; each step can be the last one.

docs/decisions.md, create-once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, NamedTuple

from .._model.errors import TrilletError
from .changing import change_number, change_object, upload
from .creating import Creating
from .deleting import delete_object
from .folder import missing_variables
from .kinds import CREATED, FLOWS, NUMBERS
from .mistakes import FolderError
from .remembering import remember
from .service import is_passing, rest_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .folder import LocalObject
    from .planning import Plan
    from .service import RemoteObject, Service
    from .state import State

# What concerns every request: going on would only repeat it.
_FOR_ALL = frozenset({"authentication", "permission", "configuration", "closed", "forked", "tls"})
_ATTEMPTS = 8


class Failure(NamedTuple):
    """An object that is not what its file says, and why."""

    name: str
    error: TrilletError


class Applied(NamedTuple):
    """What apply did.

    Attributes:
        done: What became of objects: ``created``, ``changed``, ``deleted``, by name.
        failures: What failed.
    """

    done: dict[str, str]
    failures: list[Failure]


class Applying:
    """One apply."""

    def __init__(
        self,
        service: Service,
        state: State,
        local: Mapping[str, LocalObject],
        plan: Plan,
        project: str,
        *,
        overwrite: bool,
        settle_seconds: float,
        told: Callable[[str], object],
    ) -> None:
        self._service = service
        self._state = state
        self._local = local
        self._plan = plan
        self._project = project
        self._overwrite = overwrite
        self._settle_seconds = settle_seconds
        self._told = told
        self._done: dict[str, str] = {}
        self._failures: dict[str, TrilletError] = {}

    def run(self) -> Applied:
        """Does what the plan says.

        Raises:
            FolderError: A variable is not set; nothing was sent.
            TrilletError: The service fails in a way that concerns every request.
        """
        plan, state = self._plan, self._state
        concerned = [self._local[name] for name in (*plan.creates, *plan.changed)]
        if missing := missing_variables(concerned):
            raise FolderError(missing)
        self._remember_the_same()
        creating = self._create()
        for name in dict.fromkeys((*plan.changed, *creating.unfinished)):
            if name in state.ids or name in plan.matches.remote:
                self._attempt(name, self._changing(self._local[name]))
        # A flow names its agent, and not the other way round.
        for found in sorted(plan.deletes, key=lambda each: each.kind is not FLOWS):
            self._attempt(found.name, self._deleting(found))
        failures = [Failure(name, error) for name, error in self._failures.items()]
        return Applied(self._done, failures)

    def _remember_the_same(self) -> None:
        """What is the same on both sides now, so that later changes have an author."""
        for name, remote in self._plan.matches.remote.items():
            if name in self._local:
                remember(self._state, self._local[name], remote)
                self._state.pending.pop(name, None)
        for name in self._plan.creates:
            # One that was deleted on the service, and is to be made again.
            if name in self._state.ids:
                self._state.forget(name)
        self._state.save()

    def _create(self) -> Creating:
        there = [*self._plan.matches.remote.values(), *self._plan.matches.others]
        creating = Creating(
            self._service, self._state, self._local, there, self._project, self._told
        )
        for kind in CREATED:
            names = [name for name in self._plan.creates if self._local[name].kind is kind]
            creating.create(kind, names, self._settle_seconds, self._fail)
            self._done.update({name: "created" for name in names if name in self._state.ids})
        return creating

    def _fail(self, name: str, error: TrilletError) -> None:
        if error.type in _FOR_ALL:
            raise error
        self._failures[name] = error
        self._told(f"{name}: {error.message}")

    def _attempt(self, name: str, step: Callable[[], None]) -> None:
        """Does a step that may be repeated, for it begins by looking at what is there."""
        for left in range(_ATTEMPTS - 1, -1, -1):
            try:
                step()
            except TrilletError as error:
                if left and is_passing(error):
                    rest_after(error)
                    continue
                self._fail(name, error)
            return

    def _changing(self, wanted: LocalObject) -> Callable[[], None]:
        name, state, service = wanted.name, self._state, self._service

        def step() -> None:
            if wanted.kind is NUMBERS:
                number = self._plan.matches.remote[name]
                is_changed = change_number(
                    service, state, wanted, number, overwrite=self._overwrite
                )
            else:
                is_changed = change_object(service, state, wanted, overwrite=self._overwrite)
            if wanted.files:
                is_changed |= upload(service, state.ids[name], wanted, self._settle_seconds)
            state.save()
            if is_changed:
                self._told(f"{name} is changed")
            self._done.setdefault(name, "changed")

        return step

    def _deleting(self, found: RemoteObject) -> Callable[[], None]:
        def step() -> None:
            delete_object(self._service, found)
            self._state.forget(found.name)
            self._state.save()
            self._done[found.name] = "deleted"
            self._told(f"{found.name} is deleted")

        return step
