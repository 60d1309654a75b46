"""How a call has ended, by its record in the history."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# The list of states is not published; these are seen or documented.
_OUTCOMES = {
    "completed": "completed",
    "success": "completed",
    "successful": "completed",
    "failed": "failed",
    "error": "failed",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}


def outcome_of(record: Mapping[str, Any]) -> str | None:
    """``"completed"``, ``"failed"``, ``"busy"``, ``"no_answer"`` or ``"cancelled"``; None while the
    call has not ended."""
    status = record.get("status")
    state = status.lower().replace("_", "-") if isinstance(status, str) else ""
    if state == "ended":
        # Says only that nobody talks any more; how it went stands beside it.
        has_failed = record.get("error") or record.get("outcome") == "failed"
        return "failed" if has_failed else "completed"
    return _OUTCOMES.get(state)
