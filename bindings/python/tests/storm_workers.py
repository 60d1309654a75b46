"""Workers of a campaign that may be killed at any moment; a forked one starts at once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import trillet
from trillet.campaign import Campaign

LONGEST_SLICE_SECONDS = 5.0


class Job(NamedTuple):
    """What workers need to know.

    Attributes:
        errors: Each exception that ends a slice adds a line to this file.
        shift: By how many seconds a worker's clock is wrong.
        calls: A worker ends after as many; 0 for none.
    """

    place: str
    name: str
    url: str
    timeout_ms: int
    errors: str
    shift: float = 0.0
    calls: int = 0


class Nursery:
    """A process that forks workers; it has loaded what they need."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def start(self, shift: float = 0.0, calls: int = 0) -> int:
        """The process id of a new worker."""
        asked, answer = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answer is not None
        print(*self.job[:5], shift, calls, sep="\t", file=asked, flush=True)
        return int(answer.readline())

    def end(self, worker: int) -> None:
        end(worker)

    def signal(self, worker: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, number)

    def redeliver(self, times: int) -> None:
        """As many new workers as a queue that delivers a task again and again, all at once."""
        for _ in range(times):
            self.start(calls=5)

    def errors(self) -> list[str]:
        """How slices ended that did not end in order."""
        file = Path(self.job.errors)
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def end(worker: int) -> None:
    """Kills a worker, and returns when it is gone."""
    os.kill(worker, signal.SIGKILL)
    while os.path.exists(f"/proc/{worker}"):
        time.sleep(0.001)


def main() -> int:
    # Nobody waits for the killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    trillet.version()
    for line in sys.stdin:
        place, name, url, timeout_ms, errors, shift, calls = line.rstrip("\n").split("\t")
        job = Job(place, name, url, int(timeout_ms), errors, float(shift), int(calls))
        worker = os.fork()
        if worker == 0:
            os.dup2(os.open(os.devnull, os.O_RDWR), 0)
            work(job)
            os._exit(0)
        print(worker, flush=True)
    return 0


def work(job: Job) -> None:
    """Runs slices until it is killed, as a service does that is started again when it fails."""
    if job.shift:
        set_clock(job.shift)
    while True:
        try:
            run(job)
        except Exception as error:
            words = f"{type(error).__name__}: {error}".replace("\n", " ")
            with Path(job.errors).open("a", encoding="utf-8") as file:
                file.write(words + "\n")
            time.sleep(0.1)
        if job.calls:
            return


def run(job: Job) -> None:
    account = ("sandbox-key", "sandbox-workspace")
    client = trillet.Trillet(*account, base_url=job.url, timeout_ms=job.timeout_ms)
    with client, Campaign.open(job.place, job.name) as campaign:
        while True:
            slice_ = campaign.run_slice(client, LONGEST_SLICE_SECONDS, job.calls or None)
            if job.calls:
                return
            if not slice_.placed:
                time.sleep(0.2)


def set_clock(shift: float) -> None:
    """This process's wall clock is wrong from now on; the clock that nobody sets goes on."""
    seconds, nanoseconds = time.time, time.time_ns
    time.time = lambda: seconds() + shift
    time.time_ns = lambda: nanoseconds() + int(shift * 1e9)


if __name__ == "__main__":
    sys.exit(main())
