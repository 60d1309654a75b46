"""Campaigns as tasks of Celery: each task is a slice, and the ledger keeps what was decided.

    app = celery.Celery("calls", broker="redis://localhost/0")
    slices = CampaignSlices(app, "postgresql://dialer@db/campaigns")
    slices.keep_running("spring", at_once=4)

A slice may be lost, delivered ten times or killed: the intent to call is in the ledger before the
phone can ring, and no other task takes it back. So late acknowledgement is right here, which for a
task that itself places a call would ring twice. ``pip install 'trillet[celery]'``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ._campaign.process_clients import ProcessClients
from ._model.errors import InvalidArgumentError
from .campaign import Campaign

try:
    from celery.signals import worker_process_shutdown
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "celery":
        raise
    raise ModuleNotFoundError(
        "trillet.celery needs Celery: pip install 'trillet[celery]'", name="celery"
    ) from error

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from celery import Celery

    from ._sync.client import Trillet

__all__ = ["CampaignSlices"]

TASK = "trillet.campaign.slice"


class CampaignSlices:
    """A task that works on campaigns for a while.

    Attributes:
        task: `slices.task.delay("spring")` runs one slice of the campaign; the result is its
            `Summary` as a dictionary. Nothing but the campaign's name goes through the broker.
    """

    def __init__(
        self,
        app: Celery,
        place: str | os.PathLike[str],
        *,
        seconds: float = 60.0,
        client: Callable[[], Trillet] | None = None,
        name: str = TASK,
    ) -> None:
        """Registers the task; no connection is opened before a worker runs it.

        The task acknowledges late and is requeued when its process is lost. The visibility timeout
        of Redis (an hour by default) should exceed `seconds` by more than a request's timeout, or
        a slice is delivered a second time while it runs, which is harmless and of no use.

        Args:
            place: The campaigns' database. SQLite for workers of one machine, PostgreSQL for
                several.
            seconds: How long a slice takes at most, plus one request. Leave `task_time_limit` well
                above: it kills a worker in the middle of a call, which is then `unknown`.
            client: Makes the client of each worker process, after the fork. Default: `Trillet()`,
                of the environment.
            name: The task's name.
        """
        if not seconds > 0:
            raise InvalidArgumentError(
                f"seconds must be more than 0, not {seconds}", field="seconds"
            )
        self._app = app
        self._place = place
        self._seconds = seconds
        self._clients = ProcessClients(client)
        self.task: Any = app.task(
            self._run,
            name=name,
            acks_late=True,
            reject_on_worker_lost=True,
            max_retries=0,
            shared=False,
        )
        # By reference: Celery's signals keep weak ones by default.
        worker_process_shutdown.connect(self._close, weak=False)

    def _run(self, campaign: str | None = None, max_calls: int | None = None) -> dict[str, Any]:
        with Campaign.open(self._place, campaign) as opened:
            summary = opened.run_slice(self._clients.current(), self._seconds, max_calls)
            return {**asdict(summary), "state": opened.state}

    def _close(self, **_: object) -> None:
        self._clients.close()

    def keep_running(self, campaign: str, *, at_once: int = 1, every: float | None = None) -> None:
        """Has Celery's beat send slices of a campaign for ever, or until it is cancelled.

        Call it where the app is configured, and run one `celery beat`. A slice that no worker took
        within `every` seconds is dropped, so that no queue grows while workers are away. A campaign
        that is paused, closed for the night or done costs one short transaction each time.

        Args:
            campaign: Its name.
            at_once: How many slices at the same time. One places a call after the other, about
                300 a minute where the service answers in 200 ms.
            every: Seconds; default, the length of a slice.
        """
        if at_once < 1:
            raise InvalidArgumentError(f"at_once must be 1 or more, not {at_once}", field="at_once")
        period = self._seconds if every is None else every
        entries = {
            f"{self.task.name} {campaign} {number}": {
                "task": self.task.name,
                "schedule": period,
                "args": (campaign,),
                "options": {"expires": period},
            }
            for number in range(1, at_once + 1)
        }
        self._app.conf.beat_schedule = {**(self._app.conf.beat_schedule or {}), **entries}
