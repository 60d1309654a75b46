"""The calls that the service knows of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .pace import Pace
from .records import started_at_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._sync.client import Trillet
    from .context import Context

PAGE = 100
# The clocks of the service and of the database may differ by as much.
CLOCK_ERROR_SECONDS = 300.0
LONGEST_LOOK_SECONDS = 10.0


def calls_since(context: Context, client: Trillet, since_ms: int) -> list[Mapping[str, Any]]:
    """The calls of the agent since then, the newest first; each page takes a turn of the pace."""
    oldest = since_ms / 1000 - CLOCK_ERROR_SECONDS
    records: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    page = 1
    while True:
        if not _take_turn(context):
            return records
        found = client.calls.history(agent_id=context.agent, page=page, limit=PAGE)
        fresh = [each for each in found if _is_new(each, seen)]
        records += fresh
        last = min((at for at in map(started_at_of, found) if at is not None), default=None)
        if len(found) < PAGE or not fresh or (last is not None and last < oldest):
            return records
        page += 1


def _is_new(record: Mapping[str, Any], seen: set[str]) -> bool:
    key = str(record.get("_id") or record.get("callId") or id(record))
    if key in seen:
        return False
    seen.add(key)
    return True


def _take_turn(context: Context) -> bool:
    end = time.monotonic() + LONGEST_LOOK_SECONDS
    while True:
        with context.database.write() as transaction:
            pace = Pace(transaction, context.account, context.database.locking)
            wait = pace.wait
            if wait == 0:
                pace.take()
                return True
        if time.monotonic() + wait > end:
            return False
        time.sleep(wait)
