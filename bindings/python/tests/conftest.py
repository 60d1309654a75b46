"""What the tests share: the library, a recording server, the sandbox and the test data."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from recording_server import RecordingServer
from trillet._core.base import Client
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest_plugins = ("trillet.pytest_plugin", "pytester")

ROOT = Path(__file__).resolve().parents[3]
KEY = "sandbox-key"
# Of clients that choose none: the whole of these tests may run with either.
ENGINE = os.environ.get("TRILLET_TEST_ENGINE", "thread")
WORKSPACE = "sandbox-workspace"
BLOCKING = ("test_campaign", "test_code_", "test_command_", "test_conversation", "test_mcp_")

AMBIENT_VARIABLES = (
    "TRILLET_API_KEY",
    "TRILLET_WORKSPACE_ID",
    "TRILLET_BASE_URL",
    "TRILLET_PROFILE",
    "TRILLET_WEBHOOK_SECRET",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--without-msgspec", action="store_true", help="test the package as if it was not installed"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """These place blocking calls alone, which are the same whatever else the package does."""
    is_again = ENGINE == "caller" or config.getoption("--without-msgspec")
    is_blocking = collection_path.name.startswith(BLOCKING)
    return True if is_again and is_blocking else None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Says once, instead of in every test, that there is nothing to test."""
    # A shell starts what it runs in the background deaf to Ctrl-C, and programs pass that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if session.config.getoption("--without-msgspec"):
        sys.modules["msgspec"] = None  # type: ignore[assignment]
    if ENGINE == "caller":
        # Also of clients that a test makes by itself, or in another process of these tests.
        Client._engine = ENGINE
    try:
        trillet.version()
    except trillet.LibraryError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(autouse=True)
def _untouched_by_the_environment(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    for name in AMBIENT_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    # Where nobody has logged in.
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where programs keep what they remember, instead of in the home of whoever tests."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    with RecordingServer() as running:
        yield running


def _of(server: RecordingServer) -> dict[str, Any]:
    return {"api_key": KEY, "workspace_id": WORKSPACE, "base_url": server.url}


@pytest.fixture
def connect(server: RecordingServer) -> Iterator[Callable[..., trillet.Trillet]]:
    """Makes clients of the recording server; they are closed at the end.

    They send each request once, unless ``max_retries`` says otherwise.
    """
    clients: list[trillet.Trillet] = []

    def make(**options: Any) -> trillet.Trillet:
        given = {**_of(server), "max_retries": 0, **options}
        clients.append(trillet.Trillet(**given))
        return clients[-1]

    yield make
    for client in clients:
        client.close(0)


@pytest.fixture
def client(connect: Callable[..., trillet.Trillet]) -> trillet.Trillet:
    return connect()


@pytest.fixture
def connect_async(server: RecordingServer) -> Callable[..., trillet.AsyncTrillet]:
    """Makes clients for asyncio of the recording server; whoever makes one closes it."""

    def make(**options: Any) -> trillet.AsyncTrillet:
        return trillet.AsyncTrillet(**{**_of(server), **options})

    return make


@pytest.fixture(scope="session")
def json_suite() -> Path:
    """The JSON conformance files, which live beside the repository."""
    data = os.environ.get("TRILLET_TEST_DATA") or ROOT.parent / "shared" / "data"
    directory = Path(data) / "json-test-suite"
    if not directory.is_dir():
        pytest.skip(f"the JSON test suite is missing: {directory}; set TRILLET_TEST_DATA")
    return directory


@contextmanager
def running_sandbox(**options: Any) -> Iterator[dict[str, Any]]:
    """Runs a sandbox: gives ``url``, ``apiKey`` and ``workspaceId``."""
    with Sandbox(**options) as running:
        yield {
            "url": running.url,
            "apiKey": running.api_key,
            "workspaceId": running.workspace_id,
        }


@pytest.fixture(scope="session")
def sandbox() -> Iterator[dict[str, Any]]:
    """A sandbox whose calls and batches run by themselves."""
    with running_sandbox(speed=600, seed=7) as ready:
        yield ready


@pytest.fixture(scope="session")
def paused_sandbox() -> Iterator[dict[str, Any]]:
    """A sandbox whose time stands still until it is stepped."""
    with running_sandbox(arguments=["--paused"]) as ready:
        yield ready
