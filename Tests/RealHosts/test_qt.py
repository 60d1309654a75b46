"""Qt's event loop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import hosts
import loops
from watched_service import WatchedService, watched_service


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def test_a_qt_loop_hosts_a_client(watched: WatchedService, tmp_path: Path) -> None:
    qt = hosts.with_pkg_config("Qt5Core", "qtbase5-dev")
    program = loops.compiled("qt/calls.cpp", tmp_path / "calls", ["-fPIC", *qt])
    ended = watched.run([str(program)])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done: 200\n", "")
    assert not [name for names in watched.threads for name in names if "trillet" in name]


def test_a_loop_of_qt_6_hosts_a_client(watched: WatchedService, tmp_path: Path) -> None:
    qt = hosts.with_pkg_config("Qt6Core", "qt6-base-dev")
    program = loops.compiled("qt6/calls.cpp", tmp_path / "calls", ["-fPIC", *qt])
    ended = watched.run([str(program)])
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "200: agents, pagination\n"
    assert not [name for names in watched.threads for name in names if "trillet" in name]
