"""The loop of Boost.Asio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import loops
from watched_service import WatchedService, watched_service

HEADER = Path("/usr/include/boost/asio.hpp")
pytestmark = pytest.mark.skipif(not HEADER.exists(), reason="needs libboost-dev")


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def test_a_loop_of_asio_hosts_a_client(watched: WatchedService, tmp_path: Path) -> None:
    program = loops.compiled("asio/calls.cpp", tmp_path / "calls", ["-pthread"])
    ended = watched.run([str(program)])
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(ended.stdout.splitlines()) == ["agents.list: 200", "flows.list: 200"]
    assert set(map(len, watched.threads)) == {1}
