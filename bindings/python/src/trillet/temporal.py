"""Campaigns as workflows of Temporal: activities run slices, and the ledger keeps what was decided.

    slices = CampaignSlices("postgresql://dialer@db/campaigns")
    Worker(client, task_queue="calls", workflows=[CampaignWorkflow],
           activities=[slices.run], activity_executor=ThreadPoolExecutor(8))

The workflow decides when to run a slice, and nothing else: a replayed history, a lost worker and an
activity that runs again make no phone ring. ``pip install 'trillet[temporal]'``.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ._campaign.process_clients import ProcessClients
from .campaign import Campaign

try:
    from temporalio import activity, workflow
    from temporalio.common import RetryPolicy
    from temporalio.exceptions import ActivityError, ApplicationError
except ModuleNotFoundError as error:
    if error.name != "temporalio":
        raise
    raise ModuleNotFoundError(
        "trillet.temporal needs Temporal's SDK: pip install 'trillet[temporal]'", name="temporalio"
    ) from error

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from ._sync.client import Trillet

__all__ = ["CampaignSlices", "CampaignWorkflow"]
ACTIVITY, SLICE_SECONDS = "trillet.campaign.slice", 60.0
# Between two of these the activity reports that it lives, and learns that it was cancelled.
PIECE_SECONDS = 5.0
# A piece, and a request that takes as long as one may.
SILENCE = timedelta(seconds=90)
# The middle one while calls are under way, whose ends the history tells.
SHORTEST_PAUSE, FOLLOWING_PAUSE, LONGEST_PAUSE = 1.0, 10.0, 60.0
ENDED, UNDER_WAY = ("done", "cancelled"), ("dialing", "in_call", "unknown")
SUMS = ("placed", "unknown", "refused", "unsent", "ended")


class CampaignSlices:
    """The activity, for `Worker(activities=[slices.run], activity_executor=…)`."""

    def __init__(
        self, place: str | os.PathLike[str], *, client: Callable[[], Trillet] | None = None
    ) -> None:
        """`place` never goes through Temporal; `client` makes the process's, or `Trillet()`."""
        self._place = place
        self._clients = ProcessClients(client)

    # Temporal would raise in the middle of a request; here a slice ends between two calls.
    @activity.defn(name=ACTIVITY, no_thread_cancel_exception=True)
    def run(self, campaign: str) -> dict[str, Any]:
        """A slice of a campaign: what it has done, why it ended, and how the campaign stands."""
        end = time.monotonic() + SLICE_SECONDS
        sums: Counter[str] = Counter()
        with Campaign.open(self._place, campaign) as opened:
            while True:
                summary = opened.run_slice(self._clients.current(), PIECE_SECONDS)
                sums.update({name: getattr(summary, name) for name in SUMS})
                activity.heartbeat(dict(sums))
                # A wait for the pace that a piece is too short for does not end the slice.
                is_idle = not summary.placed and summary.reason != "time"
                if is_idle or time.monotonic() >= end or activity.is_cancelled():
                    counts = opened.counts()
                    under_way = sum(counts[state] for state in UNDER_WAY)
                    report = {**sums, "reason": summary.reason, "state": opened.state}
                    return {**report, "next_due_ms": summary.next_due_ms, "under_way": under_way}


@workflow.defn(name="trillet.campaign", sandboxed=False)
class CampaignWorkflow:
    """Runs slices until the campaign is done, or was cancelled and its calls have ended.

    A paused campaign is looked at each minute, or at once after the signal `look`; one with `held`
    contacts, until a person has resolved them. Cancelling the workflow lets slices end, and leaves
    the campaign as it is.
    """

    def __init__(self) -> None:
        self._looks = 0

    @workflow.signal
    def look(self) -> None:
        """Somebody resumed the campaign, or added contacts."""
        self._looks += 1

    @workflow.run
    async def run(self, campaign: str, at_once: int = 1) -> dict[str, Any]:
        """Returns the last slice's report. `at_once` slices run at the same time."""
        ended = await asyncio.gather(*(self._work(campaign) for _ in range(max(at_once, 1))))
        if workflow.cancellation_reason() is not None:
            raise asyncio.CancelledError
        if ended[0] is None:
            workflow.continue_as_new(args=[campaign, at_once])
        return ended[0]

    async def _work(self, campaign: str) -> dict[str, Any] | None:
        """None once the history is long or the workflow cancelled: slices end as ever."""
        info = workflow.info()
        while workflow.cancellation_reason() is None and not info.is_continue_as_new_suggested():
            looks, report = self._looks, await self._slice(campaign)
            if report is None:
                pause = FOLLOWING_PAUSE
            elif report["state"] in ENDED and not report["under_way"]:
                return report
            elif report["placed"] or report["reason"] == "time":
                continue
            else:
                # Who is due in a paused campaign is due for nobody.
                due = report["next_due_ms"] if report["state"] == "running" else None
                pause = LONGEST_PAUSE if due is None else due / 1000
                if report["under_way"]:
                    pause = min(pause, FOLLOWING_PAUSE)
            await self._rest(max(SHORTEST_PAUSE, min(pause, LONGEST_PAUSE)), looks)
        return None

    async def _rest(self, seconds: float, looks: int) -> None:
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: self._looks != looks, timeout=seconds)

    async def _slice(self, campaign: str) -> dict[str, Any] | None:
        """None when nobody knows what became of it, which the ledger does."""
        try:
            report: dict[str, Any] = await workflow.execute_activity(
                ACTIVITY,
                campaign,
                start_to_close_timeout=timedelta(seconds=SLICE_SECONDS) + SILENCE,
                heartbeat_timeout=SILENCE,
                retry_policy=RetryPolicy(maximum_attempts=1),
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            )
        except ActivityError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError) and cause.type == "ConfigurationError":
                raise
            workflow.logger.warning("A slice of %s was lost: %s", campaign, cause or error)
            return None
        return report
