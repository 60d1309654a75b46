"""The commands of campaigns, from a contact file to results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import agent_of
from trillet._command.command import main
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAST = ("--any-time", "--calls-per-minute", "6000", "--calls-at-once", "100")


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def agent(service: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TRILLET_API_KEY", "sandbox-key")
    monkeypatch.setenv("TRILLET_WORKSPACE_ID", "sandbox-workspace")
    monkeypatch.setenv("TRILLET_BASE_URL", service.url)
    with service.client() as client:
        return agent_of(client)


@pytest.fixture
def database(tmp_path: Path) -> str:
    return str(tmp_path / "leads.db")


@pytest.fixture
def contacts(tmp_path: Path) -> str:
    file = tmp_path / "contacts.csv"
    rows = [f"+1202555{number:04},Ada" for number in range(20)]
    file.write_text("\n".join(["phone_number,first_name", *rows, "555,Ben"]) + "\n")
    return str(file)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command prints as JSON; it must succeed."""
    assert main(["campaign", *words, "--output", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_file_becomes_calls_and_results(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, agent: str, database: str, contacts: str
) -> None:
    assert main(["campaign", "create", database, "--agent", agent, "--file", contacts, *FAST]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"campaign in {database}: 20 contacts added, 0 known already\n"
    assert "555" in printed.err
    status = main(["campaign", "run", database, "--seconds", "8", "--quiet"])
    assert status in (0, 1)
    stands = told(capsys, "status", database) if not capsys.readouterr().err else {}
    assert stands["calls"] == 20
    assert set(stands["contacts"]) <= {"done", "in_call", "ready", "exhausted"}
    results = tmp_path / "results.csv"
    assert told(capsys, "export", database, str(results))["rows"] == 20
    assert results.read_text().count("+1202555") >= 20


def test_a_campaign_is_paused_resumed_and_cancelled(
    capsys: pytest.CaptureFixture[str], agent: str, database: str, contacts: str
) -> None:
    told(capsys, "create", database, "--agent", agent, "--name", "spring")
    told(capsys, "add", database, contacts)
    told(capsys, "resume", database)
    assert told(capsys, "pause", database)["state"] == "paused"
    assert main(["campaign", "run", database, "--seconds", "0"]) == 1
    assert "paused by a person" in capsys.readouterr().out
    assert told(capsys, "resume", database)["state"] == "running"
    assert told(capsys, "cancel", database)["state"] == "cancelled"
    assert main(["campaign", "resume", database]) == 2
    assert "is cancelled, and cannot become running" in capsys.readouterr().err


def test_numbers_are_suppressed_and_doubts_are_listed(
    capsys: pytest.CaptureFixture[str], agent: str, database: str
) -> None:
    told(capsys, "create", database, "--agent", agent)
    assert told(capsys, "suppress", database, "+12025550101") == {"suppressed": 1}
    assert main(["campaign", "unknown", database]) == 0
    assert capsys.readouterr().out == ""
    words = ["unknown", database, "--number", "+12025550101", "--resolve", "redial"]
    assert main(["campaign", *words]) == 1
    assert main(["campaign", "unknown", database, "--number", "+12025550101"]) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["status", "missing.db"], "There is no campaign database"),
        (["create", "/missing/leads.db", "--agent", "a"], "no folder"),
        (["create", "x.db", "--agent", "a", "--window", "mon"], "A window is written"),
    ],
)
def test_a_mistake_is_told(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    agent: str,
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["campaign", *words]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "may have acted" not in said
    assert not list(tmp_path.iterdir())


def test_several_campaigns_of_a_database_are_told_apart_by_name(
    capsys: pytest.CaptureFixture[str], agent: str, database: str
) -> None:
    for name in ("spring", "summer"):
        told(capsys, "create", database, "--agent", agent, "--name", name)
    assert main(["campaign", "status", database]) == 2
    assert "spring, summer" in capsys.readouterr().err
    assert told(capsys, "status", database, "--name", "summer")["name"] == "summer"
