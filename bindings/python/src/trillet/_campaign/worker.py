"""The one function that everything else calls: a slice of a campaign."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .._model.call_id import call_id
from .._model.errors import TrilletError
from . import leases, results, telemetry
from .agent_check import check_agent
from .ending import expire
from .intents import Intent, Passed, Stopped, Wait, decide
from .receiving import TOKEN
from .reconciling import reconcile
from .repeating import repeated
from .summary import Summary
from .tally import add_up

if TYPE_CHECKING:
    from .._sync.client import Trillet
    from .context import Context

LEASED = 16
# A wait is looked at again: the campaign may have been paused meanwhile.
LONGEST_NAP_SECONDS = 1.0


def run_slice(
    context: Context, client: Trillet, max_seconds: float, max_calls: int | None
) -> Summary:
    """Calls who is due, for so long and so often at most."""
    slice_ = _Slice(context, client, max_seconds, max_calls)
    with telemetry.slice_of(context, slice_.summary):
        _work(context, client, slice_)
    return slice_.summary


def _work(context: Context, client: Trillet, slice_: _Slice) -> None:
    _see(context)
    add_up(context)
    slice_.summary.ended += reconcile(context, client)
    expire(context)
    if slice_.has_more():
        check_agent(context, client)
    while slice_.has_more():
        contacts = leases.take(context, LEASED)
        if not contacts:
            slice_.summary.reason = "nobody is due"
            break
        slice_.call(contacts)
    slice_.summary.ended += reconcile(context, client)
    expire(context)
    leases.end_if_over(context)
    slice_.summary.next_due_ms = leases.next_due(context)


@repeated
def _see(context: Context) -> None:
    """The worker's heartbeat."""
    host, process, _ = context.worker.rsplit(":", 2)
    with context.database.write() as transaction:
        now = transaction.now()
        values = (now, context.worker)
        if not transaction.run("UPDATE worker SET seen_at = ? WHERE id = ?", *values):
            # Another thread of this campaign may have done so since.
            transaction.run(
                "INSERT INTO worker (seen_at, id, host, process, started_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                *values,
                host,
                int(process),
                now,
            )


class _Slice:
    def __init__(
        self, context: Context, client: Trillet, max_seconds: float, max_calls: int | None
    ) -> None:
        self._context = context
        self._client = client
        self._end = time.monotonic() + max_seconds
        self._calls = max_calls
        self._is_stopped = False
        self.summary = Summary()

    def has_more(self) -> bool:
        if self._is_stopped:
            return False
        if self._calls is not None and self._calls <= 0:
            self.summary.reason = "max_calls"
            return False
        return time.monotonic() < self._end

    def call(self, contacts: list[int]) -> None:
        """Calls leased contacts, and gives back those for whom there was no time."""
        waiting = list(reversed(contacts))
        try:
            while waiting and self.has_more():
                if self._call(waiting[-1]):
                    waiting.pop()
        finally:
            leases.give_back(self._context, waiting)

    def _call(self, contact: int) -> bool:
        """Whether this contact's turn is over."""
        # Read before the decision: that may have to wait for the disk.
        fence = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        decision = decide(self._context, contact)
        if isinstance(decision, Wait):
            left = self._end - time.monotonic()
            if left <= 0 or decision.seconds > left:
                self.summary.reason = decision.reason
                self._is_stopped = True
                return False
            time.sleep(min(decision.seconds, LONGEST_NAP_SECONDS))
            return False
        if isinstance(decision, Stopped):
            self.summary.reason = decision.reason
            self._is_stopped = True
            return False
        if isinstance(decision, Passed):
            self.summary.passed[decision.reason] += 1
            return True
        self._place(decision, fence + int(self._context.policy.send_before_seconds * 1000))
        if self._calls is not None:
            self._calls -= 1
        return True

    def _place(self, intent: Intent, not_after_ms: int) -> None:
        context, summary = self._context, self.summary
        try:
            with telemetry.call_of(context, intent.n):
                answer: Any = self._client.calls.send(
                    context.agent,
                    intent.phone,
                    dynamic_variables=intent.variables,
                    metadata={TOKEN: intent.token},
                    callback_url=context.policy.callback_url,
                    options={"not_after_ms": not_after_ms, "max_retries": 0},
                )
        except TrilletError as error:
            results.failed(context, intent, error)
            if error.sent != "no":
                summary.unknown += 1
            elif error.type == "rejected" and not results.concerns_everybody(error):
                summary.refused += 1
            else:
                summary.unsent += 1
        except BaseException:
            # Ctrl-C among them: the request may be on its way.
            results.unknown(context, intent, "the worker was interrupted")
            summary.unknown += 1
            raise
        else:
            results.accepted(context, intent, call_id(answer), answer)
            summary.placed += 1
