"""Creates what a workspace does not have, each object once.

Before a create is sent the state says so. A create of which nobody knows whether it was carried out
is looked for, once it can no longer be carried out, by the marker that it had and by its name.
docs/decisions.md, create-once.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Callable

from .._model.errors import ConflictError, ResponseError, TrilletError
from .forms import with_marker
from .matching import marker_of
from .references import names_in, with_ids
from .remembering import remember
from .service import RemoteObject, fill_fields, is_passing, remote_object, rest_after
from .state import Pending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .folder import LocalObject
    from .kinds import Fields, Kind
    from .service import Service
    from .state import State

_ROUNDS = 10
# A service that cannot even be reached so often in a row is down.
_DOWN = 4

Failed = Callable[[str, TrilletError], None]


class Creating:
    """The creates of one apply.

    Attributes:
        unfinished: What was created without a part that named something not there yet, or is
            perhaps not as its file says.
    """

    def __init__(
        self,
        service: Service,
        state: State,
        local: Mapping[str, LocalObject],
        there: Iterable[RemoteObject],
        project: str,
        told: Callable[[str], object],
    ) -> None:
        self._service = service
        self._state = state
        self._local = local
        self._project = project
        self._told = told
        self._called: dict[tuple[str, str], list[str]] = defaultdict(list)
        for each in there:
            self._called[each.kind.folder, each.title].append(each.id)
        self.unfinished: list[str] = []

    def create(self, kind: Kind, names: list[str], settle_seconds: float, failed: Failed) -> None:
        """Creates objects of one kind; what cannot be created is handed to `failed`."""
        left = self._not_there(kind, names, settle_seconds, failed)
        last: TrilletError | None = None
        for number in range(_ROUNDS):
            if not left:
                return
            if number:
                rest_after(last)
            last = self._send_all(left, failed)
            left = self._not_there(kind, left, settle_seconds, failed)
        for name in left:
            failed(name, last or ConflictError("it could not be created", sent="no"))

    def _send_all(self, left: list[str], failed: Failed) -> TrilletError | None:
        """Sends a create for each; one that surely was not carried out stays in `left`."""
        last: TrilletError | None = None
        unreached = 0
        for name in list(left):
            try:
                self._send(self._local[name])
                unreached = 0
            except TrilletError as error:
                last = error
                unreached = (
                    unreached + 1 if error.sent == "no" and error.type == "connection" else 0
                )
                if unreached == _DOWN:
                    raise
                if not is_passing(error):
                    left.remove(name)
                    failed(name, error)
        return last

    def _send(self, wanted: LocalObject) -> None:
        state, name = self._state, wanted.name
        request = self._request(wanted)
        before = list(self._called[wanted.kind.folder, wanted.title])
        state.pending[name] = Pending(wanted.title, before, time.time())
        state.save()
        try:
            answer = self._service.client.call(f"{wanted.kind.resource}.create", request).data
            if not isinstance(answer, dict) or not isinstance(answer.get("_id"), str):
                raise ResponseError("the answer to a create has no _id", sent="maybe")
        except TrilletError as error:
            # Refused, or never sent: there is nothing to look for.
            if error.sent == "no":
                del state.pending[name]
                state.save()
            raise
        self._adopt(wanted, remote_object(wanted.kind, answer), is_ours=True)
        self._told(f"{name} is created")

    def _request(self, wanted: LocalObject) -> Fields:
        """What is sent: without what names an object that is not there yet."""
        request = {}
        for member, value in wanted.fields.items():
            if all(name in self._state.ids for name in names_in(value)):
                if value is not None:
                    request[member] = with_ids(value, self._state.ids)
            elif wanted.name not in self.unfinished:
                self.unfinished.append(wanted.name)
        if wanted.files and wanted.name not in self.unfinished:
            self.unfinished.append(wanted.name)
        return with_marker(wanted.kind, request, marker_of(self._project, wanted.name))

    def _adopt(self, wanted: LocalObject, found: RemoteObject, *, is_ours: bool) -> None:
        state, name = self._state, wanted.name
        state.ids[name] = found.id
        self._called[wanted.kind.folder, wanted.title].append(found.id)
        fill_fields([found], state.ids)
        if is_ours and name not in self.unfinished:
            remember(state, wanted, found, None)
        elif name not in self.unfinished:
            self.unfinished.append(name)
        state.pending.pop(name, None)
        state.save()

    # MARK: Creates of which nobody knows

    def _not_there(
        self, kind: Kind, names: list[str], settle_seconds: float, failed: Failed
    ) -> list[str]:
        """What is still to be created, once those were looked for."""
        undecided = self._find_pending(kind, names, settle_seconds)
        for name, error in undecided.items():
            failed(name, error)
        return [name for name in names if name not in self._state.ids and name not in undecided]

    def _find_pending(
        self, kind: Kind, left: list[str], settle_seconds: float
    ) -> dict[str, TrilletError]:
        """Looks for those; what cannot be decided is returned."""
        state = self._state
        names = [name for name in left if name in state.pending]
        if not names:
            return {}
        self._settle([state.pending[name] for name in names], settle_seconds)
        self._told(f"looking for {len(names)} {kind.title}s that may have been created")
        known = set(state.ids.values())
        for name in names:
            known.update(state.pending[name].before)
        titles = {state.pending[name].name for name in names}
        there = [
            each
            for each in self._service.summaries(kind)
            if each.get("name") in titles and each["_id"] not in known
        ]
        found = self._service.detailed(kind, there)
        undecided: dict[str, TrilletError] = {}
        for name in names:
            try:
                self._decide(name, names, found)
            except ConflictError as error:
                undecided[name] = error
        state.save()
        return undecided

    def _decide(self, name: str, names: list[str], found: list[RemoteObject]) -> None:
        state, wanted = self._state, self._local[name]
        called = state.pending[name].name
        ours = [each for each in found if each.marker == marker_of(self._project, name)]
        if not ours:
            # A service that keeps no marker; then the name has to do.
            ours = [each for each in found if each.marker is None and each.title == called]
            pending = [state.pending[each].name for each in names if each in state.pending]
            if ours and pending.count(called) > 1:
                raise _undecided(wanted, ours)
        if len(ours) > 1:
            raise _undecided(wanted, ours)
        if ours:
            self._adopt(wanted, ours[0], is_ours=False)
            self._told(f"{name} was created")
        else:
            del state.pending[name]

    @staticmethod
    def _settle(pending: Iterable[Pending], settle_seconds: float) -> None:
        """Waits until none of them can be carried out any more."""
        ends = max(each.at for each in pending) + settle_seconds
        # A clock that was set back must not make anybody wait for ever.
        time.sleep(min(max(ends - time.time(), 0), settle_seconds))


def _undecided(wanted: LocalObject, found: list[RemoteObject]) -> ConflictError:
    ids = ", ".join(each.id for each in found)
    return ConflictError(
        f"the answer to a create was lost, and the workspace has {len(found)} {wanted.kind.title}s "
        f"that it may have made ({ids}). Delete those that should not be there in the dashboard, "
        "then apply again",
        sent="no",
    )
