"""What the history knows of the calls of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call_id import call_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .detailed_call import CallDetails, DetailedCall

# How far the beginning of a call and that of its record may be apart: clocks, ringing.
_APART_SECONDS = 120


class RecordedCalls:
    """Records of the history, each of which belongs to one call of the batch."""

    def __init__(self) -> None:
        self._by_number: dict[object, list[Mapping[str, Any]]] = {}

    def add(self, record: Mapping[str, Any]) -> None:
        self._by_number.setdefault(record.get("toPhoneNumber"), []).append(record)

    def joined(self, call: DetailedCall) -> DetailedCall:
        """The call with its details. A list of calls has no ids: number and time say which it is.

        A transcript at another person's call would be worse than none, so a record that began at
        another time is not taken.
        """
        return {**call, "details": self._details(call)}

    def _details(self, call: Mapping[str, Any]) -> CallDetails | None:
        began: Any = call.get("startTime")
        if not _is_number(began):
            return None  # It was never dialled.
        records = self._by_number.get(call.get("phone_number"), [])
        near = [
            (abs(record["timestamp"] - began / 1000), place)
            for place, record in enumerate(records)
            if _is_number(record.get("timestamp"))
        ]
        if not near or min(near)[0] > _APART_SECONDS:
            return None
        return _details_of(records.pop(min(near)[1]))


def _details_of(record: Mapping[str, Any]) -> CallDetails:
    cost = record.get("cost")
    if isinstance(cost, dict):
        cost = cost.get("customer_charge")
    return {
        "callHistoryId": _text(record.get("_id")),
        "callId": call_id(record),
        "outcome": _text(record.get("status")),
        "summary": _text(record.get("summary")),
        "transcript": _transcript(record.get("transcript")),
        "cost": cost if _is_number(cost) else None,
        "recordingUrl": _text(record.get("recordingUrl")),
    }


def _transcript(said: object) -> str | None:
    if isinstance(said, str):
        return said
    if not isinstance(said, list):
        return None
    lines = (line for line in said if isinstance(line, dict))
    return "\n".join(f"{line.get('role', '')}: {line.get('content', '')}" for line in lines)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
