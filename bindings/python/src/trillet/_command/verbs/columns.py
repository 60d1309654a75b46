"""The columns of a list, the most telling first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .described import Operation

# The rest follows from the description.
_CHOSEN = {
    "agents.list": ("_id", "name", "status", "llmModel", "pathway", "updatedAt"),
    "flows.list": ("_id", "name", "direction", "isActive", "agent", "updatedAt"),
    "calls.history": (
        "_id",
        "status",
        "toPhoneNumber",
        "fromPhoneNumber",
        "direction",
        "duration",
        "timestamp",
        "agent",
        "cost",
        "callId",
    ),
    "numbers.list": (
        "_id",
        "phoneNumber",
        "country",
        "type",
        "status",
        "pathwayId",
        "monthlyPrice",
    ),
    "message_flows.list": ("_id", "name", "messageChannel", "direction", "autopilot", "agent"),
}
_OF_NO_INTEREST = frozenset(("workspaceId", "userId"))


def columns_of(operation: Operation) -> tuple[str, ...]:
    """Of an operation that lists; none for others."""
    chosen = _CHOSEN.get(operation.id)
    if chosen is not None:
        return chosen
    return tuple(name for name in operation.columns if name not in _OF_NO_INTEREST)
