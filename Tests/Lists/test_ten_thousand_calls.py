"""A batch of 10,000 calls with faults everywhere: each result once, whatever happens."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from list_doors import ListClient
from result_rows import job_ids, rows
from started_batch import new_agent, start_batch
from trillet.testing import Sandbox

CALLS = 10_000
ASKED = ("batch_calls.progress", "batch_calls.list_calls", "batch_calls.get_call")
LONGEST = 100.0


@pytest.fixture
def seed() -> int:
    """Another one each time; pytest shows it when the test fails."""
    chosen = int(os.environ.get("TRILLET_TEST_SEED", random.randrange(2**32)))
    print(f"TRILLET_TEST_SEED={chosen}")
    return chosen


def add_faults(sandbox: Sandbox) -> None:
    """About a quarter of all requests fails, each in a way of its own."""
    for operation in ASKED:
        sandbox.faults.add(operation, "status", count=None, probability=0.05, status=500)
        sandbox.faults.add(operation, "reset", count=None, probability=0.05, when="after")
        sandbox.faults.add(operation, "close", count=None, probability=0.04)
        sandbox.faults.add(operation, "partial", count=None, probability=0.04)
        sandbox.faults.add(operation, "html", count=None, probability=0.03)
        sandbox.faults.add(operation, "invalid-json", count=None, probability=0.02)
        sandbox.faults.add(operation, "empty", count=None, probability=0.02)


@contextmanager
def running(sandbox: Sandbox, seconds: float) -> Iterator[threading.Event]:
    """Lets an hour of simulated time pass in that many seconds, in small steps."""
    stop = threading.Event()
    steps = 60

    def step() -> None:
        for _ in range(steps):
            if stop.wait(seconds / steps):
                return
            sandbox.clock.advance(3600 / steps)

    thread = threading.Thread(target=step)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(LONGEST)


def check(file: Path) -> None:
    ids = job_ids(file)
    assert len(ids) == CALLS
    assert len(set(ids)) == CALLS
    read = rows(file)
    assert {row["status"] for row in read} == {"completed", "failed"}
    assert len({row["phone_number"] for row in read}) == CALLS


def ask(batch: str, file: Path) -> dict[str, Any]:
    return {
        "batchId": batch,
        "file": str(file),
        "wait": True,
        "resume": True,
        "minIntervalMs": 5,
        "maxIntervalMs": 50,
        "deadlineMs": int(LONGEST * 1000),
    }


@pytest.mark.parametrize(("ending", "retries"), [("csv", 2), ("jsonl", 0)])
def test_a_batch_of_10_000_calls_has_each_result_once_through_all_faults(
    sandbox: Sandbox, tmp_path: Path, seed: int, ending: str, retries: int
) -> None:
    sandbox.reset(seed % 1_000_000)
    sandbox.clock.pause()
    with ListClient(sandbox.url, maxRetries=retries) as client:
        batch = start_batch(client, new_agent(client), CALLS)
        add_faults(sandbox)
        file = tmp_path / f"results.{ending}"
        states: set[str] = set()
        with running(sandbox, 2.0):
            written = client.results(ask(batch, file), lambda report: states.add(report["state"]))
    assert written["ok"], written
    assert written["data"]["isComplete"] is True
    assert written["data"]["written"] == CALLS
    assert written["data"]["batch"]["faults"] > 0
    assert {"running", "unreachable", "completed"} <= states
    check(file)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_killed_anywhere_and_resumed_the_file_has_each_result_once(
    sandbox: Sandbox, tmp_path: Path, seed: int, ending: str
) -> None:
    sandbox.reset(seed % 1_000_000)
    sandbox.clock.pause()
    chosen = random.Random(seed)
    with ListClient(sandbox.url, maxRetries=0) as client:
        batch = start_batch(client, new_agent(client), CALLS)
        add_faults(sandbox)
        file = tmp_path / f"results.{ending}"
        sizes = []
        with running(sandbox, 4.0):
            for _ in range(8):
                kill_after(chosen.uniform(0.0, 0.6), sandbox.url, ask(batch, file))
                sizes.append(file.stat().st_size if file.exists() else 0)
                tear(file, chosen)
        sandbox.clock.advance(7200)
        written = client.results(ask(batch, file))
    print("sizes when it was killed:", sizes)
    assert written["ok"], written
    assert written["data"]["isComplete"] is True
    assert written["data"]["inFile"] == CALLS
    check(file)


def kill_after(seconds: float, url: str, request: dict[str, Any]) -> None:
    """Kills a process that writes results, so long after it has begun."""
    process = subprocess.Popen(
        [
            sys.executable,
            str(Path(__file__).with_name("results_process.py")),
            url,
            json.dumps(request),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == b"begins\n"
        time.sleep(seconds)
        process.kill()


def tear(file: Path, chosen: random.Random) -> None:
    """Sometimes a loss of power takes a part of the last row with it."""
    if file.exists() and file.stat().st_size > 0 and chosen.random() < 0.5:
        os.truncate(file, file.stat().st_size - chosen.randrange(min(40, file.stat().st_size)))
