"""The decision to call, on the disk before anything is sent, and never taken back."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from .._model.errors import ConfigurationError
from .context import pause
from .facts import facts
from .pace import Pace
from .policy import DAY
from .repeating import repeated
from .sharing import LOOK_SECONDS, Share
from .suppressing import suppressed
from .tally import OPEN_STATES, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .context import Context
    from .database import Row, Transaction
    from .facts import Facts

NOT_PLACED = ("unsent", "refused")
# Between two looks whether one of the account's calls has ended.
SLOT_SECONDS = 0.5


@dataclass(frozen=True)
class Intent:
    """A call that may be placed by whoever has this, once, and at once."""

    contact: int
    n: int
    phone: str
    token: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class Wait:
    """Not yet."""

    seconds: float
    reason: str


@dataclass(frozen=True)
class Passed:
    """Not this contact, now."""

    reason: str


@dataclass(frozen=True)
class Stopped:
    """No contact of this campaign."""

    reason: str


Decision = Union[Intent, Wait, Passed, Stopped]


@dataclass(frozen=True)
class _Contact:
    id: int
    phone: str
    time_zone: str | None
    variables: str
    attempts: int


@repeated
def decide(context: Context, contact: int) -> Decision:
    """Whether a leased contact is called now. If it is, that is on the disk when this returns."""
    with context.database.write() as transaction:
        # Until the end of this, nobody else of the account decides.
        known = facts(context, transaction, contact)
        now = transaction.now()
        if known.campaign is None:
            return Stopped("the campaign is gone")
        stopped = _stopped(context, transaction, known.campaign, known.spent, now)
        if stopped is not None:
            return Stopped(stopped)
        pace = Pace(transaction, context.account, known.pace)
        if known.contact is None or known.contact[-1] * 1000 <= pace.now:
            return Passed("the lease has ended")
        leased = _Contact(*known.contact[:-1])
        reason = _unfit(context, transaction, leased, known, now)
        if reason is not None:
            return Passed(reason)
        share = Share(context, transaction, pace, known.campaign[2:], known.others)
        if pace.wait > 0:
            return Wait(pace.wait, "held by the service" if pace.held else "calls_per_minute")
        if known.under_way >= pace.concurrency:
            return Wait(SLOT_SECONDS, "calls_at_once")
        if not share.is_mine:
            return Wait(LOOK_SECONDS, "the turn of another campaign")
        pace.take()
        share.take()
        return _intend(context, transaction, leased, known.last + 1, now)


def _stopped(
    context: Context, transaction: Transaction, campaign: Row, spent: Sequence[Row], now: int
) -> str | None:
    policy = context.policy
    state, reason = campaign[:2]
    if state != "running":
        return f"{state}: {reason}" if reason else str(state)
    if policy.expires_at is not None and now >= policy.expires_at * 1000:
        return "expired"
    overspent = _overspent(context, spent)
    if overspent is not None:
        pause(transaction, context.campaign, overspent)
    return overspent


def _overspent(context: Context, rows: Sequence[Row]) -> str | None:
    """Why the budget allows no further call. What is open may cost the most that a call costs."""
    policy = context.policy
    calls, cost = 0, 0.0
    for state, (count, spent) in counted(rows).items():
        if state not in NOT_PLACED:
            calls += count
            cost += count * policy.call_cost if state in OPEN_STATES else spent
    if policy.most_calls is not None and calls >= policy.most_calls:
        return f"{calls} calls were placed (most_calls)"
    if policy.most_cost is not None and cost + policy.call_cost > policy.most_cost:
        return f"{cost:g} of {policy.most_cost:g} is spent or reserved (most_cost)"
    return None


def _unfit(
    context: Context, transaction: Transaction, contact: _Contact, known: Facts, now: int
) -> str | None:
    """Why this contact is not called now; it has been put where it belongs."""
    policy = context.policy
    reason = suppressed(known.suppressions, now)
    if reason is not None:
        _put(transaction, contact.id, "suppressed", disposition=reason)
        return "suppressed"
    if contact.attempts >= policy.attempts:
        _put(transaction, contact.id, "exhausted")
        return "exhausted"
    if known.open_to_number:
        _put(transaction, contact.id, "ready", due_at=now + 60_000)
        return "another call to this number is open"
    if len(known.starts) >= policy.daily_attempts and known.starts[-1] > now - DAY * 1000:
        _put(transaction, contact.id, "ready", due_at=known.starts[-1] + DAY * 1000)
        return "daily_attempts"
    return _outside(context, transaction, contact, now)


def _outside(context: Context, transaction: Transaction, contact: _Contact, now: int) -> str | None:
    policy = context.policy
    if not policy.windows:
        return None
    zones = policy.zones(contact.time_zone, contact.phone)
    if zones is None:
        _put(transaction, contact.id, "held", disposition="no_time_zone")
        return "no time zone"
    try:
        opening = policy.opening(zones, now / 1000)
    except ConfigurationError:
        _put(transaction, contact.id, "held", disposition="unknown_time_zone")
        return "unknown time zone"
    if opening is None:
        _put(transaction, contact.id, "expired")
        return "expired"
    if opening * 1000 > now:
        _put(transaction, contact.id, "ready", due_at=int(opening * 1000))
        return "window closed"
    return None


def _intend(
    context: Context, transaction: Transaction, contact: _Contact, n: int, now: int
) -> Intent:
    token = secrets.token_hex(16)
    transaction.later(
        "INSERT INTO attempt (contact, n, campaign, account, phone, token, worker, intent_at,"
        " send_by, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'intent')",
        contact.id,
        n,
        context.campaign,
        context.account,
        contact.phone,
        token,
        context.worker,
        now,
        now + int(context.policy.send_before_seconds * 1000),
    )
    transaction.later(
        "UPDATE contact SET state = 'dialing', attempts = attempts + 1, lease_by = NULL,"
        " lease_until = NULL WHERE id = ?",
        contact.id,
    )
    return Intent(contact.id, n, contact.phone, token, json.loads(contact.variables))


def _put(
    transaction: Transaction,
    contact: int,
    state: str,
    *,
    due_at: int | None = None,
    disposition: str | None = None,
) -> None:
    transaction.later(
        "UPDATE contact SET state = ?, due_at = COALESCE(?, due_at),"
        " disposition = COALESCE(?, disposition), lease_by = NULL, lease_until = NULL WHERE id = ?",
        state,
        due_at,
        disposition,
        contact,
    )
