"""Reports about a followed batch, with the library's own names."""

from __future__ import annotations

from typing import TypedDict


class BatchUpdate(TypedDict):
    """The state of a batch at one poll."""

    batchId: str

    # "scheduled", "queued", "running", "stuck", "completed", "cancelled", "failed" or
    # "unreachable": the last look failed, and the counts are of the one before.
    state: str

    # The service's own word for it.
    status: str | None

    # Whether the service calls it complete; calls that were active may still be running.
    isComplete: bool

    # The counts are None before the first look that succeeded.
    waiting: int | None
    active: int | None
    completed: int | None
    failed: int | None
    total: int | None

    # Since the wait began.
    elapsedMs: int

    # How many looks failed.
    faults: int


class BatchProgressUpdate(BatchUpdate):
    """What a ``progress`` function receives after each poll."""

    nextLookMs: int


class ResultsUpdate(BatchProgressUpdate):
    """What a ``progress`` function of results receives after each page."""

    # How many calls this run has written, and how many are in the file.
    written: int
    inFile: int


class BatchEnd(BatchUpdate):
    """The final state of a batch."""

    # "batch", "progress" (which asked to stop) or "stuck".
    endedBy: str

    # How often the service was asked.
    looks: int

    # Unix milliseconds, if the service reports them.
    startTime: float | None
    completedTime: float | None
    durationMs: int | None

    # Seconds.
    averageCallDuration: float | None


class ResultsEnd(TypedDict):
    """A summary of the written results."""

    file: str

    # "csv" or "jsonl".
    format: str

    # How many calls this run has written, and how many are in the file.
    written: int
    inFile: int

    # How many calls the batch has.
    total: int

    # Whether every call of the batch that was asked for is in the file.
    isComplete: bool

    batch: BatchEnd
