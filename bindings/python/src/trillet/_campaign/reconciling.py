"""What became of calls, by the call history: one worker at a time looks, for all of an account."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._model.errors import TrilletError
from . import results
from .context import note
from .endings import ended
from .history import CLOCK_ERROR_SECONDS, DUTY_MS, calls_since, duty_of
from .intents import Intent
from .kin import waiting_for_ends
from .leases import end_if_over
from .records import call_id_of, ending_of, phone_of, started_at_of
from .repeating import repeated
from .tally import OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._sync.client import Trillet
    from .context import Context
    from .database import Transaction

# At most a fifth of the account's requests are looks.
SHARE = 5
# A page for which the pace makes it wait longer is left to the next look.
LONGEST_LOOK_SECONDS = 10.0
# Between two looks whether somebody else's duty has ended.
DUTY_SECONDS = 0.1


@dataclass(frozen=True)
class _Open:
    contact: int
    n: int
    phone: str
    intent_at: int
    state: str
    call_id: str | None


def reconcile(context: Context, client: Trillet, patience_seconds: float = 0.0) -> int:
    """Looks for all campaigns of the account, if it is time to and nobody else does; how many calls
    have ended. With patience it waits for that time."""
    end = time.monotonic() + patience_seconds
    while True:
        listed = waiting_for_ends(context)
        for each in listed:
            _give_up_intents(each)
        if not listed:
            return 0
        if _take_duty(context):
            break
        if time.monotonic() >= end:
            return 0
        time.sleep(DUTY_SECONDS)
    by_agent: defaultdict[str, list[Context]] = defaultdict(list)
    for each in listed:
        by_agent[each.agent].append(each)
    count, turns = 0, 0
    for contexts in by_agent.values():
        found, taken = _look(contexts, client)
        count += found
        turns += taken
    _rest(context, max(1, turns))
    return count


def _look(contexts: list[Context], client: Trillet) -> tuple[int, int]:
    """At the calls of one agent: how many have ended, and how many turns of the pace it took."""
    attempts = {each.campaign: _open_attempts(each) for each in contexts}
    starts = [each.intent_at for listed in attempts.values() for each in listed]
    if not starts:
        return 0, 0
    known = {
        campaign: {each.call_id: each for each in listed} for campaign, listed in attempts.items()
    }
    count = 0

    def follow(page: Sequence[Mapping[str, Any]]) -> None:
        # At once: a worker that is killed during a long look has not looked in vain.
        nonlocal count
        count += sum(_by_call_id(each, known[each.campaign], page) for each in contexts)

    try:
        records, turns, whole = calls_since(
            contexts[0], client, min(starts), LONGEST_LOOK_SECONDS, follow
        )
    except TrilletError as error:
        with contexts[0].database.write() as transaction:
            for each in contexts:
                note(transaction, each.campaign, "history_failed", reason=error.message)
        return count, 1
    for each in contexts:
        count += _by_number(each, attempts[each.campaign], records)
        if whole:
            _hold_unknown(each, attempts[each.campaign])
        end_if_over(each)
    return count, turns


def _give_up_intents(context: Context) -> None:
    """Of a worker that died between its decision and the answer: the phone may have rung."""
    with context.database.write() as transaction:
        limit = transaction.now() - int(context.policy.answer_seconds * 1000)
        stale = transaction.rows(
            f"SELECT contact, n FROM attempt WHERE campaign = ? AND state IN {OPEN}"
            " AND state = 'intent' AND send_by < ?",
            context.campaign,
            limit,
        )
    for contact, n in stale:
        results.unknown(context, Intent(contact, n, "", "", {}), "its worker has not been heard of")


@repeated
def _take_duty(context: Context) -> bool:
    database = context.database
    name = duty_of(context)
    with database.write() as transaction:
        transaction.run(
            "INSERT INTO duty (worker, until, name) VALUES (?, 0, ?) ON CONFLICT DO NOTHING",
            context.worker,
            name,
        )
        found = transaction.row("SELECT until FROM duty WHERE name = ?" + database.locking, name)
        # Not the wall clock: from a worker that is ahead nobody could take over.
        now = transaction.steady() // 1000
        if found is not None and now < found[0] <= now + 3_600_000:
            return False
        transaction.run(
            "UPDATE duty SET worker = ?, until = ? WHERE name = ?",
            context.worker,
            now + DUTY_MS,
            name,
        )
    return True


@repeated
def _rest(context: Context, turns: int) -> None:
    """Keeps everybody from looking again while calls have their share."""
    with context.database.write() as transaction:
        transaction.run(
            "UPDATE duty SET until = ? WHERE name = ? AND worker = ?",
            transaction.steady() // 1000 + _pause_ms(context, transaction, turns),
            duty_of(context),
            context.worker,
        )


def _pause_ms(context: Context, transaction: Transaction, turns: int) -> int:
    distance = transaction.row("SELECT distance FROM pace WHERE account = ?", context.account)
    return SHARE * turns * (int(distance[0]) // 1000 if distance else 1000)


def _open_attempts(context: Context) -> list[_Open]:
    """Whose calls are looked for. Of who is held that has been done: one of the first day would
    have each look read the history of all days since."""
    with context.database.read() as transaction:
        found = transaction.rows(
            "SELECT attempt.contact, n, attempt.phone, intent_at, attempt.state, call_id"
            " FROM attempt JOIN contact ON contact.id = attempt.contact"
            f" WHERE attempt.campaign = ? AND attempt.state IN {OPEN} AND attempt.state <> 'intent'"
            " AND (contact.state <> 'held' OR intent_at > ?)",
            context.campaign,
            transaction.now() - int(context.policy.settle_seconds * 1000),
        )
    return [_Open(*row) for row in found]


def _by_call_id(
    context: Context, known: Mapping[str | None, _Open], records: Sequence[Mapping[str, Any]]
) -> int:
    listed = []
    for record in records:
        # Most are of calls that have ended long since.
        attempt = known.get(call_id_of(record))
        ending = ending_of(record) if attempt is not None and attempt.call_id is not None else None
        if attempt is not None and ending is not None:
            listed.append((attempt.contact, attempt.n, ending))
    return ended(context, listed)


def _by_number(context: Context, attempts: list[_Open], records: list[Mapping[str, Any]]) -> int:
    """Binds what may have rung to the first call to its number since the decision."""
    unknown = [each for each in attempts if each.state == "unknown" and each.call_id is None]
    if not unknown:
        return 0
    by_phone: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for record in reversed(records):
        phone = phone_of(record)
        if phone is not None:
            by_phone[phone].append(record)
    count = 0
    for attempt in unknown:
        earliest = attempt.intent_at / 1000 - CLOCK_ERROR_SECONDS
        for record in by_phone[attempt.phone]:
            started_at, call_id = started_at_of(record), call_id_of(record)
            if started_at is None or started_at < earliest or call_id is None:
                continue
            if not _bind(context, attempt, call_id, record):
                continue
            ending = ending_of(record)
            if ending is not None:
                count += ended(context, [(attempt.contact, attempt.n, ending)])
            break
    return count


def _bind(context: Context, attempt: _Open, call_id: str, record: Mapping[str, Any]) -> bool:
    """False if that call is another attempt's."""
    with context.database.read() as transaction:
        taken = transaction.row(
            "SELECT contact FROM attempt WHERE account = ? AND call_id = ?",
            context.account,
            call_id,
        )
    if taken is not None:
        return False
    intent = Intent(attempt.contact, attempt.n, attempt.phone, "", {})
    results.accepted(context, intent, call_id, {"boundByHistory": dict(record)})
    return True


