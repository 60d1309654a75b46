"""What a client has done so far, as `Trillet.stats` tells it."""

from __future__ import annotations

from typing import TypedDict


class Latency(TypedDict):
    """From the call to its answer, waits included, in milliseconds; exact to 1/32."""

    p50: float
    p90: float
    p99: float
    max: float
    mean: float


class OperationStats(TypedDict):
    """The calls of one operation: ``errors`` has a count for each type of error."""

    calls: int
    ok: int
    errors: dict[str, int]
    retries: int
    latencyMs: Latency


class Wait(TypedDict):
    """How often there was a wait, and the milliseconds of all of them."""

    count: int
    ms: float


class Waits(TypedDict):
    """``backoff`` before another attempt, and ``turn`` where a limit held requests back."""

    backoff: Wait
    turn: Wait


class Connections(TypedDict):
    """How many were opened, and how many requests used one that was open."""

    opened: int
    reused: int


class Bytes(TypedDict):
    """Bytes of requests and of answers."""

    sent: int
    received: int


class Queue(TypedDict):
    """Requests under way, waiting for their turn, ended but not yet fetched, and turned away."""

    inFlight: int
    queued: int
    completed: int
    rejected: int


class Log(TypedDict):
    """How many lines the log had to drop."""

    dropped: int


class Stats(TypedDict):
    """The counts of a client. ``operations`` has those that were called, by their names."""

    uptimeMs: float
    total: OperationStats
    operations: dict[str, OperationStats]
    waits: Waits
    connections: Connections
    bytes: Bytes
    queue: Queue
    log: Log
