"""The contacts and attempts of a campaign, one after the other, in constant memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .context import Context
    from .database import Row

ROWS = 1_000


@dataclass(frozen=True)
class Contact:
    """Somebody who is called.

    Attributes:
        state: ``"ready"``, ``"leased"``, ``"dialing"``, ``"in_call"``, ``"done"``; ``"unknown"``
            (may have rung), ``"held"`` (a person decides); ``"exhausted"``, ``"suppressed"``,
            ``"expired"``, ``"cancelled"``.
        attempts: The calls so far, without those that did not leave the machine.
        due_at: Not called before, Unix milliseconds.
        disposition: What came of the last call, or why there was none.
    """

    key: str
    phone: str
    time_zone: str | None
    variables: Mapping[str, Any]
    state: str
    attempts: int
    due_at: int
    disposition: str | None


@dataclass(frozen=True)
class Attempt:
    """A call, or one that may have been placed.

    Attributes:
        n: The number of the attempt, of this contact.
        intent_at: When it was decided on, Unix milliseconds, like all times here.
        sent: Whether the service may have acted; None while it is not known.
        state: ``"intent"``, ``"accepted"``, ``"unknown"``, ``"ended"``; ``"unsent"`` or
            ``"refused"``.
        duration: Seconds.
    """

    key: str
    phone: str
    n: int
    worker: str
    intent_at: int
    sent: str | None
    state: str
    call_id: str | None
    started_at: int | None
    ended_at: int | None
    duration: int | None
    disposition: str | None
    cost: float | None


def contacts(context: Context, state: str | None = None) -> Iterator[Contact]:
    """In the order in which they were added."""
    wanted = "" if state is None else " AND state = ?"
    last = 0
    while True:
        values = (context.campaign, last) + (() if state is None else (state,))
        found = _read(
            context,
            "SELECT id, COALESCE(key, phone), phone, time_zone, variables, state, attempts, due_at,"
            " disposition"
            f" FROM contact WHERE {context.database.any_campaign} = ? AND id > ?{wanted}"
            f" ORDER BY id LIMIT {ROWS}",
            *values,
        )
        for number, key, phone, zones, variables, *rest in found:
            yield Contact(key, phone, zones, json.loads(variables), *rest)
            last = number
        if len(found) < ROWS:
            return


def attempts(context: Context) -> Iterator[Attempt]:
    """By contact, the first first."""
    last = (0, 0)
    while True:
        found = _read(
            context,
            "SELECT contact.id, COALESCE(contact.key, contact.phone), attempt.phone, n, worker,"
            " intent_at, sent, attempt.state, call_id, started_at, ended_at, duration,"
            " attempt.disposition, cost"
            " FROM attempt JOIN (SELECT id, key, phone FROM contact) AS contact"
            " ON contact.id = attempt.contact"
            f" WHERE {context.database.any_campaign} = ? AND attempt.contact >= ?"
            " AND (attempt.contact > ? OR n > ?)"
            f" ORDER BY attempt.contact, n LIMIT {ROWS}",
            context.campaign,
            last[0],
            *last,
        )
        for number, *rest in found:
            attempt = Attempt(*rest)
            yield attempt
            last = (number, attempt.n)
        if len(found) < ROWS:
            return


def _read(context: Context, sql: str, *values: object) -> list[Row]:
    with context.database.read() as transaction:
        return transaction.rows(sql, *values)
