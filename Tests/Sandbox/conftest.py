"""Servers for the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from receiver import Receiver
from sandbox import OTHER_KEY, OTHER_WORKSPACE, Sandbox

if TYPE_CHECKING:
    from browser import Browser

StartSandbox = Callable[..., Sandbox]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One server for all tests that change nothing the others look at."""
    server = Sandbox(
        *("--requests-per-minute", "0", "--speed", "600"),
        *("--account", f"{OTHER_KEY}:{OTHER_WORKSPACE}"),
    )
    yield server
    server.stop()


@pytest.fixture
def start_sandbox() -> Iterator[StartSandbox]:
    """Starts servers with other options."""
    servers: list[Sandbox] = []

    def start(*arguments: str) -> Sandbox:
        servers.append(Sandbox(*arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Here: only tests of the page need Selenium.
    from browser import Browser

    window = Browser()
    yield window
    window.close()


@pytest.fixture
def quiet_console(browser: Browser) -> Iterator[None]:
    """No test leaves an error on the console."""
    browser.look()
    yield
    assert browser.complaints() == []
