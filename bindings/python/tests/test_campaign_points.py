"""A worker that is killed at each point between the lease and the result, and before and after."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from campaign_places import agent_of, begun, place, postgres
from campaign_storm import doubts, judge, records_of, wait_until_known
from trillet.campaign import Campaign
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trillet._campaign.database import Database, Transaction

__all__ = ["place", "postgres"]

# The heartbeat, the look, the lease, and of the first contacts decision and result.
COMMITS = 12
CONTACTS = 480
POINTS = [("send", when, n) for when in ("before", "after") for n in range(3)]
POINTS += [("commit", when, n) for when in ("before", "after") for n in range(COMMITS)]


class Dying:
    """A database and a service at whose n-th commit or call the process is killed."""

    def __init__(self, database: Database, what: str, when: str, n: int) -> None:
        self._database = database
        self._point = (what, when)
        self._left = {"commit": n, "send": n}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self._database.write() as transaction:
            yield transaction
            self.reach("commit", "before")
        self.reach("commit", "after")
        self._left["commit"] -= 1

    def sending(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def sent(*values: Any, **options: Any) -> Any:
            self.reach("send", "before")
            answer = send(*values, **options)
            self.reach("send", "after")
            self._left["send"] -= 1
            return answer

        return sent

    def reach(self, what: str, when: str) -> None:
        if (what, when) == self._point and self._left[what] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def work(place: str, url: str, point: tuple[str, str, int]) -> None:
    with trillet.Trillet("sandbox-key", "sandbox-workspace", base_url=url) as client:
        campaign = Campaign.open(place, "spring")
        dying = Dying(campaign._database, *point)
        campaign._context = replace(campaign._context, database=dying)
        calls = type(client.calls)
        calls.send = dying.sending(calls.send)  # type: ignore[method-assign]
        campaign.run_slice(client, max_seconds=20)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=600) as running:
        yield running


def test_a_worker_killed_at_any_point_rings_nobody_twice_and_loses_nobody(
    place: str, sandbox: Sandbox
) -> None:
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload([__name__])
    with sandbox.client() as client:
        campaign = begun(
            place,
            agent_of(client),
            *(f"+1202555{number:04}" for number in range(CONTACTS)),
            retries={},
            send_before_seconds=1,
            lease_seconds=2,
            answer_seconds=1,
            settle_seconds=2,
        )
        for point in POINTS:
            worker = forks.Process(target=work, args=(place, sandbox.url, point))
            worker.start()
            worker.join(60)
            assert worker.exitcode == -signal.SIGKILL, point
        wait_until_known(campaign, client, seconds=60)
        records = records_of(client)
    kinds = judge(campaign, records.rung, CONTACTS)
    # Killed after the decision and before the call, each once.
    assert 0 < kinds["held"] <= doubts(place)["unheard"] <= len(POINTS)
