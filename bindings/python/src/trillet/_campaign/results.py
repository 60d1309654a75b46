"""What came of an intent: of the request, and then of the call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import telemetry
from .context import note, pause
from .ending import waiting
from .pace import Pace
from .repeating import repeated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._model.errors import TrilletError
    from .context import Context
    from .database import Transaction
    from .intents import Intent
    from .policy import Retry

# With these nobody can be called, whatever the number is.
NOT_ALLOWED = ("authentication", "permission", "configuration", "not_found")
NO_CREDITS = ("insufficient_credits", "insufficient_credit", "payment_required")
# Before the next call, when the service could not be reached, or asked for silence and did
# not say for how long.
UNREACHABLE_SECONDS = 5.0
SILENCE_SECONDS = 30.0


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


@repeated
def accepted(context: Context, intent: Intent, call_id: str | None, answer: object) -> None:
    """The service has taken the call. Without an id the history has to say which it is."""
    if call_id is None:
        unknown(context, intent, "the answer names no call")
        return
    with context.database.write() as transaction:
        changed = transaction.run(
            "UPDATE attempt SET state = 'accepted', sent = 'yes', call_id = ?, answer = ?"
            " WHERE contact = ? AND n = ? AND state IN ('intent', 'unknown')"
            " AND NOT EXISTS (SELECT 1 FROM attempt AS other"
            " WHERE other.account = ? AND other.call_id = ?)",
            call_id,
            json.dumps(answer, ensure_ascii=False, default=str),
            intent.contact,
            intent.n,
            context.account,
            call_id,
        )
        if changed:
            _move(transaction, intent, "in_call")


@repeated
def unknown(context: Context, intent: Intent, reason: str) -> None:
    """The phone may ring. Nobody calls this contact before it is known."""
    with context.database.write() as transaction:
        changed = transaction.run(
            "UPDATE attempt SET state = 'unknown', sent = 'maybe', answer = ?"
            " WHERE contact = ? AND n = ? AND state = 'intent'",
            json.dumps({"error": reason}, ensure_ascii=False),
            intent.contact,
            intent.n,
        )
        if changed:
            _move(transaction, intent, "unknown")
            note(transaction, context.campaign, "unknown", intent.contact, reason=reason)


@repeated
def failed(context: Context, intent: Intent, error: TrilletError) -> None:
    """The request failed. Only what certainly was not sent may be sent again."""
    if error.sent != "no":
        unknown(context, intent, error.message)
        return
    is_final = error.type in ("rejected", "invalid_argument", "conflict")
    has_no_credits = (error.code or "").lower() in NO_CREDITS or error.status == 402
    with context.database.write() as transaction:
        # Also when others have given up this worker: it knows better.
        changed = transaction.run(
            "UPDATE attempt SET state = ?, sent = 'no', answer = ?"
            " WHERE contact = ? AND n = ? AND state IN ('intent', 'unknown')",
            "refused" if is_final and not has_no_credits else "unsent",
            json.dumps({"error": error.message, "type": error.type, "code": error.code}),
            intent.contact,
            intent.n,
        )
        if not changed:
            return
        if is_final and not has_no_credits:
            _move(transaction, intent, "done", "refused")
            note(transaction, context.campaign, "refused", intent.contact, reason=error.message)
            _count_failure(context, transaction, error.message)
            return
        transaction.run(
            "UPDATE contact SET state = ?, attempts = attempts - 1 WHERE id = ?"
            " AND state IN ('dialing', 'unknown', 'held')",
            waiting(context, transaction),
            intent.contact,
        )
        if has_no_credits or error.type in NOT_ALLOWED:
            pause(transaction, context.campaign, error.message)
        elif error.type not in ("cancelled", "closed"):
            _hold(context, transaction, error)


def ended(context: Context, contact: int, n: int, ending: Ending) -> bool:
    """The call is over: what follows for its contact. False if that was known already."""
    if not _end(context, contact, n, ending):
        return False
    telemetry.ended(context, ending.disposition, ending.duration)
    return True


@repeated
def _end(context: Context, contact: int, n: int, ending: Ending) -> bool:
    with context.database.write() as transaction:
        changed = transaction.run(
            "UPDATE attempt SET state = 'ended', sent = 'yes', disposition = ?, duration = ?,"
            " cost = ?, started_at = ?, ended_at = ?"
            " WHERE contact = ? AND n = ? AND state IN ('intent', 'accepted', 'unknown')",
            ending.disposition,
            None if ending.duration is None else round(ending.duration),
            ending.cost,
            None if ending.started_at is None else int(ending.started_at * 1000),
            transaction.now(),
            contact,
            n,
        )
        if not changed:
            return False
        _follow(context, transaction, contact, ending.disposition)
        if ending.disposition == "failed":
            _count_failure(context, transaction, "the last calls all failed")
        else:
            transaction.run("UPDATE campaign SET failures = 0 WHERE id = ?", context.campaign)
    return True


def _follow(context: Context, transaction: Transaction, contact: int, disposition: str) -> None:
    retry: Retry | None = context.policy.retries.get(disposition)
    state, due_at = "done", 0
    if retry is not None:
        counted = transaction.row(
            "SELECT COUNT(*) FROM attempt WHERE contact = ? AND disposition = ?",
            contact,
            disposition,
        )
        times = int(counted[0]) if counted else 0
        found = transaction.row("SELECT attempts FROM contact WHERE id = ?", contact)
        attempts = int(found[0]) if found else 0
        if times < retry.attempts and attempts < context.policy.attempts:
            state = waiting(context, transaction)
            due_at = transaction.now() + retry.gap_seconds * 1000
        else:
            state = "exhausted"
    transaction.run(
        "UPDATE contact SET state = ?, disposition = ?, due_at = ? WHERE id = ?"
        " AND state IN ('dialing', 'in_call', 'unknown', 'held')",
        state,
        disposition,
        due_at,
        contact,
    )


def _move(
    transaction: Transaction, intent: Intent, state: str, disposition: str | None = None
) -> None:
    transaction.run(
        "UPDATE contact SET state = ?, disposition = ? WHERE id = ?"
        " AND state IN ('dialing', 'unknown', 'held')",
        state,
        disposition,
        intent.contact,
    )


def _count_failure(context: Context, transaction: Transaction, reason: str) -> None:
    transaction.run("UPDATE campaign SET failures = failures + 1 WHERE id = ?", context.campaign)
    found = transaction.row("SELECT failures FROM campaign WHERE id = ?", context.campaign)
    failures = int(found[0]) if found else 0
    if failures >= context.policy.failures_in_a_row:
        pause(transaction, context.campaign, f"{failures} failures in a row: {reason}")


def _hold(context: Context, transaction: Transaction, error: TrilletError) -> None:
    if error.retry_after_ms is not None:
        seconds = error.retry_after_ms / 1000
    else:
        seconds = SILENCE_SECONDS if error.type == "rate_limited" else UNREACHABLE_SECONDS
    Pace(transaction, context.account, context.database.locking).hold(seconds)
