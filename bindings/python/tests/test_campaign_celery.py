"""Campaigns through Celery: workers die, tasks are delivered again, and no phone rings twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import agent_of, begun, place, postgres
from campaign_storm import rung
from engine_servers import EngineServer, program, redis_server
from trillet.testing import Sandbox

celery = pytest.importorskip("celery")
pytest.importorskip("redis")
pytestmark = pytest.mark.skipif(program("redis-server") is None, reason="needs redis-server")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trillet.campaign import Campaign

__all__ = ["place", "postgres"]

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "campaigns"
CONTACTS = 40
OPEN = {"ready", "leased", "dialing", "in_call", "unknown"}
ONE_KIND = pytest.mark.parametrize("place", ["sqlite"], indirect=True)
SHORT: dict[str, Any] = {
    "retries": {},
    "send_before_seconds": 2,
    "lease_seconds": 2,
    "answer_seconds": 2,
    "settle_seconds": 2,
}


@pytest.fixture(scope="module")
def redis() -> Iterator[EngineServer]:
    server = redis_server()
    yield server
    server.stop()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=600) as running:
        yield running


class Celery:
    """The example's app, as programs of its own run it."""

    def __init__(self, redis: EngineServer, place: str, sandbox: Sandbox, slice_: float) -> None:
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(EXAMPLES), *sys.path]),
            "BROKER": f"redis://127.0.0.1:{redis.port}/0",
            "CAMPAIGNS": place,
            "SLICE": str(slice_),
            "TRILLET_API_KEY": "sandbox-key",
            "TRILLET_WORKSPACE_ID": "sandbox-workspace",
            "TRILLET_BASE_URL": sandbox.url,
        }
        self._folder = redis.folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-q", "-A", "celery_calls", *arguments]
        with (self._folder / "celery-log").open("ab") as log:
            started = subprocess.Popen(
                command,
                env=self.environment,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(started)
        return started

    def worker(self) -> subprocess.Popen[bytes]:
        return self.run("worker", "-c", "2", "-l", "warning", "--without-mingle")

    def send(self, campaign: str, times: int) -> None:
        """The same message so often, with the same id."""
        app: Any = celery.Celery("sender", broker=self.environment["BROKER"])
        for _ in range(times):
            app.send_task("trillet.campaign.slice", (campaign,), task_id="one-and-the-same")
        app.close()

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def started(redis: EngineServer, place: str, sandbox: Sandbox) -> Iterator[Celery]:
    running = Celery(redis, place, sandbox, 1.5)
    yield running
    running.stop()


def campaign_of(place: str, sandbox: Sandbox, **rules: Any) -> Campaign:
    with sandbox.client() as client:
        agent = agent_of(client)
    phones = [f"+1202555{number:04}" for number in range(CONTACTS)]
    return begun(place, agent, *phones, calls_at_once=1000, **SHORT, **rules)


def wait_for_the_end(campaign: Campaign, sandbox: Sandbox, seconds: float = 60) -> None:
    """Looks at the history meanwhile: the tasks that were sent may be over before the calls are."""
    end = time.monotonic() + seconds
    with sandbox.client() as client:
        while campaign.counts().keys() & OPEN:
            assert time.monotonic() < end, campaign.counts()
            time.sleep(0.2)
            campaign.run_slice(client, max_seconds=0)


def test_workers_that_are_killed_ring_no_phone_twice(
    started: Celery, place: str, sandbox: Sandbox
) -> None:
    campaign = campaign_of(place, sandbox)
    started.run("beat", "-l", "warning", "-s", str(started._folder / "schedule"))
    for _ in range(3):
        worker = started.worker()
        end = time.monotonic() + 20
        placed = len(list(campaign.attempts()))
        while len(list(campaign.attempts())) < placed + 5 and time.monotonic() < end:
            time.sleep(0.05)
        # The parent and its children, in the middle of what they do.
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    started.worker()
    wait_for_the_end(campaign, sandbox)
    times = rung(sandbox)
    assert max(times.values()) == 1
    counts = campaign.counts()
    assert len(times) + counts["held"] == sum(counts.values()) == CONTACTS


@ONE_KIND
def test_a_task_that_is_delivered_ten_times_is_harmless(
    started: Celery, place: str, sandbox: Sandbox
) -> None:
    campaign = campaign_of(place, sandbox)
    started.send("spring", 10)
    started.worker()
    wait_for_the_end(campaign, sandbox)
    assert set(rung(sandbox).values()) == {1}
    assert campaign.counts() == {"done": CONTACTS}


@ONE_KIND
def test_a_campaign_that_is_not_there_stops_no_other(
    started: Celery, place: str, sandbox: Sandbox
) -> None:
    campaign = campaign_of(place, sandbox)
    started.send("autumn", 3)
    started.send("spring", 20)
    started.worker()
    wait_for_the_end(campaign, sandbox)
    assert campaign.counts() == {"done": CONTACTS}


@ONE_KIND
def test_nothing_but_the_name_goes_through_the_broker(place: str) -> None:
    from trillet.celery import CampaignSlices

    app: Any = celery.Celery("calls", broker="memory://")
    slices = CampaignSlices(app, place)
    slices.keep_running("spring", at_once=2)
    assert sorted(app.conf.beat_schedule) == [
        "trillet.campaign.slice spring 1",
        "trillet.campaign.slice spring 2",
    ]
    assert place not in repr(app.conf.beat_schedule)
    assert slices.task.acks_late
    assert slices.task.reject_on_worker_lost
    with pytest.raises(ValueError, match="at_once must be 1 or more, not 0"):
        slices.keep_running("spring", at_once=0)
    with pytest.raises(ValueError, match="seconds must be more than 0"):
        CampaignSlices(app, place, seconds=0)


@pytest.mark.parametrize(("module", "engine"), [("celery", "celery"), ("temporal", "temporalio")])
def test_without_the_engine_the_message_names_the_extra(module: str, engine: str) -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.modules[{engine!r}] = None; import trillet.{module}",
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    assert f"pip install 'trillet[{module}]'" in told
