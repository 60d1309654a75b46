"""The worker of the examples: ended at any moment, it loses no call and makes none twice."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import hosts
from conftest import LIBRARY, ROOT, ROUNDS
from sandbox_program import binary
from seed import SEED
from trillet.testing import Sandbox

SECONDS = 60
NUMBERS = [f"+1202555{number:04}" for number in range(100, 160)]
SOURCE = ROOT / "examples/worker.cpp"


class Calls:
    """A sandbox with an agent whose calls are answered late, and the worker's database."""

    def __init__(self, sandbox: Sandbox, program: Path, database: Path) -> None:
        self.sandbox, self._program, self.database = sandbox, program, database
        with sandbox.client() as client:
            agent = client.agents.create(
                name="Desk",
                tts_model={"provider": "rime", "voiceId": "mistv2_Brook"},
                llm_model="gpt-4.1-mini",
            )
            self._agent = agent["_id"]
            client.flows.create(
                name="Calls", direction="outbound", prompt_type="simple", agent=self._agent
            )
        sandbox.faults.add("calls.send", "delay", count=None, ms=100, when="after")
        self.start(agent="none").communicate(timeout=SECONDS)
        with closing(sqlite3.connect(database)) as connection, connection:
            rows = [(number,) for number in NUMBERS]
            connection.executemany("INSERT INTO calls (number) VALUES (?)", rows)

    def start(
        self, agent: str | None = None, before: Callable[[], None] | None = None
    ) -> subprocess.Popen[str]:
        command = [str(self._program), str(self.database), agent or self._agent, "8"]
        pipe = subprocess.PIPE
        environment = os.environ | {
            "TRILLET_BASE_URL": self.sandbox.url,
            "TRILLET_API_KEY": "sandbox-key",
            "TRILLET_WORKSPACE_ID": "sandbox-workspace",
        }
        return subprocess.Popen(
            command, env=environment, text=True, stdout=pipe, stderr=pipe, preexec_fn=before
        )

    def rung(self) -> Counter[str]:
        """How often each number was called, in the order of the calls."""
        journal = self.sandbox.journal(limit=1000)
        bodies = [each["requestBody"] for each in journal if each["operation"] == "calls.send"]
        texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        return Counter(json.loads(text)["toNumber"] for text in texts)

    def effects(self) -> int:
        return self.sandbox.ledger().totals("calls.send").effects

    def states(self) -> dict[str, set[str]]:
        with closing(sqlite3.connect(self.database)) as connection:
            found: dict[str, set[str]] = {}
            for number, state in connection.execute("SELECT number, state FROM calls"):
                found.setdefault(state, set()).add(number)
            return found


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("worker") / "worker"
    compiler = hosts.interpreter("c++", "g++")
    sqlite = hosts.with_pkg_config("sqlite3", "libsqlite3-dev")
    command = [compiler, "-std=c++17", "-Wall", "-Wextra", "-pedantic", "-Werror"]
    command += ["-I", str(ROOT / "include"), "-o", str(made), str(SOURCE), *sqlite]
    command += [str(LIBRARY), f"-Wl,-rpath,{LIBRARY.parent}"]
    subprocess.run(command, check=True, timeout=300)
    return made


@pytest.fixture
def calls(program: Path, tmp_path: Path) -> Iterator[Calls]:
    with Sandbox(program=binary(), requests_per_minute=0) as sandbox:
        yield Calls(sandbox, program, tmp_path / "calls.db")


def after_some_calls(calls: Calls, process: subprocess.Popen[str], number: int) -> None:
    """Ends the process's first calls, and some part of what takes place between two others."""
    before, end = calls.effects(), time.monotonic() + SECONDS
    while process.poll() is None and calls.effects() < before + number:
        assert time.monotonic() < end
        time.sleep(0.01)
    time.sleep(random.Random(SEED + number).random() * 0.1)


def finished(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (0, "")
    return output


def test_every_number_is_called_once(calls: Calls) -> None:
    output = finished(calls.start())
    assert output == f"called: {len(NUMBERS)}\nwaiting: 0\nfailed: 0\nunknown: 0\n"
    assert calls.rung() == Counter(NUMBERS)
    assert calls.effects() == len(NUMBERS)


def test_sigterm_loses_no_answer_and_rings_no_phone_twice(calls: Calls) -> None:
    for round_ in range(ROUNDS):
        process = calls.start()
        after_some_calls(calls, process, round_ + 1)
        process.send_signal(signal.SIGTERM)
        finished(process)
        states = calls.states()
        assert states.get("called", set()) == set(calls.rung())
        assert states.keys() <= {"called", "waiting"}
    finished(calls.start())
    assert calls.states() == {"called": set(NUMBERS)}
    assert calls.rung() == Counter(NUMBERS)


def test_what_was_on_its_way_at_a_kill_is_not_called_again(calls: Calls) -> None:
    for round_ in range(ROUNDS):
        process = calls.start()
        after_some_calls(calls, process, round_ + 1)
        process.kill()
        process.communicate(timeout=SECONDS)
    finished(calls.start())
    states = calls.states()
    assert states.keys() == {"called", "unknown"}
    assert states["called"] <= set(calls.rung()) <= set(NUMBERS)
    assert max(calls.rung().values()) == 1


def test_a_second_worker_on_the_same_database_starts_nothing(calls: Calls) -> None:
    first = calls.start()
    after_some_calls(calls, first, 1)
    second = calls.start()
    _, errors = second.communicate(timeout=SECONDS)
    assert (second.returncode, errors) == (1, "worker: database is locked\n")
    finished(first)
    assert calls.rung() == Counter(NUMBERS)


def test_a_pause_without_a_standard_input_ends(calls: Calls) -> None:
    calls.sandbox.faults.clear()
    calls.sandbox.faults.add("calls.send", "status", status=429, retryAfter=1, count=24)
    # The first descriptor that the worker opens is then 0.
    process = calls.start(before=lambda: os.close(0))
    finished(process)
    assert calls.states() == {"called": set(NUMBERS)}


def test_answers_that_come_while_a_worker_fails_are_kept(calls: Calls) -> None:
    with closing(sqlite3.connect(calls.database)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON calls WHEN NEW.state = 'calling'"
            f" AND NEW.number = '{NUMBERS[4]}' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    process = calls.start()
    _, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (1, "worker: the disk is full\n")
    states = calls.states()
    assert states.keys() <= {"called", "unknown", "waiting"}
    assert set(NUMBERS[4:]) <= states["waiting"]
    assert set(calls.rung()).isdisjoint(states["waiting"])
