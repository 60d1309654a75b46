"""What the tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doors import DOORS, Door
from recording_server import RecordingServer
from seed import SEED
from trillet.testing import Sandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-table",
        action="store_true",
        help="write what was measured into docs/resilience.md",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"TRILLET_TEST_SEED={SEED}")


@pytest.fixture(params=DOORS, ids=repr)
def door(request: pytest.FixtureRequest) -> Door:
    """Each test runs once for each door."""
    chosen: Door = request.param
    return chosen


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    with RecordingServer() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
