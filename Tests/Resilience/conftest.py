"""What the tests share."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from certificates import Certificate, make_certificate
from doors import DOORS, Door
from gate import Gate
from proxied import VARIABLES, Configure, context
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


@pytest.fixture
def gate(server: RecordingServer) -> Iterator[Gate]:
    gate = Gate(server)
    yield gate
    gate.open()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where a recording is written to."""
    return tmp_path / "call.mp3"


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        yield port


@pytest.fixture
def no_other_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(params=["option", "environment"])
def through(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Makes the options of a client that goes through the proxy."""

    def option(url: str) -> dict[str, Any]:
        return {"proxy": url}

    def environment(url: str) -> dict[str, Any]:
        monkeypatch.setenv("https_proxy", url)
        return {}

    return option if request.param == "option" else environment


@pytest.fixture
def service(certificate: Certificate) -> Iterator[RecordingServer]:
    with RecordingServer(tls=context(certificate)) as running:
        yield running


@pytest.fixture
def proxy() -> Iterator[RecordingServer]:
    with RecordingServer() as running:
        yield running


@pytest.fixture
def trusting(certificate: Certificate) -> dict[str, Any]:
    return {"caFile": str(certificate.authority), "maxRetries": 1, "connectTimeoutMs": 5000}
