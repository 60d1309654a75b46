"""uWSGI, whose master loads the program and forks workers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calls_service import SECONDS, CallsService, wait_until
from places import EXAMPLES
from ports import free_port
from web import answer_to, answers_to

PLUGINS = Path("/usr/lib/uwsgi/plugins")
UWSGI = shutil.which("uwsgi-core") or ""
PROGRAM = EXAMPLES / "uwsgi/calls.py"
pytestmark = pytest.mark.skipif(
    not UWSGI or not (PLUGINS / "python3_plugin.so").exists(),
    reason="needs uWSGI: apt install uwsgi-plugin-python3",
)


@contextmanager
def uwsgi(calls: CallsService, log: Path, harakiri: int, program: Path) -> Iterator[int]:
    """Its port."""
    port = free_port()
    command = [UWSGI, "--plugins-dir", str(PLUGINS), "--plugin", "http,python3", "--master"]
    command += ["--http", f"127.0.0.1:{port}", "--processes", "2", "--die-on-term"]
    command += ["--harakiri", str(harakiri), "--wsgi-file", str(program)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=calls.environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: log.read_text().count("spawned uWSGI worker") == 2, log.read_text)
        yield port
        process.terminate()
        assert process.wait(SECONDS) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def test_workers_place_each_call_once(calls: CallsService, tmp_path: Path) -> None:
    with uwsgi(calls, tmp_path / "log", 30, PROGRAM) as port:
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
    with uwsgi(calls, tmp_path / "log", 30, early) as port:
        assert answers_to(port, 3) == ["forked, sent: no"] * 3
    assert calls.rung == []


def test_harakiri_in_a_call_leaves_it_placed_and_unanswered(
    calls: CallsService, tmp_path: Path
) -> None:
    calls.delay = 5
    with uwsgi(calls, tmp_path / "log", 1, PROGRAM) as port:
        assert not answer_to(port, 1).startswith("call-")
    assert calls.rung == ["+12025550001"]
    assert "HARAKIRI" in (tmp_path / "log").read_text()
