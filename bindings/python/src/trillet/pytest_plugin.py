"""Fixtures for pytest, which the installed package registers.

``trillet_sandbox`` is a `trillet.testing.Sandbox`, empty at the start of every test.
``trillet_client`` is a client of it. The program is found as by `Sandbox`, or named by
``--trillet-sandbox``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import Trillet
    from .testing import Sandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("trillet")
    group.addoption(
        "--trillet-sandbox",
        metavar="PROGRAM",
        help="The trillet-sandbox program that the fixture trillet_sandbox starts.",
    )


@pytest.fixture(scope="session")
def trillet_sandbox_server(pytestconfig: pytest.Config) -> Iterator[Sandbox]:
    """One running sandbox for all tests. Override it to start it with other options."""
    from .testing import Sandbox, SandboxError

    try:
        server = Sandbox(program=pytestconfig.getoption("--trillet-sandbox"))
    except SandboxError as error:
        pytest.fail(str(error), pytrace=False)
    with server:
        yield server


@pytest.fixture
def trillet_sandbox(trillet_sandbox_server: Sandbox) -> Sandbox:
    """The sandbox as after a start: without data, faults, ledger and journal."""
    trillet_sandbox_server.reset()
    return trillet_sandbox_server


@pytest.fixture
def trillet_client(trillet_sandbox: Sandbox) -> Iterator[Trillet]:
    """A client of the sandbox."""
    with trillet_sandbox.client() as client:
        yield client
