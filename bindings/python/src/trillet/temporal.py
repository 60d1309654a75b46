"""Campaigns as workflows of Temporal: activities run slices, and the ledger keeps what was decided.

    slices = CampaignSlices("postgresql://dialer@db/campaigns")
    Worker(client, task_queue="calls", workflows=[CampaignWorkflow],
           activities=[slices.run], activity_executor=ThreadPoolExecutor(8))
    await client.start_workflow(CampaignWorkflow.run, args=["spring", 4], id="campaign-spring",
                                task_queue="calls")

The workflow decides when to run a slice, and nothing else: a replayed history, a lost worker and an
activity that runs again make no phone ring. ``pip install 'trillet[temporal]'``.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from functools import partial
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

ACTIVITY = "trillet.campaign.slice"
SLICE_SECONDS = 60.0
# Between two of these the activity reports that it lives, and learns that it was cancelled.
PIECE_SECONDS = 5.0
# A piece, and a request that takes as long as one may.
SILENCE = timedelta(seconds=90)
LONGEST_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS = 60.0, 1.0
# Calls end, and the history says so.
FOLLOWING_SECONDS = 10.0
# A history stays far below Temporal's 51,200 events.
SLICES_EACH_RUN = 500
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
                is_over = summary.reason != "time" or time.monotonic() >= end
                if is_over or activity.is_cancelled():
                    counts = opened.counts()
                    under_way = sum(counts[state] for state in UNDER_WAY)
                    report = {**sums, "reason": summary.reason, "state": opened.state}
                    return {**report, "next_due_ms": summary.next_due_ms, "under_way": under_way}


@workflow.defn(name="trillet.campaign", sandboxed=False)
class CampaignWorkflow:
    """Runs slices until the campaign is done, or was cancelled and its calls have ended.

    A paused campaign is looked at each minute, or at once after the signal `look`. Cancelling the
    workflow ends it after the calls that are being placed; the campaign itself stays as it is.
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
        if ended[0] is None:
            workflow.continue_as_new(args=[campaign, at_once])
        return ended[0]

    async def _work(self, campaign: str) -> dict[str, Any] | None:
        """None for a history that is long enough."""
        for _ in range(SLICES_EACH_RUN):
            looks, report = self._looks, await self._slice(campaign)
            if report is not None and report["state"] in ENDED and not report["under_way"]:
                return report
            if report is not None and report["reason"] == "time":
                continue
            due = None if report is None else report["next_due_ms"]
            pause = LONGEST_PAUSE_SECONDS if due is None else due / 1000
            if report is None or report["under_way"]:
                pause = min(pause, FOLLOWING_SECONDS)
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(
                    partial(self._was_asked, looks),
                    timeout=min(max(pause, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS),
                )
        return None

    def _was_asked(self, looks: int) -> bool:
        return self._looks != looks

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
