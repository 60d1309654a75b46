"""How a campaign stands, and why nothing moves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .forecast import over_at
from .intents import NOT_PLACED
from .rate import calls_per_minute
from .tally import tally
from .waiting import waits_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import Context
    from .database import Transaction

# The first two are a person's business.
STATES = (
    "held",
    "unknown",
    "ready",
    "leased",
    "dialing",
    "in_call",
    "done",
    "exhausted",
    "suppressed",
    "expired",
    "cancelled",
)
FINAL = frozenset({"done", "exhausted", "suppressed", "expired", "cancelled"})
FAILURES = 5


@dataclass(frozen=True)
class Failure:
    """A call that failed, or that may have been placed.

    Attributes:
        at: Unix milliseconds.
        kind: ``"unknown"``, ``"refused"``, ``"held"`` or ``"history_failed"``.
        phone: Whose call; None for what is no single call's.
    """

    at: int
    kind: str
    phone: str | None
    reason: str | None

    def __str__(self) -> str:
        told = f"{self.kind}: {self.reason}" if self.reason else self.kind
        return f"{self.phone} {told}" if self.phone else told


@dataclass(frozen=True)
class Status:
    """How a campaign stands.

    Attributes:
        contacts: How many there are in each state; `held` and `unknown` first.
        calls: How many calls were placed, or may have been.
        calls_per_minute: Of the last five minutes, or since the start if that was later.
        cost: Of the calls that have ended.
        remaining_seconds: How long it takes at that rate, if every contact is called once more;
            None while nothing moves.
        over_at: When that will be, within the windows: Unix seconds; None while nothing moves.
        waits_for: Why no call is placed now; None when calls are.
        failures: The last calls that failed or may have been placed, the newest first.
    """

    name: str
    state: str
    contacts: Mapping[str, int]
    calls: int
    calls_per_minute: float
    cost: float
    remaining_seconds: float | None
    over_at: float | None
    waits_for: str | None
    failures: tuple[Failure, ...]

    @property
    def total(self) -> int:
        """All contacts."""
        return sum(self.contacts.values())

    @property
    def ended(self) -> int:
        """Those that nobody will call any more."""
        return sum(count for state, count in self.contacts.items() if state in FINAL)


def status(context: Context, name: str) -> Status:
    """Reads it from one state of the database."""
    with context.database.read() as transaction:
        state, reason = state_of(context, transaction)
        contacts = counts(context, transaction)
        calls, cost = placed(context, transaction)
        rate = calls_per_minute(context, transaction, transaction.now())
        left = sum(contacts.get(each, 0) for each in ("ready", "leased"))
        remaining = left * 60 / rate if rate and left else None
        return Status(
            name=name,
            state=state,
            contacts=contacts,
            calls=calls,
            calls_per_minute=rate,
            cost=cost,
            remaining_seconds=remaining,
            over_at=None if remaining is None else over_at(context, transaction, remaining),
            waits_for=waits_for(context, transaction, (state, reason), contacts),
            failures=_failures(context, transaction),
        )


def counts(context: Context, transaction: Transaction) -> dict[str, int]:
    found = tally(context, transaction, "contact")
    return {state: found[state][0] for state in STATES if state in found}


def state_of(context: Context, transaction: Transaction) -> tuple[str, str | None]:
    """The campaign's state, and the reason for it."""
    found = transaction.row("SELECT state, reason FROM campaign WHERE id = ?", context.campaign)
    return (str(found[0]), found[1]) if found else ("cancelled", "it is gone")


def placed(context: Context, transaction: Transaction) -> tuple[int, float]:
    """How many calls were placed, or may have been, and what they cost."""
    found = [
        each
        for state, each in tally(context, transaction, "attempt").items()
        if state not in NOT_PLACED
    ]
    return sum(each[0] for each in found), sum(each[1] for each in found)


def _failures(context: Context, transaction: Transaction) -> tuple[Failure, ...]:
    found = transaction.rows(
        "SELECT at, kind, phone, detail FROM event LEFT JOIN contact ON contact.id = event.contact"
        " WHERE event.campaign = ?"
        " AND kind IN ('unknown', 'refused', 'held', 'history_failed')"
        f" ORDER BY event.id DESC LIMIT {FAILURES}",
        context.campaign,
    )
    return tuple(
        Failure(at, kind, phone, json.loads(detail).get("reason") if detail else None)
        for at, kind, phone, detail in found
    )
