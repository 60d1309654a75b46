"""An update as a whole document, for routes that replace what they are sent."""

from __future__ import annotations

from .._model.errors import ResponseError, TrilletError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# The path field of each operation that can merge.
IDS = {"agents.update": "agentId", "flows.update": "flowId"}

# What only the service sets: in an update it is an error.
_READ_ONLY = frozenset(
    ("_id", "workspaceId", "createdAt", "updatedAt", "status", "activeSessions", "__v")
)
# An update adds to what is there.
_ADDED_TO = frozenset(("webhooks",))
# Answers may have an object with the id where requests have the id alone.
_LINKS = frozenset(("agent", "phoneNumberIds"))


# What the library says where an update stopped at the missing route: under routes "auto" alone.
_STOPPED = 'which routes "auto" does not take'


def needs_published_route(error: TrilletError) -> bool:
    """Whether nothing was done because the service has only the route that replaces."""
    return error.sent == "no" and error.status in (404, 405) and _STOPPED in str(error)


def whole(
    operation: str, current: Any, document_id: object, changes: Mapping[str, object]
) -> dict[str, object]:
    """The document after the changes, as a request may send it.

    Raises:
        ResponseError: It is another one, or none: it would take the place of the one that is there.
    """
    if not isinstance(current, dict) or current.get("_id") != document_id:
        raise ResponseError(
            f"the service did not answer with the document {document_id!r} (its _id), which the "
            "changes were to be merged into; nothing was changed",
            sent="no",
            meta={"operation": operation, "attempts": 1},
        )
    kept = {
        name: _linked(value) if name in _LINKS else value
        for name, value in current.items()
        if name not in _READ_ONLY and name not in _ADDED_TO
    }
    return _merged(kept, changes)


def _merged(current: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Objects are merged key by key; everything else is replaced."""
    result = dict(current)
    for name, value in changes.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = _merged(before, value)
        else:
            result[name] = value
    return result


def _linked(value: object) -> object:
    if isinstance(value, list):
        return [_linked(each) for each in value]
    return value["_id"] if isinstance(value, dict) and "_id" in value else value