@repeated
def _hold_unknown(context: Context, looked_for: list[_Open]) -> None:
    """What the history does not have by then is a person's decision. It is never called again by
    itself, and its number is called by nobody of this account."""
    known = {each.contact for each in looked_for}
    with context.database.write() as transaction:
        limit = transaction.now() - int(context.policy.settle_seconds * 1000)
        silent = limit - int(context.policy.longest_call_seconds * 1000)
        late = transaction.rows(
            "SELECT contact.id, contact.state"
            " FROM attempt JOIN contact ON contact.id = attempt.contact"
            f" WHERE attempt.campaign = ? AND attempt.state IN {OPEN}"
            " AND (contact.state = 'unknown' AND"
            " attempt.state = 'unknown' AND attempt.intent_at < ?"
            " OR contact.state = 'in_call' AND attempt.state = 'accepted'"
            " AND attempt.intent_at < ?) ORDER BY contact.id",
            context.campaign,
            limit,
            silent,
        )
        for contact, state in late:
            # In doubt since the look began: the next one says.
            if contact not in known:
                continue
            # A webhook may have said so meanwhile.
            held = "UPDATE contact SET state = 'held' WHERE id = ? AND state = ?"
            if transaction.run(held, contact, state):
                note(transaction, context.campaign, "held", contact)
