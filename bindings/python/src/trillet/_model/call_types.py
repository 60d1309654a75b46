"""Reports about followed calls, with the library's own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from .. import types


class CallState(TypedDict):
    """How a call stands."""

    # "not_listed", "ringing", "talking", "ended", "lost" or "ambiguous".
    state: str

    callId: str | None

    # Of a call that has ended: "completed", "failed", "busy", "no_answer", "cancelled", or the
    # service's own word.
    outcome: str | None

    # "callId", "roomName" or "agentNumberTime".
    matchedBy: str | None


class CallChange(CallState):
    """A call whose state has changed."""

    # Its place in the list that was given.
    index: int


class CallProgressUpdate(TypedDict):
    """What a ``progress`` function receives after each poll."""

    # Of one call its state, of a list "running" or "ended"; "unreachable": the last look failed.
    state: str

    # The calls whose state has changed since the last report.
    changes: list[CallChange]

    # Since the wait began.
    elapsedMs: int

    # How many looks failed, and how many there were.
    faults: int
    looks: int

    nextLookMs: int


class CallEnd(CallState):
    """What became of a call."""

    # What the service has written down of it; None if it has nothing.
    record: types.CallSummary | None

    elapsedMs: int
    faults: int
    looks: int

    # "calls" or "progress" (which asked to stop).
    endedBy: str


class ListedCall(CallChange):
    """What became of a call of a list."""

    record: types.CallSummary | None


class CallsEnd(TypedDict):
    """What became of the calls of a list."""

    # "ended", or "running" if `progress` asked to stop.
    state: str

    # How many calls there are, and how many of them are in each state.
    total: int
    not_listed: int
    ringing: int
    talking: int
    ended: int
    lost: int
    ambiguous: int

    elapsedMs: int
    faults: int
    looks: int

    # In the order in which they were given.
    calls: list[ListedCall]

    # "calls" or "progress".
    endedBy: str


class CallFound(CallState):
    """Whether there was a call."""

    # "yes", "no" or "unknown".
    found: str

    # Why it is not known: "ambiguous", "uncovered" or "unreadable".
    reason: str | None

    record: types.CallSummary | None

    elapsedMs: int
    faults: int
    looks: int
