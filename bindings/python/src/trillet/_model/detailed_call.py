"""A call of a batch with what the history knows of it."""

from __future__ import annotations

from typing import TypedDict

from ..types import BatchCall


class CallDetails(TypedDict):
    """What became of a call of a batch, as its record in the history has it."""

    # The id of the record, for `calls.get` and `calls.recording`.
    callHistoryId: str | None

    callId: str | None

    # The status of the record, such as "completed" or "no-answer"; the list is not published.
    outcome: str | None

    summary: str | None

    # What was said, a line for each utterance: "user: Monday is fine."
    transcript: str | None

    # In the account's currency.
    cost: float | None

    # Where the recording is, if there is one.
    recordingUrl: str | None


class DetailedCall(BatchCall, total=False):
    """A call of a batch, from `results`."""

    # With `details=True`; None where the history has no record that fits, or not yet.
    details: CallDetails | None
