"""What the tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from list_doors import ListClient
from recording_server import RecordingServer
from trillet.testing import Sandbox


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    with RecordingServer() as running:
        yield running


@pytest.fixture
def client(server: RecordingServer) -> Iterator[ListClient]:
    """A client of the recording server that repeats nothing by itself."""
    with ListClient(server.url, maxRetries=0) as made:
        yield made


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    with Sandbox(concurrency=500) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    """An empty sandbox whose time stands still."""
    sandbox_server.reset()
    sandbox_server.faults.clear()
    sandbox_server.clock.pause()
    return sandbox_server


@pytest.fixture(params=["csv", "jsonl"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where results go; each test runs once for each format."""
    return tmp_path / f"results.{request.param}"
