"""The databases that campaigns are tested in, and what tests of them share."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest

from postgres_server import PostgresServer, missing
from trillet.campaign import Campaign, Policy
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import trillet

ADA, BEN, EVE = "+12025550101", "+12025550102", "+12025550103"
ANY_TIME: dict[str, Any] = {"windows": (), "calls_per_minute": 6000, "calls_at_once": 100}


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests; without one they are skipped."""
    reason = missing()
    if reason is None and importlib.util.find_spec("psycopg") is None:
        reason = "needs psycopg"
    if reason is not None:
        pytest.skip(reason)
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new database is. Each test runs with both kinds."""
    if request.param == "sqlite":
        return str(tmp_path / "leads.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    with Sandbox(speed=1) as running:
        yield running


@pytest.fixture
def sandbox(service: Sandbox) -> Sandbox:
    service.faults.clear()
    return service


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[trillet.Trillet]:
    with sandbox.client() as opened:
        yield opened


@pytest.fixture
def agent(client: trillet.Trillet) -> str:
    return agent_of(client)


def placed(sandbox: Sandbox) -> int:
    """How many calls the service has placed."""
    return sandbox.ledger().totals("calls.send").effects


def agent_of(client: trillet.Trillet) -> str:
    """An agent that can call."""
    made = client.agents.create(
        name="Front Desk", llm_model="m", tts_model={"provider": "rime", "voiceId": "v"}
    )
    client.flows.create(
        name="Reminder", direction="outbound", prompt_type="simple", agent=made["_id"]
    )
    return made["_id"]


def begun(place: str, agent: str, *phones: str, name: str = "spring", **rules: Any) -> Campaign:
    """A campaign that is running."""
    policy = Policy(**{**ANY_TIME, **rules})
    campaign = Campaign.create(place, name, agent=agent, account=place, policy=policy)
    campaign.add({"phone_number": phone} for phone in phones)
    campaign.start()
    return campaign
