"""What a record of the call history says, however it spells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._model.call_id import call_id
from .._model.call_outcome import outcome_of
from .endings import Ending

if TYPE_CHECKING:
    from collections.abc import Mapping

VOICEMAIL = "voicemail"


def phone_of(record: Mapping[str, Any]) -> str | None:
    found = record.get("toPhoneNumber")
    return found if isinstance(found, str) else None


def call_id_of(record: Mapping[str, Any]) -> str | None:
    # A look at the history asks this of thousands, nearly all of which have it here.
    found = record.get("callId")
    return found if isinstance(found, str) and found else call_id(record)


def started_at_of(record: Mapping[str, Any]) -> float | None:
    """Unix seconds."""
    for name in ("startTime", "timestamp"):
        found = record.get(name)
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            return float(found)
    return None


def ending_of(record: Mapping[str, Any]) -> Ending | None:
    """How the call has ended; None while it has not."""
    disposition = _disposition_of(record)
    if disposition is None:
        return None
    cost = record.get("cost")
    if isinstance(cost, dict):
        cost = cost.get("customer_charge")
    return Ending(
        disposition,
        duration=_number(record.get("duration")),
        cost=_number(cost),
        started_at=started_at_of(record),
        record=record,
    )


def _disposition_of(record: Mapping[str, Any]) -> str | None:
    if record.get("status") == VOICEMAIL:
        return VOICEMAIL
    outcome = outcome_of(record)
    analysis = record.get("analyzedData")
    is_machine = isinstance(analysis, dict) and analysis.get("answered_by_voicemail") is True
    return VOICEMAIL if outcome is not None and is_machine else outcome


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)
