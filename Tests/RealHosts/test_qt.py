"""Qt's event loop."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import hosts
from places import EXAMPLES, LIBRARY, ROOT
from watched_service import WatchedService, watched_service


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def test_a_qt_loop_hosts_a_client(watched: WatchedService, tmp_path: Path) -> None:
    qt = hosts.with_pkg_config("Qt5Core", "qtbase5-dev")
    compiler = hosts.interpreter("c++", "g++")
    program = tmp_path / "calls"
    command = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fPIC"]
    command += ["-I", str(ROOT / "include"), "-o", str(program), str(EXAMPLES / "qt/calls.cpp")]
    command += [*qt, str(LIBRARY), f"-Wl,-rpath,{LIBRARY.parent}"]
    subprocess.run(command, check=True, timeout=300)
    ended = watched.run([str(program)])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done: 200\n", "")
    assert not [name for names in watched.threads for name in names if "trillet" in name]
