"""What came of the request for a call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .context import note, pause
from .ending import waiting
from .endings import count_failures
from .pace import Pace
from .repeating import repeated

if TYPE_CHECKING:
    from .._model.errors import TrilletError
    from .context import Context
    from .database import Transaction
    from .intents import Intent

# With these nobody can be called, whatever the number is.
NOT_ALLOWED = ("authentication", "permission", "configuration", "not_found")
NO_CREDITS = ("insufficient_credits", "insufficient_credit", "payment_required")
# The agent has no phone number, or no active flow.
NOT_CONFIGURED = "invalid configuration"
# Before the next call, when the service could not be reached, or asked for silence and did
# not say for how long.
UNREACHABLE_SECONDS = 5.0
SILENCE_SECONDS = 30.0


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
            # In ASCII: an answer may have half of a surrogate pair, which no database takes.
            json.dumps(answer, default=str),
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
    is_final = is_final and not concerns_everybody(error)
    with context.database.write() as transaction:
        # Also when others have given up this worker: it knows better.
        changed = transaction.run(
            "UPDATE attempt SET state = ?, sent = 'no', answer = ?"
            " WHERE contact = ? AND n = ? AND state IN ('intent', 'unknown')",
            "refused" if is_final else "unsent",
            json.dumps({"error": error.message, "type": error.type, "code": error.code}),
            intent.contact,
            intent.n,
        )
        if not changed:
            return
        if is_final:
            _move(transaction, intent, "done", "refused")
            note(transaction, context.campaign, "refused", intent.contact, reason=_reason(error))
            count_failures(context, transaction, [True], _reason(error))
            return
        transaction.later(
            "UPDATE contact SET state = ?, attempts = attempts - 1 WHERE id = ?"
            " AND state IN ('dialing', 'unknown', 'held')",
            waiting(context, transaction),
            intent.contact,
        )
        if concerns_everybody(error):
            pause(transaction, context.campaign, _reason(error))
        elif error.type not in ("cancelled", "closed") and error.meta.get("attempts") != 0:
            # A worker that was stopped, and was too late to try, knows nothing of the service.
            _hold(context, transaction, error)


def concerns_everybody(error: TrilletError) -> bool:
    """Whether no contact can be called before somebody mends the account or the agent."""
    return (
        error.type in NOT_ALLOWED
        or (error.code or "").lower() in NO_CREDITS
        or error.status == 402
        or (error.status == 400 and error.message.strip().lower() == NOT_CONFIGURED)
    )


def _reason(error: TrilletError) -> str:
    return f"{error.message}: {error.details}" if error.details else error.message


def _move(
    transaction: Transaction, intent: Intent, state: str, disposition: str | None = None
) -> None:
    transaction.later(
        "UPDATE contact SET state = ?, disposition = ? WHERE id = ?"
        " AND state IN ('dialing', 'unknown', 'held')",
        state,
        disposition,
        intent.contact,
    )


def _hold(context: Context, transaction: Transaction, error: TrilletError) -> None:
    if error.retry_after_ms is not None:
        seconds = error.retry_after_ms / 1000
    else:
        seconds = SILENCE_SECONDS if error.type == "rate_limited" else UNREACHABLE_SECONDS
    Pace.read(transaction, context.account, context.database.locking).hold(seconds)
