"""An update as a whole document, for routes that replace what they are sent."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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


def whole(current: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """The document after the changes, as a request may send it."""
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
