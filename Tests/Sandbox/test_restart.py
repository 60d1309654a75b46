"""A server on a database file goes on where an earlier one stopped."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import ready_agent, start_batch, until
from sandbox_program import binary

BATCHES = "/v1/api/batch-calls"


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_batch_goes_on_and_nobody_is_dialled_twice(
    start_sandbox: StartSandbox, tmp_path: Path, ending: int
) -> None:
    arguments = (
        *("--database", str(tmp_path / "sandbox.sqlite")),
        *("--requests-per-minute", "0", "--speed", "100", "--concurrency", "8"),
    )
    first = start_sandbox(*arguments)
    agent = ready_agent(first)
    batch = start_batch(first, agent, 60)

    def progress() -> Any:
        return first.get(f"{BATCHES}/{batch}/status").json

    before = until(progress, lambda state: state["completed"] >= 5)
    documents = [first.get(path).json for path in ("/v1/api/agents", "/v1/api/call-flows")]
    time = first.get("/healthz").json["time"]
    first.stop(ending)

    second = start_sandbox(*arguments)
    agents, flows = (second.get(path).json for path in ("/v1/api/agents", "/v1/api/call-flows"))
    assert [agent["_id"] for agent in agents] == [agent["_id"] for agent in documents[0]]
    assert flows == documents[1]
    if ending == signal.SIGTERM:
        assert second.get("/healthz").json["time"] > time
    end = until(
        lambda: second.get(f"{BATCHES}/{batch}/status").json,
        lambda state: bool(state["isComplete"]),
    )
    assert end["completed"] >= before["completed"]
    assert end["completed"] + end["failed"] == 60
    assert end["startTime"] == before["startTime"]
    made = second.get(f"/v2/api/call-history?batchId={batch}&limit=100").json
    assert len(made) == len({call["toPhoneNumber"] for call in made}) == 60


def test_a_second_server_keeps_the_accounts_numbers(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    database = str(tmp_path / "sandbox.sqlite")
    first = start_sandbox("--database", database)
    numbers = first.get("/v1/api/twilio/user-phone-numbers").json
    assert first.stop() == 0
    second = start_sandbox("--database", database)
    assert second.get("/v1/api/twilio/user-phone-numbers").json == numbers


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--database", "/nowhere/sandbox.sqlite"], "/nowhere/sandbox.sqlite cannot be opened"),
        (["--speed", "0"], "--speed must be above 0"),
        (["--port", "70000"], "--port must be between 0 and 65535"),
        (["--concurrency", "0"], "--concurrency must be 1 or more"),
        (["--requests-per-minute", "-1"], "--requests-per-minute"),
        (["--account", "nocolon"], "--account must be KEY:WORKSPACE"),
        (["--log-level", "loud"], "--log-level"),
    ],
)
def test_a_wrong_option_is_refused_with_a_reason(arguments: list[str], problem: str) -> None:
    result = subprocess.run(
        [str(binary()), *arguments], capture_output=True, text=True, timeout=10, check=False
    )
    assert result.returncode != 0
    assert problem in result.stderr
    assert result.stdout == ""


def test_a_port_in_use_is_refused_with_a_reason(start_sandbox: StartSandbox) -> None:
    server = start_sandbox()
    result = subprocess.run(
        [str(binary()), "--port", str(server.port)],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert result.returncode != 0
    assert f"port {server.port} is in use" in result.stderr
    assert "--port" in result.stderr
    assert "descriptor" not in result.stderr
    assert result.stdout == ""


def test_help_shows_every_option_with_examples() -> None:
    result = subprocess.run(
        [str(binary()), "--help"], capture_output=True, text=True, timeout=10, check=True
    )
    options = ("host", "port", "database", "speed", "seed", "requests-per-minute", "concurrency")
    for option in (*options, "account", "log-level"):
        assert f"--{option} <" in result.stdout
    assert "EXAMPLES:" in result.stdout
