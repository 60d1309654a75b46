"""Why a campaign places no call now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model.errors import ConfigurationError
from .clock import clock, duration
from .pace import Pace
from .rate import started_at
from .ready import first_due
from .tally import OPEN
from .windows import next_opening

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import Context
    from .database import Transaction

# A worker is seen at least as often, also one whose slices are a minute long.
UNSEEN_SECONDS = 180.0
# After that a window, or that nobody works, explains why no call is placed.
SILENT_SECONDS = 60.0


def waits_for(
    context: Context,
    transaction: Transaction,
    stands: tuple[str, str | None],
    contacts: Mapping[str, int],
) -> str | None:
    """What the campaign waits for; None while calls are placed."""
    state, reason = stands
    now = transaction.now() / 1000
    expires_at = context.policy.expires_at
    if state != "running":
        return reason or f"it is {state}"
    if not contacts.get("ready") and not contacts.get("leased"):
        return _for_ends(contacts)
    if expires_at is not None and now >= expires_at:
        return f"nobody: it was to end {clock(expires_at, now)} (expires_at)"
    pace = Pace.read(transaction, context.account)
    if pace.held:
        until = clock(now + pace.held, now)
        return f"the service, which asked for silence for another {pace.held:.0f} s, until {until}"
    busy = transaction.row(
        f"SELECT COUNT(*) FROM attempt WHERE account = ? AND state IN {OPEN}", context.account
    )
    if busy is not None and busy[0] >= pace.concurrency:
        return f"one of {busy[0]} calls under way to end (calls_at_once)"
    return _for_next(context, transaction, now)


def next_contact(context: Context, transaction: Transaction) -> tuple[float, str] | None:
    """When the next contact is due, Unix seconds, and its time zones; None if none is ready."""
    found = first_due(context, transaction, "due_at, time_zone, phone", 1)
    if not found:
        return None
    due_at, named, phone = min(found, key=lambda each: int(each[0]))
    return int(due_at) / 1000, context.policy.zones(named, phone) or ""


def _for_ends(contacts: Mapping[str, int]) -> str:
    under_way = sum(contacts.get(each, 0) for each in ("dialing", "in_call", "unknown"))
    if under_way:
        return f"{under_way} calls to end"
    held = contacts.get("held", 0)
    return f"a decision about {held} who are held" if held else "nobody: all have been called"


def _for_next(context: Context, transaction: Transaction, now: float) -> str | None:
    following = next_contact(context, transaction)
    if following is None:
        return None
    due, zones = following
    silent = now - _last_call(context, transaction)
    opening = _opening(context, zones, now)
    if opening is not None and opening > now and (due > now or silent > SILENT_SECONDS):
        at = max(opening, due)
        return f"the window, closed until {clock(at, now)} ({duration(at - now)})"
    if due > now:
        return f"{duration(due - now)} until the next contact is due, {clock(due, now)}"
    if silent > UNSEEN_SECONDS:
        seen = now - _last_seen(context, transaction)
        if seen > UNSEEN_SECONDS:
            return f"a worker: none was seen for {duration(seen)}; start trillet campaign run"
    return None


def _opening(context: Context, zones: str, now: float) -> float | None:
    try:
        return next_opening(context.policy.windows, zones, now)
    except ConfigurationError:
        return None


def _last_call(context: Context, transaction: Transaction) -> float:
    found = transaction.row(
        "SELECT MAX(intent_at) FROM attempt WHERE campaign = ?", context.campaign
    )
    return int(found[0]) / 1000 if found and found[0] is not None else 0.0


def _last_seen(context: Context, transaction: Transaction) -> float:
    """Of any worker; a campaign that was just started waits for none."""
    found = transaction.row("SELECT MAX(seen_at) FROM worker")
    seen = int(found[0]) if found and found[0] is not None else 0
    return max(seen, started_at(context, transaction)) / 1000
