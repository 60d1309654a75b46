"""How a campaign stands, and why nothing moves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .intents import NOT_PLACED
from .pace import Pace
from .tally import OPEN, tally

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
RATE_MS = 300_000
FAILURES = 5


@dataclass(frozen=True)
class Status:
    """How a campaign stands.

    Attributes:
        contacts: How many there are in each state; `held` and `unknown` first.
        calls: How many calls were placed, or may have been.
        calls_per_minute: Of the last five minutes.
        cost: Of the calls that have ended.
        remaining_seconds: How long it takes at that rate, if every contact is called once more;
            None while nothing moves.
        waits_for: Why no call is placed now; None when calls are.
        failures: The last events of calls that failed or may have been placed, the newest first.
    """

    name: str
    state: str
    contacts: Mapping[str, int]
    calls: int
    calls_per_minute: float
    cost: float
    remaining_seconds: float | None
    waits_for: str | None
    failures: tuple[str, ...]

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
        calls, cost, recent = _calls(context, transaction)
        left = sum(contacts.get(each, 0) for each in ("ready", "leased"))
        return Status(
            name=name,
            state=state,
            contacts=contacts,
            calls=calls,
            calls_per_minute=recent * 60_000 / RATE_MS,
            cost=cost,
            remaining_seconds=left * RATE_MS / 1000 / recent if recent and left else None,
            waits_for=_waits_for(context, transaction, state, reason, contacts),
            failures=_failures(context, transaction),
        )


def counts(context: Context, transaction: Transaction) -> dict[str, int]:
    found = tally(context, transaction, "contact")
    return {state: found[state][0] for state in STATES if state in found}


def state_of(context: Context, transaction: Transaction) -> tuple[str, str | None]:
    """The campaign's state, and the reason for it."""
    found = transaction.row("SELECT state, reason FROM campaign WHERE id = ?", context.campaign)
    return (str(found[0]), found[1]) if found else ("cancelled", "it is gone")


def _calls(context: Context, transaction: Transaction) -> tuple[int, float, int]:
    placed = [
        each
        for state, each in tally(context, transaction, "attempt").items()
        if state not in NOT_PLACED
    ]
    recent = transaction.row(
        "SELECT COUNT(*) FROM attempt WHERE campaign = ? AND intent_at > ?"
        " AND state NOT IN ('unsent', 'refused')",
        context.campaign,
        transaction.now() - RATE_MS,
    )
    calls, costs = (sum(each[0] for each in placed), sum(each[1] for each in placed))
    return calls, costs, int(recent[0]) if recent else 0


def _waits_for(
    context: Context,
    transaction: Transaction,
    state: str,
    reason: str | None,
    contacts: Mapping[str, int],
) -> str | None:
    if state != "running":
        return reason or f"it is {state}"
    if not contacts.get("ready") and not contacts.get("leased"):
        under_way = sum(contacts.get(each, 0) for each in ("dialing", "in_call", "unknown"))
        return f"{under_way} calls to end" if under_way else "nobody: all have been called"
    pace = Pace(transaction, context.account)
    if pace.held:
        return f"the service, which asked for silence for another {pace.held:.0f} s"
    busy = transaction.row(
        f"SELECT COUNT(*) FROM attempt WHERE account = ? AND state IN {OPEN}", context.account
    )
    if busy is not None and busy[0] >= pace.concurrency:
        return f"one of {busy[0]} calls under way to end (calls_at_once)"
    if contacts.get("leased"):
        return None
    due = transaction.row(
        "SELECT MIN(due_at) FROM contact WHERE campaign = ? AND state = 'ready'", context.campaign
    )
    left = (int(due[0]) - transaction.now()) / 1000 if due and due[0] is not None else 0
    return f"{_time(left)} until the next contact is due" if left > 0 else None


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _failures(context: Context, transaction: Transaction) -> tuple[str, ...]:
    found = transaction.rows(
        "SELECT kind, detail FROM event WHERE campaign = ?"
        f" AND kind IN ('unknown', 'refused', 'held', 'history_failed')"
        f" ORDER BY id DESC LIMIT {FAILURES}",
        context.campaign,
    )
    return tuple(
        f"{kind}: {json.loads(detail)['reason']}" if detail else str(kind) for kind, detail in found
    )
