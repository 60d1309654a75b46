"""The calls that the service knows of."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from .pace import Pace
from .records import started_at_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._sync.client import Trillet
    from .context import Context

PAGE = 100
# The clocks of the service and of the database may differ by five minutes, and starts are told in
# whole seconds.
CLOCK_ERROR_SECONDS = 310.0
# For so long a worker that is looking keeps others from it.
DUTY_MS = 10_000


class History(NamedTuple):
    """Calls, the newest first, and how many turns of the pace they took.

    Where a turn would have taken longer than there was patience for, the older ones are missing:
    it is not `whole`.
    """

    records: list[Mapping[str, Any]]
    turns: int
    whole: bool


def calls_since(
    context: Context,
    client: Trillet,
    since_ms: int,
    patience_seconds: float = math.inf,
    on_page: Callable[[Sequence[Mapping[str, Any]]], None] | None = None,
) -> History:
    """The calls of the agent since then. Each page takes a turn of the pace."""
    oldest = since_ms / 1000 - CLOCK_ERROR_SECONDS
    records: list[Mapping[str, Any]] = []
    turns = 0
    whole = False
    with client.calls.history_pages(agent_id=context.agent, limit=PAGE) as pages:
        while _take_turn(context, patience_seconds, is_first=turns == 0):
            turns += 1
            page = next(pages, ())
            records += page
            if on_page is not None:
                on_page(page)
            starts = [start for start in map(started_at_of, page) if start is not None]
            if not page or min(starts, default=oldest) < oldest:
                whole = True
                break
    return History(records, turns, whole)


def duty_of(context: Context) -> str:
    """The name of what one worker of an account does at a time: to look."""
    return f"reconcile:{context.account}"


def _take_turn(context: Context, patience_seconds: float, *, is_first: bool) -> bool:
    """Waits for the account's next start. A look's first page takes one ahead of time when it got
    none: where calls are far apart, or many workers want each start, it would never look."""
    end = time.monotonic() + patience_seconds
    while True:
        with context.database.write() as transaction:
            pace = Pace.read(transaction, context.account, context.database.locking)
            wait = pace.wait
            # A look of many pages takes longer than a dead worker keeps others waiting.
            transaction.later(
                "UPDATE duty SET until = ? WHERE name = ? AND worker = ?",
                pace.now // 1000 + int(wait * 1000) + DUTY_MS,
                duty_of(context),
                context.worker,
            )
            if wait == 0:
                pace.take()
                return True
            is_late = time.monotonic() + wait > end
            if is_late and is_first and not pace.held:
                pace.take_ahead()
                return True
        if is_late:
            return False
        time.sleep(wait)
