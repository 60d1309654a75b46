"""Workers of Celery and of Temporal for a storm: the examples' programs, as anybody runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine_servers import redis_server, temporal_server

if TYPE_CHECKING:
    from storm_workers import Job

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "campaigns"
SLICE_SECONDS = 3.0
# A killed worker's are lost for 90 seconds; those of the others are to keep them busy.
SLICES_AT_ONCE = 192


class EngineWorkers:
    """Each worker is a group of processes, which is killed as a whole. Clocks are left alone."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(EXAMPLES), *sys.path]),
            "CAMPAIGNS": job.place,
            "CAMPAIGN": job.name,
            "SLICE": str(SLICE_SECONDS),
            "TRILLET_API_KEY": "sandbox-key",
            "TRILLET_WORKSPACE_ID": "sandbox-workspace",
            "TRILLET_BASE_URL": job.url,
        }

    def run(self, *command: str) -> int:
        with Path(self.job.errors + "-log").open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, *command],
                env=self.environment,
                cwd=Path(self.job.errors).parent,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._children[started.pid] = started
        return started.pid

    def end(self, worker: int) -> None:
        self.signal(worker, signal.SIGKILL)
        self._children.pop(worker).wait()

    def signal(self, worker: int, number: int) -> None:
        if worker in self._children:
            os.killpg(worker, number)

    def errors(self) -> list[str]:
        """Engines keep their own."""
        return []

    def close(self) -> None:
        for worker in list(self._children):
            self.end(worker)


class CeleryWorkers(EngineWorkers):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._redis = redis_server()
        self.environment["BROKER"] = f"redis://127.0.0.1:{self._redis.port}/0"
        self.run("-m", "celery", "-q", "-A", "celery_calls", "beat", "-l", "warning")

    def start(self, shift: float = 0.0, calls: int = 0) -> int:
        words = ("worker", "-c", "1", "-l", "warning", "--without-mingle", "--without-gossip")
        return self.run("-m", "celery", "-q", "-A", "celery_calls", *words)

    def redeliver(self, times: int) -> None:
        import celery

        app: Any = celery.Celery("sender", broker=self.environment["BROKER"])
        for _ in range(times):
            app.send_task("trillet.campaign.slice", (self.job.name,), task_id="one-and-the-same")
        app.close()

    def close(self) -> None:
        super().close()
        self._redis.stop()


class TemporalWorkers(EngineWorkers):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._server = temporal_server()
        self.environment["TEMPORAL"] = f"127.0.0.1:{self._server.port}"
        self.run(str(EXAMPLES / "temporal_calls.py"), "start", job.name, str(SLICES_AT_ONCE))

    def start(self, shift: float = 0.0, calls: int = 0) -> int:
        return self.run(str(EXAMPLES / "temporal_calls.py"), "work")

    def redeliver(self, times: int) -> None:
        """Temporal delivers an activity again when it is told to, which it is not."""

    def close(self) -> None:
        super().close()
        self._server.stop()
