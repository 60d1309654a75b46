"""Campaigns through Temporal: workers are killed, and no phone rings twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import place, postgres
from campaign_storm import rung
from engine_servers import EngineServer, program, temporal_server
from test_campaign_celery import CONTACTS, ONE_KIND, campaign_of
from trillet.testing import Sandbox

temporalio = pytest.importorskip("temporalio.client")
pytestmark = pytest.mark.skipif(program("temporal") is None, reason="needs temporal")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from temporalio.client import Client, WorkflowHandle

    from trillet.campaign import Campaign

__all__ = ["place", "postgres"]

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "campaigns" / "temporal_calls.py"
QUEUE = "trillet-calls"


@pytest.fixture(scope="module")
def server() -> Iterator[EngineServer]:
    running = temporal_server()
    yield running
    running.stop()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=600) as running:
        yield running


class Workers:
    """The example's worker, as a program of its own."""

    def __init__(self, server: EngineServer, place: str, sandbox: Sandbox) -> None:
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TEMPORAL": f"127.0.0.1:{server.port}",
            "CAMPAIGNS": place,
            "TRILLET_API_KEY": "sandbox-key",
            "TRILLET_WORKSPACE_ID": "sandbox-workspace",
            "TRILLET_BASE_URL": sandbox.url,
        }
        self._log = server.folder / "worker-log"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, str(EXAMPLE), "work"],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        self._processes.append(started)
        return started

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def workers(server: EngineServer, place: str, sandbox: Sandbox) -> Iterator[Workers]:
    running = Workers(server, place, sandbox)
    yield running
    running.stop()


async def begin(server: EngineServer, campaign: str) -> WorkflowHandle[Any, Any]:
    from trillet.temporal import CampaignWorkflow

    client: Client = await temporalio.Client.connect(f"127.0.0.1:{server.port}")
    return await client.start_workflow(
        CampaignWorkflow.run,
        args=[campaign, 2],
        id=f"{campaign} {time.time_ns()}",
        task_queue=QUEUE,
    )


async def until_attempts(campaign: Campaign, count: int) -> None:
    end = time.monotonic() + 30
    while len(list(campaign.attempts())) < count:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


@ONE_KIND
def test_a_workflow_ends_with_its_campaign(
    server: EngineServer, workers: Workers, place: str, sandbox: Sandbox
) -> None:
    campaign = campaign_of(place, sandbox)

    async def run() -> Any:
        workers.start()
        return await asyncio.wait_for((await begin(server, "spring")).result(), 60)

    report = asyncio.run(run())
    assert report["state"] == "done"
    assert set(rung(sandbox).values()) == {1}
    assert campaign.counts() == {"done": CONTACTS}


def test_a_worker_that_is_killed_rings_no_phone_twice(
    server: EngineServer, workers: Workers, place: str, sandbox: Sandbox
) -> None:
    from trillet.temporal import SILENCE

    campaign = campaign_of(place, sandbox)

    async def run() -> None:
        # Temporal misses a lost slice only after the silence that it allows: so others go on.
        handles = [await begin(server, "spring")]
        for _ in range(2):
            worker = workers.start()
            await until_attempts(campaign, 10 * len(handles))
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            handles.append(await begin(server, "spring"))
        workers.start()
        # Also when Temporal gives the last slice to a worker that is gone: SILENCE, and the slice.
        end = time.monotonic() + SILENCE.total_seconds() + 60
        while campaign.counts().keys() & {"ready", "leased", "dialing", "in_call", "unknown"}:
            assert time.monotonic() < end, campaign.counts()
            await asyncio.sleep(0.2)
        for handle in handles:
            await handle.terminate()

    asyncio.run(run())
    times = rung(sandbox)
    assert max(times.values()) == 1
    counts = campaign.counts()
    assert len(times) + counts["held"] == sum(counts.values()) == CONTACTS


@ONE_KIND
def test_a_cancelled_workflow_leaves_the_campaign_as_it_is(
    server: EngineServer, workers: Workers, place: str, sandbox: Sandbox
) -> None:
    campaign = campaign_of(place, sandbox, calls_per_minute=40)

    async def run() -> None:
        workers.start()
        handle = await begin(server, "spring")
        await until_attempts(campaign, 1)
        await handle.cancel()
        with pytest.raises(temporalio.WorkflowFailureError) as failed:
            await asyncio.wait_for(handle.result(), 40)
        assert type(failed.value.cause).__name__ == "CancelledError"

    asyncio.run(run())
    assert campaign.state == "running"
    counts = campaign.counts()
    assert counts["ready"] + counts["leased"] > CONTACTS / 2
    assert not counts["unknown"]


@ONE_KIND
def test_a_campaign_that_is_not_there_fails_the_workflow(
    server: EngineServer, workers: Workers, place: str, sandbox: Sandbox
) -> None:
    campaign_of(place, sandbox)

    async def run() -> BaseException:
        workers.start()
        with pytest.raises(temporalio.WorkflowFailureError) as failed:
            await asyncio.wait_for((await begin(server, "autumn")).result(), 60)
        error: BaseException = failed.value
        return error

    causes = []
    cause: BaseException | None = asyncio.run(run())
    while cause is not None:
        causes.append(str(cause))
        cause = cause.__cause__
    assert any("There is no campaign 'autumn'" in each for each in causes)
