"""What became of calls and batches, as ``trillet calls`` and ``trillet batch`` tell it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from commanding import point_to, told
from conftest import ROOT
from recording_server import json_answer

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer

VOICE = ["--tts-model.provider", "rime", "--tts-model.voice-id", "mistv2_Brook"]
AGENT = ["agents", "create", "--name", "Front Desk", "--llm-model", "gpt-4.1-mini", *VOICE]


@pytest.fixture
def asked(server: RecordingServer, monkeypatch: pytest.MonkeyPatch) -> RecordingServer:
    """A service that keeps what it is asked."""
    point_to(monkeypatch, server.url)
    return server


@pytest.fixture
def there(sandbox: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """The sandbox, as the service of the command."""
    point_to(monkeypatch, sandbox["url"])
    return str(sandbox["url"])


@pytest.fixture
def called(there: str) -> dict[str, str]:
    """An agent with a flow, a call of it, and a batch."""
    agent = json.loads(told(*AGENT, "--json").output)["_id"]
    flow = ["--name", "Renewal", "--direction", "outbound", "--prompt-type", "simple"]
    told("flows", "create", *flow, "--agent", agent, "--prompt", "Hi {first_name}")
    call = told("calls", "send", "--agent", agent, "--to-number", "+12025550164", "--query",
                "callId")  # fmt: skip
    assert call.status == 0, call
    batch = told("batch", "start", ROOT / "examples" / "contacts.csv", "--agent", agent)
    assert batch.status == 0, batch
    told("batch", "wait", batch.output.strip(), "--quiet")
    told("calls", "wait", call.output.strip(), "--quiet")
    return {"agent": agent, "call": call.output.strip(), "batch": batch.output.strip()}


def test_calls_are_found_by_agent_batch_and_time(called: dict[str, str]) -> None:
    def listed(*words: str) -> list[dict[str, Any]]:
        done = told("calls", "list", "--agent", called["agent"], "--all", "--json", *words)
        assert done.status == 0, done
        found: list[dict[str, Any]] = json.loads(done.output)
        return found

    assert len(listed()) == 101
    assert len(listed("--batch", called["batch"])) == 100
    assert len(listed("--since", "1w")) == 101
    assert listed("--until", "2020-01-01") == []
    completed = listed("--status", "completed")
    assert completed
    assert all(each["status"] == "completed" for each in completed)
    record = listed("--search", "+12025550164", "--call-ids", called["call"])[0]
    whole = told("calls", "get", record["_id"], "--query", "callId")
    assert whole.output.strip() == called["call"]


def test_a_call_is_followed_and_found(called: dict[str, str]) -> None:
    waited = told("calls", "wait", called["call"], "--quiet", "--output", "json")
    assert json.loads(waited.output)["callId"] == called["call"]
    both = told("calls", "wait", called["call"], called["call"], "--deadline", "30")
    assert both.output.count(called["call"]) == 2
    words = ["+12025559999", "--since", "1h", "--settle", "0"]
    lost = told("calls", "find", called["agent"], *words)
    assert lost.status in (4, 7), lost
    assert "found: " in lost.output


def test_a_batch_is_remembered_and_shown(called: dict[str, str]) -> None:
    listed = told("batch", "list", "--json", "--limit", "1")
    assert listed.status == 0, listed
    (batch,) = json.loads(listed.output)
    assert (batch["batchId"], batch["file"], batch["rows"]) == (
        called["batch"],
        "contacts.csv",
        100,
    )
    assert batch["status"] == "completed"
    assert f"id: {called['batch']}" in told("batch", "show", called["batch"]).output
    calls = told("batch", "calls", called["batch"], "--all", "--output", "jsonl")
    assert len(calls.output.splitlines()) == 100
    job = json.loads(calls.output.splitlines()[0])["jobId"]
    assert job in told("batch", "call", called["batch"], job).output


def test_a_batch_of_another_service_is_not_listed(
    called: dict[str, str], asked: RecordingServer
) -> None:
    assert told("batch", "list", "--json").output == "[]\n"
    assert asked.requests == []


def test_a_batch_that_the_service_has_forgotten_is_not_listed(asked: RecordingServer) -> None:
    asked.respond = lambda _: json_answer({"batchId": "batch_forgotten"})
    start = told("batch", "start", ROOT / "examples" / "contacts.csv", "--agent", "a")
    assert start.status == 0, start
    asked.respond = lambda _: json_answer({"error": "Batch not found"}, status=404)
    assert told("batch", "list", "--json").output == "[]\n"
    asked.respond = lambda _: json_answer({"error": "no"}, status=401)
    assert told("batch", "list").status == 3
    asked.respond = lambda _: json_answer({"error": "no"}, status=500)
    (batch,) = json.loads(told("batch", "list", "--json").output)
    assert (batch["batchId"], batch["status"]) == ("batch_forgotten", None)


def test_what_is_remembered_is_for_its_owner_and_survives_damage(
    asked: RecordingServer, state: Path
) -> None:
    asked.respond = lambda _: json_answer({"batchId": "batch_kept"})
    contacts = ROOT / "examples" / "contacts.csv"
    assert told("batch", "start", contacts, "--agent", "a").status == 0
    file = state / "trillet" / "batches.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    with file.open("ab") as more:
        more.write(b'{"batchId":\n\xff\n[]\n{"batchId":1}\n')
    assert "batch_kept" in told("batch", "list").output
    assert told("batch", "list", "--query", "length(@)").output == "1\n"


def test_what_is_remembered_does_not_grow_for_ever(
    asked: RecordingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    file = tmp_path / "trillet" / "batches.jsonl"
    file.parent.mkdir()
    file.write_text("".join(f'{{"batchId":"{at:0200}"}}\n' for at in range(2500)))
    with file.open("ab") as more:
        more.write(b"\xff\n")
    asked.respond = lambda _: json_answer({"batchId": "batch_kept"})
    done = told("batch", "start", ROOT / "examples" / "contacts.csv", "--agent", "a")
    assert (done.status, done.output) == (0, "batch_kept\n")
    lines = file.read_text().splitlines()
    assert len(lines) == 1001
    assert "batch_kept" in lines[-1]
    assert [path.name for path in file.parent.iterdir()] == ["batches.jsonl"]


def test_a_batch_that_cannot_be_remembered_has_started_nevertheless(
    asked: RecordingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    asked.respond = lambda _: json_answer({"batchId": "batch_kept"})
    done = told("batch", "start", ROOT / "examples" / "contacts.csv", "--agent", "a")
    assert (done.status, done.output) == (0, "batch_kept\n")
    assert told("batch", "list") == (0, "", "")


@pytest.mark.parametrize("home", ["", "home"])
def test_a_batch_is_remembered_in_no_folder_of_a_relative_name(
    asked: RecordingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    def found() -> Path:
        if not home:
            raise RuntimeError("Could not determine home directory.")
        return tmp_path / home

    asked.respond = lambda _: json_answer({"batchId": "batch_kept"})
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setattr("pathlib.Path.home", found)
    monkeypatch.chdir(tmp_path)
    done = told("batch", "start", ROOT / "examples" / "contacts.csv", "--agent", "a")
    assert (done.status, done.output) == (0, "batch_kept\n")
    assert [path.name for path in tmp_path.iterdir()] == ([home] if home else [])
    listed = told("batch", "list", "--json")
    assert len(json.loads(listed.output)) == (1 if home else 0), listed


def test_an_export_is_a_file_of_csv(called: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "history.csv"
    done = told("calls", "export", "--agent", called["agent"], "--file", target)
    assert done.status == 0, done
    assert re.match(r"Call ID,|\W*Call ID", target.read_text())
