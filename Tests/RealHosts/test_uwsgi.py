"""uWSGI, whose master loads the program and forks workers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from calls_service import SECONDS, CallsService, wait_until
from places import EXAMPLES
from ports import free_port
from web import answer_to, answers_to

PLUGINS = Path("/usr/lib/uwsgi/plugins")
UWSGI = shutil.which("uwsgi-core") or ""
FOLDER = EXAMPLES / "wsgi"
PROGRAM = FOLDER / "calls_uwsgi.py"
pytestmark = pytest.mark.skipif(
    not UWSGI or not (PLUGINS / "python3_plugin.so").exists(),
    reason="needs uWSGI: apt install uwsgi-plugin-python3",
)


def ended(process: subprocess.Popen[bytes]) -> int:
    """How it ends; a worker that has not begun to serve takes no notice of the first signal."""
    for _ in range(SECONDS // 5):
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            return process.wait(5)
    return process.wait(0)


@contextmanager
def uwsgi(
    calls: CallsService, log: Path, harakiri: int, program: Path = PROGRAM, workers: int = 2
) -> Iterator[tuple[int, int]]:
    """Its port, and the process of its master."""
    port = free_port()
    command = [UWSGI, "--plugins-dir", str(PLUGINS), "--plugin", "python3", "--master"]
    command += ["--http-socket", f"127.0.0.1:{port}", "--processes", str(workers), "--die-on-term"]
    command += ["--harakiri", str(harakiri), "--wsgi-file", str(program)]
    command += ["--pythonpath", str(FOLDER)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=calls.environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: log.read_text().count("spawned uWSGI worker") == workers, log.read_text)
        yield port, process.pid
        assert ended(process) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def test_workers_place_each_call_once(calls: CallsService, tmp_path: Path) -> None:
    with uwsgi(calls, tmp_path / "log", 30) as (port, _):
        answers = answers_to(port, 8)
    log = (tmp_path / "log").read_text()
    assert [answer.partition("-")[0] for answer in answers] == ["call"] * 8, log
    assert sorted(calls.rung) == [f"+1202555{number:04}" for number in range(8)]
    assert "Traceback" not in log


def test_a_client_made_before_the_fork_fails_every_request(
    calls: CallsService, tmp_path: Path
) -> None:
    hook = "uwsgi.post_fork_hook = open_client"
    early = tmp_path / "early.py"
    early.write_text(PROGRAM.read_text().replace(hook, "open_client()"))
    with uwsgi(calls, tmp_path / "log", 30, early) as (port, _):
        assert answers_to(port, 3) == ["forked, sent: no"] * 3
    assert calls.rung == []


def test_a_call_under_way_is_answered_while_the_server_is_reloaded(
    calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 1
    log = tmp_path / "log"
    # One worker, which serves: uWSGI forgets to end one that has not begun to.
    with uwsgi(calls, log, 30, workers=1) as (port, master), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(answer_to, port, 1)
        wait_until(lambda: calls.rung == ["+12025550001"], log.read_text)
        os.kill(master, signal.SIGHUP)
        assert answer.result(SECONDS) == "call-1"
        wait_until(lambda: log.read_text().count("spawned uWSGI worker") == 2, log.read_text)
        assert answer_to(port, 2) == "call-2"
    assert calls.rung == ["+12025550001", "+12025550002"]
    assert "Traceback" not in log.read_text()


def test_harakiri_in_a_call_leaves_it_placed_and_unanswered(
    calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 5
    with uwsgi(calls, tmp_path / "log", 1) as (port, _):
        assert not answer_to(port, 1).startswith("call-")
    assert calls.rung == ["+12025550001"]
    assert "HARAKIRI" in (tmp_path / "log").read_text()
