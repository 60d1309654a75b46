"""How calls have ended, and what follows for those who were called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import telemetry
from .context import pause
from .ending import waiting
from .repeating import repeated
from .tally import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .context import Context
    from .database import Row, Statement, Transaction

_END = (
    "UPDATE attempt SET state = 'ended', sent = 'yes', disposition = ?, duration = ?,"
    " cost = ?, started_at = ?, ended_at = ?"
    f" WHERE contact = ? AND n = ? AND state IN {OPEN}"
)
_TRIED = (
    "SELECT attempts, (SELECT COUNT(*) FROM attempt WHERE attempt.contact = contact.id"
    " AND attempt.disposition = ?) FROM contact WHERE id = ?"
)
_FOLLOW = (
    "UPDATE contact SET state = ?, disposition = ?, due_at = ? WHERE id = ?"
    " AND state IN ('dialing', 'in_call', 'unknown', 'held')"
)


@dataclass(frozen=True)
class Ending:
    """How a call has ended.

    Attributes:
        disposition: ``"completed"``, ``"no_answer"``, ``"busy"``, ``"voicemail"``, ``"failed"`` or
            what the service calls it.
        duration: Seconds.
    """

    disposition: str
    duration: float | None = None
    cost: float | None = None
    started_at: float | None = None
    record: Mapping[str, Any] | None = None


#: The contact, the number of its attempt, and how that has ended.
Ended = tuple[int, int, Ending]


def ended(context: Context, calls: Iterable[Ended]) -> int:
    """These calls are over: what follows for their contacts. How many were not known to be."""
    # In the order in which others lock them. See docs/decisions.md, order-of-locks.
    listed = sorted(calls, key=lambda each: each[:2])
    fresh = _end(context, listed) if listed else []
    for _, _, ending in fresh:
        telemetry.ended(context, ending.disposition, ending.duration)
    return len(fresh)


@repeated
def _end(context: Context, calls: Sequence[Ended]) -> list[Ended]:
    with context.database.write() as transaction:
        now = transaction.now()
        changed = transaction.run_all([_change(each, now) for each in calls])
        fresh = [each for each, count in zip(calls, changed) if count]
        if fresh:
            _follow(context, transaction, fresh, now)
            failed = [ending.disposition == "failed" for _, _, ending in fresh]
            count_failures(context, transaction, failed, "the last calls all failed")
    return fresh


def _change(call: Ended, now: int) -> Statement:
    contact, n, ending = call
    values = (
        ending.disposition,
        None if ending.duration is None else round(ending.duration),
        ending.cost,
        None if ending.started_at is None else int(ending.started_at * 1000),
        now,
        contact,
        n,
    )
    return _END, values


def _follow(context: Context, transaction: Transaction, calls: Sequence[Ended], now: int) -> None:
    again = [each for each in calls if each[2].disposition in context.policy.retries]
    tried: dict[int, Row] = {}
    if again:
        found = transaction.rows_of([(_TRIED, (each[2].disposition, each[0])) for each in again])
        tried = {each[0]: rows[0] for each, rows in zip(again, found) if rows}
    state_of_who_waits = waiting(context, transaction) if again else ""
    for contact, _, ending in calls:
        state, due_at = "done", 0
        retry = context.policy.retries.get(ending.disposition)
        if retry is not None:
            attempts, times = map(int, tried.get(contact, (0, 0)))
            state = "exhausted"
            if times < retry.attempts and attempts < context.policy.attempts:
                state, due_at = state_of_who_waits, now + retry.gap_seconds * 1000
        transaction.later(_FOLLOW, state, ending.disposition, due_at, contact)


def count_failures(
    context: Context, transaction: Transaction, failed: Sequence[bool], reason: str
) -> None:
    """Whether calls failed, one after the other: after too many in a row the campaign pauses."""
    if not any(failed):
        # A row that nobody changes keeps nobody waiting.
        transaction.later(
            "UPDATE campaign SET failures = 0 WHERE id = ? AND failures <> 0", context.campaign
        )
        return
    found = transaction.row(
        "SELECT failures FROM campaign WHERE id = ?" + context.database.locking, context.campaign
    )
    failures = most = int(found[0]) if found else 0
    for each in failed:
        failures = failures + 1 if each else 0
        most = max(most, failures)
    transaction.later("UPDATE campaign SET failures = ? WHERE id = ?", failures, context.campaign)
    if most >= context.policy.failures_in_a_row:
        pause(transaction, context.campaign, f"{most} failures in a row: {reason}")
