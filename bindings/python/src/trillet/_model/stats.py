"""What a client has done so far, as `Trillet.stats` returns it."""

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
    """The number of waits, and their total in milliseconds."""

    count: int
    ms: float


class Waits(TypedDict):
    """``backoff`` before another attempt, and ``turn`` for requests that a limit held back."""

    backoff: Wait
    turn: Wait


class Connections(TypedDict):
    """How many connections were opened, and how many requests reused one."""

    opened: int
    reused: int


class Bytes(TypedDict):
    """Bytes of requests and of answers."""

    sent: int
    received: int


class Queue(TypedDict):
    """Requests in flight, waiting for their turn, ended but not yet fetched, and refused."""

    inFlight: int
    queued: int
    completed: int
    rejected: int


class Log(TypedDict):
    """How many lines the log dropped."""

    dropped: int


class Stats(TypedDict):
    """The counts of a client. ``operations`` has the called operations by name."""

    uptimeMs: float
    total: OperationStats
    operations: dict[str, OperationStats]
    waits: Waits
    connections: Connections
    bytes: Bytes
    queue: Queue
    log: Log
