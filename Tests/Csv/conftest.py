"""What the tests share."""

from __future__ import annotations

import pytest

from seed import SEED


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--files",
        type=int,
        default=20_000,
        help="how many small hostile files are compared with Python's csv module",
    )
    parser.addoption(
        "--damages", type=int, default=1_000, help="how many times a good file is damaged"
    )
    parser.addoption(
        "--numbers",
        type=int,
        default=50_000,
        help="how many numbers of all countries are written, well or badly, and judged",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"TRILLET_TEST_SEED={SEED}")


@pytest.fixture
def files(request: pytest.FixtureRequest) -> int:
    count: int = request.config.getoption("--files")
    return count


@pytest.fixture
def damages(request: pytest.FixtureRequest) -> int:
    count: int = request.config.getoption("--damages")
    return count


@pytest.fixture
def numbers(request: pytest.FixtureRequest) -> int:
    count: int = request.config.getoption("--numbers")
    return count
