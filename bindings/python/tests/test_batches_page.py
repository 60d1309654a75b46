"""What docs/batches.md tells: its code runs, and its tables are complete."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from conftest import KEY, ROOT, WORKSPACE

if TYPE_CHECKING:
    from pathlib import Path

    from trillet.testing import Sandbox

PAGE = (ROOT / "docs" / "batches.md").read_text()
PROMPT = "Greet {first_name}."


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trillet_sandbox: Sandbox) -> Path:
    """Where the code of the page runs: with contacts, and the sandbox in the environment."""
    shutil.copy(ROOT / "examples" / "contacts.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRILLET_API_KEY", KEY)
    monkeypatch.setenv("TRILLET_WORKSPACE_ID", WORKSPACE)
    monkeypatch.setenv("TRILLET_BASE_URL", trillet_sandbox.url)
    return tmp_path


@pytest.fixture
def agent(trillet_client: trillet.Trillet) -> str:
    agent = trillet_client.agents.create(
        name="Front Desk", tts_model={"provider": "rime", "voiceId": "v"}, llm_model="gpt-4o-mini"
    )
    trillet_client.flows.create(
        name="Renewal",
        direction="outbound",
        prompt_type="simple",
        agent=agent["_id"],
        prompt=PROMPT,
    )
    return agent["_id"]


def test_the_python_runs(folder: Path, agent: str, trillet_client: trillet.Trillet) -> None:
    first, again, last = blocks("python")
    names: dict[str, Any] = {"PROMPT": PROMPT, "agent_id": agent}
    exec(first, names)
    assert len((folder / "results.csv").read_text().splitlines()) == 101
    names.update(client=trillet_client, batch_id=names["batch"]["batchId"])
    exec(again, names)
    assert names["rows"]
    pytest.importorskip("pandas")
    exec(last, names)
    frame = names["frame"]
    assert len(frame) == 100
    assert frame["call_id"].notna().sum() == frame["start_time"].notna().sum() > 0


def test_the_commands_run(folder: Path, agent: str) -> None:
    commands = folder / "trillet"
    commands.write_text(f'#!/bin/sh\nexec {sys.executable} -m trillet "$@"\n')
    commands.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "AGENT": agent,
    }
    export = "Mobil;first_name\n0171 1234567;Zoë\n+12025550164;Ada\n"
    (folder / "export.txt").write_bytes(export.encode("cp1252"))
    for script in blocks("sh"):
        done = subprocess.run(
            ["sh", "-e", "-c", script], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done
    assert (folder / "results.csv").exists()
    assert (folder / "good.csv").exists()


def test_a_batch_whose_start_lost_its_answer_is_found_in_the_history(
    trillet_sandbox: Sandbox,
    trillet_client: trillet.Trillet,
    agent: str,
) -> None:
    trillet_sandbox.faults.add("batch_calls.start", "reset", when="after")
    with pytest.raises(trillet.TrilletError) as raised:
        trillet_client.batch_calls.start(agent_id=agent, csv="phone_number\n+12025550164\n")
    assert raised.value.sent == "maybe"
    end = time.monotonic() + 20
    while not (found := history(trillet_client)):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert trillet_client.batch_calls.wait(found[0]["batchId"])["total"] == 1


def history(client: trillet.Trillet) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = client.call("GET /v2/api/call-history").data
    known: Any = [client.call(f"GET /sandbox/calls/{call['callId']}").data for call in calls]
    return [call for call in known if call["batchId"]]


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        ("Contacts/RowProblem.swift", r'case \.\w+: "(\w+)"'),
        ("Batches/BatchWatch.swift", r'"(scheduled|queued|running|stuck|unreachable)"'),
    ],
)
def test_no_kind_of_problem_and_no_state_is_missing(source: str, pattern: str) -> None:
    text = (ROOT / "Sources" / "Trillet" / source).read_text()
    first_cells = [row.split("|")[1] for row in PAGE.splitlines() if row.startswith("| `")]
    told = set(re.findall(r"`(\w+)`", "".join(first_cells)))
    assert set(re.findall(pattern, text)) <= told
