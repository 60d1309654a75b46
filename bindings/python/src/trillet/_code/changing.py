"""Changes what is there: always by what it is now, so that a step may be repeated."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .._core.merging import whole
from .._model.errors import ConflictError, TrilletError
from .comparing import WEBHOOKS, Difference, added_webhooks, compared
from .forms import with_marker
from .kinds import AGENTS, FLOWS, Fields
from .leaves import leaves_of, put
from .planning import missing_files
from .references import with_ids
from .remembering import remember
from .secret_fields import has_secret, telling
from .service import ONCE, RemoteObject, fill_fields, remote_object

if TYPE_CHECKING:
    from .folder import LocalObject
    from .service import Service
    from .state import State


def change_object(service: Service, state: State, wanted: LocalObject, *, overwrite: bool) -> bool:
    """Makes an object what its file says; returns whether that took a request."""
    own = state.ids[wanted.name]
    now = service.still(wanted.kind, own, wanted.name)
    fill_fields([now], state.ids)
    taken = _to_change(state, wanted, now, overwrite)
    if not taken:
        remember(state, wanted, now)
        return False
    changes = with_known_ids(wanted, _changes(wanted, now, taken), state)
    operation = f"{wanted.kind.resource}.update"
    if wanted.kind in (AGENTS, FLOWS):
        changes = whole(operation, now.document, own, changes)
    answer = service.update(operation, {wanted.kind.id_field: own, **changes})
    is_whole = isinstance(answer, dict) and answer.get("_id") == own
    after = remote_object(wanted.kind, answer) if is_whole else service.one(wanted.kind, own)
    if after is not None:
        fill_fields([after], state.ids)
        remember(state, wanted, after, {each.path for each in taken})
    return True


def _to_change(
    state: State, wanted: LocalObject, now: RemoteObject, overwrite: bool
) -> list[Difference]:
    base = state.bases.get(wanted.name)
    return compared(wanted.kind, wanted.fields, now.fields, base, state.sums).taken(overwrite)


def _changes(wanted: LocalObject, now: RemoteObject, taken: list[Difference]) -> Fields:
    """The members to send, with what merging cannot keep."""
    changes: Fields = {}
    # The service may show a secret in another form, which must not become the secret.
    for path, value in leaves_of(wanted.fields).items():
        if path != WEBHOOKS and has_secret(value, telling(path)):
            put(changes, path, value)
    for each in taken:
        is_hooks = wanted.kind is FLOWS and each.path == WEBHOOKS
        put(changes, each.path, added_webhooks(each) if is_hooks else each.here)
    if "description" in changes and now.marker is not None:
        changes = with_marker(wanted.kind, changes, now.marker)
    if "dynamicVariableCollections" in changes:
        changes["dynamicVariableCollections"] = _with_own_ids(changes, now.document)
    return changes


def _with_own_ids(changes: Fields, document: Fields) -> Any:
    """Collections with the ids that those of the same name have."""
    there = document.get("dynamicVariableCollections")
    ids = {
        each.get("name"): each["id"]
        for each in (there if isinstance(there, list) else [])
        if isinstance(each, dict) and "id" in each
    }
    return [
        {"id": ids[each["name"]], **each}
        if isinstance(each, dict) and each.get("name") in ids
        else each
        for each in changes["dynamicVariableCollections"] or []
    ]


def with_known_ids(wanted: LocalObject, changes: Fields, state: State) -> Fields:
    """A request with ids in place of names.

    Raises:
        ConflictError: An object that it names is not there.
    """
    try:
        answer: Fields = with_ids(changes, state.ids)
    except KeyError as error:
        raise ConflictError(
            f"{wanted.name} names {error.args[0]}, which is not there yet", sent="no"
        ) from None
    return answer


# MARK: Files of knowledge bases


def upload(service: Service, own: str, wanted: LocalObject, settle_seconds: float) -> bool:
    """Uploads the files that a knowledge base does not have. Whether there were any."""
    now = service.still(wanted.kind, own, wanted.name)
    missing = [each for each in missing_files(wanted, now) if wanted.beside(each).is_file()]
    for name in missing:
        try:
            file = wanted.beside(name)
            service.client.knowledge_bases.upload(own, file=file, options=ONCE)
        except TrilletError as error:
            if error.sent != "no":
                # It may still arrive; the next look then finds it.
                time.sleep(settle_seconds)
            raise
    return bool(missing)


# MARK: Numbers


def change_number(
    service: Service, state: State, wanted: LocalObject, remote: RemoteObject, *, overwrite: bool
) -> bool:
    """Gives a number the settings and the agent of its file. Whether that took a request."""
    now = service.number(remote)
    fill_fields([now], state.ids)
    taken = _to_change(state, wanted, now, overwrite)
    if not taken:
        remember(state, wanted, now)
        return False
    paths = {each.path for each in taken}
    fields = with_known_ids(wanted, wanted.fields, state)
    bound, agent = now.document.get("agent"), fields.pop("agent", None)
    if ("agent",) in paths and bound and bound != agent:
        # The service gives no number to an agent while another one has it.
        service.client.numbers.unbind(str(bound), remote.id, options=ONCE)
    settings = {name: value for name, value in fields.items() if value is not None}
    if ("agent",) in paths and agent is not None:
        settings["agentId"] = agent
    if settings:
        request = {"phoneNumberId": remote.id, **settings}
        service.client.call("numbers.update_config", request, options=ONCE)
    after = service.number(remote)
    fill_fields([after], state.ids)
    remember(state, wanted, after, paths)
    return True
