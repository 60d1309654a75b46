"""gunicorn, whose workers are forked from a master that may have loaded the program already."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from calls_service import SECONDS, CallsService, wait_until
from places import EXAMPLES
from ports import free_port
from web import answer_to, answers_to

FOLDER = EXAMPLES / "wsgi"
WITH_A_CLIENT_OF_THE_MASTER = "import calls\ncalls.open_client()\napplication = calls.application\n"


class Gunicorn:
    """A running one."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log

    def get(self, number: int) -> str:
        return answer_to(self.port, number)

    def get_many(self, count: int) -> list[str]:
        return answers_to(self.port, count)

    def listens(self) -> bool:
        return "Booting worker" in self.log.read_text()


@contextmanager
def gunicorn(python: str, calls: CallsService, folder: Path, *arguments: str) -> Iterator[Gunicorn]:
    """Ends it with SIGTERM; its whole output is in the log."""
    running = Gunicorn(free_port(), folder / "log")
    command = [python, "-m", "gunicorn", "-b", f"127.0.0.1:{running.port}", *arguments]
    command += ["--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
    with running.log.open("w") as log:
        process = subprocess.Popen(
            command, env=calls.environment, cwd=FOLDER, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_until(running.listens, running.log.read_text)
        yield running
        process.terminate()
        assert process.wait(SECONDS) == 0, running.log.read_text()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "workers",
    [
        ["calls", "--workers", "2"],
        ["calls", "-k", "gthread", "--threads", "4"],
        ["calls_gevent", "-k", "gevent"],
        ["calls_asgi:app", "-k", "uvicorn_worker.UvicornWorker", "-c", "/dev/null"],
    ],
    ids=["sync", "gthread", "gevent", "uvicorn"],
)
def test_every_kind_of_worker_places_each_call_once(
    python: str, calls: CallsService, tmp_path: Path, workers: list[str]
) -> None:
    with gunicorn(python, calls, tmp_path, *workers) as server:
        answers = server.get_many(8)
    assert [answer.partition("-")[0] for answer in answers] == ["call"] * 8
    assert sorted(calls.rung) == [f"+1202555{number:04}" for number in range(8)]
    assert "Traceback" not in server.log.read_text()


def test_a_client_made_before_the_fork_fails_every_request(
    python: str, calls: CallsService, tmp_path: Path
) -> None:
    (tmp_path / "early.py").write_text(WITH_A_CLIENT_OF_THE_MASTER)
    arguments = ["--preload", "-c", "/dev/null", "--pythonpath", f"{FOLDER},{tmp_path}"]
    with gunicorn(python, calls, tmp_path, *arguments, "early") as server:
        assert server.get_many(3) == ["forked, sent: no"] * 3
    assert calls.rung == []


@pytest.mark.parametrize("worker", ["sync", "gthread", "gevent"])
def test_a_call_under_way_is_answered_when_the_server_ends(
    python: str, calls: CallsService, tmp_path: Path, worker: str
) -> None:
    calls.delay = 1
    program = "calls_gevent" if worker == "gevent" else "calls"
    with ThreadPoolExecutor(1) as pool:
        with gunicorn(python, calls, tmp_path, program, "-k", worker) as server:
            answer = pool.submit(server.get, 1)
            wait_until(lambda: calls.rung == ["+12025550001"], server.log.read_text)
        assert answer.result(SECONDS) == "call-1"
    assert calls.rung == ["+12025550001"]
    assert "Traceback" not in server.log.read_text()


def test_a_worker_killed_in_its_call_leaves_it_placed_and_unanswered(
    python: str, calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 4
    with gunicorn(python, calls, tmp_path, "calls", "--timeout", "1") as server:
        assert not server.get(1).startswith("call-")
    assert calls.rung == ["+12025550001"]
    assert "WORKER TIMEOUT" in server.log.read_text()


@pytest.mark.parametrize(("program", "least", "most"), [("calls_gevent", 1, 3), ("calls", 4, 30)])
def test_the_pool_of_gevent_keeps_calls_from_waiting_for_each_other(
    python: str, calls: CallsService, tmp_path: Path, program: str, least: int, most: int
) -> None:
    calls.delay = 1
    with gunicorn(python, calls, tmp_path, program, "-k", "gevent") as server:
        began = time.monotonic()
        answers = server.get_many(5)
        took = time.monotonic() - began
    assert [answer.partition("-")[0] for answer in answers] == ["call"] * 5
    assert least <= took <= most
