"""Celery's prefork workers, which run a task again when a worker has been killed in it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calls_service import SECONDS, CallsService, wait_until
from places import EXAMPLES

PROGRAM = EXAMPLES / "celery/calls.py"
WITHOUT_INTENTS = PROGRAM.read_text().replace("rowcount == 0", "rowcount == -2")


class Workers:
    """A worker with a folder of its own."""

    def __init__(self, python: str, calls: CallsService, folder: Path) -> None:
        self.python = python
        self.folder = folder
        (folder / "tasks").mkdir(exist_ok=True)
        self.log = folder / "log"
        self.environment = calls.environment | {"CALLS_BROKER": "filesystem://"}

    def order(self, *numbers: str) -> None:
        orders = [f"place.delay('intent-' + {n!r}, 'agent', {n!r})" for n in numbers]
        text = "; ".join(["from calls import place", *orders])
        subprocess.run(
            [self.python, "-c", text],
            env=self.environment,
            cwd=self.folder,
            check=True,
            timeout=SECONDS,
        )

    def children(self, parent: int) -> list[int]:
        return [int(n) for n in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]

    def ended(self) -> int:
        text = self.log.read_text()
        return text.count("succeeded in")

    @contextmanager
    def running(self, processes: int) -> Iterator[subprocess.Popen[bytes]]:
        command = [self.python, "-m", "celery", "-A", "calls", "worker", "-c", f"{processes}"]
        command += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        environment = self.environment | {"C_FORCE_ROOT": "1"}
        with self.log.open("w") as log:
            worker = subprocess.Popen(
                command, env=environment, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_until(lambda: " ready." in self.log.read_text(), self.log.read_text)
            yield worker
            worker.terminate()
            assert worker.wait(SECONDS) == 0, self.log.read_text()
        finally:
            worker.kill()
            worker.wait()


def test_workers_place_each_call_once(python: str, calls: CallsService, tmp_path: Path) -> None:
    (tmp_path / "calls.py").write_text(PROGRAM.read_text())
    workers = Workers(python, calls, tmp_path)
    numbers = [f"+1202555{number:04}" for number in range(6)]
    with workers.running(2):
        workers.order(*numbers)
        wait_until(lambda: workers.ended() == 6, workers.log.read_text)
    assert sorted(calls.rung) == numbers


@pytest.mark.parametrize(
    ("program", "rings"),
    [(PROGRAM.read_text(), 1), (WITHOUT_INTENTS, 2)],
    ids=["with intents", "without"],
)
def test_a_task_that_is_run_again_rings_again_unless_its_intent_was_committed(
    python: str, calls: CallsService, tmp_path: Path, program: str, rings: int
) -> None:
    (tmp_path / "calls.py").write_text(program)
    workers = Workers(python, calls, tmp_path)
    calls.delay = 5
    # One process: a second may be killed while it has the lock of the queue, which stays locked.
    with workers.running(1) as worker:
        workers.order("+12025550001")
        wait_until(lambda: len(calls.rung) == 1, workers.log.read_text)
        calls.delay = 0
        for process in workers.children(worker.pid):
            os.kill(process, signal.SIGKILL)
        wait_until(lambda: workers.ended() == 1, workers.log.read_text)
    assert calls.rung == ["+12025550001"] * rings
