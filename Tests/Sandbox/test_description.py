"""The sandbox against the description of the API, with requests that nobody has thought of."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import StartSandbox
from sandbox import KEY, WORKSPACE, Sandbox, ready_agent, start_batch, until

ROOT = Path(__file__).resolve().parents[2]

# A request can fit every schema and still be refused with 400: because the agent has no number,
# because a batch has ended, because a text that should be CSV is not. In these operations 400 is
# therefore an answer to a request that the schema allows. Every other check holds for them too.
CONTENT_OR_STATE_DECIDES = (
    "calls.send",
    "batch_calls.validate",
    "batch_calls.preview",
    "batch_calls.start",
    "batch_calls.cancel",
)
ACCEPTED = '["2xx", "400", "401", "403", "404"]'


def configuration(sandbox: Sandbox) -> str:
    """What schemathesis is told: ids that exist, and which operations judge content."""
    agent = ready_agent(sandbox)
    batch = start_batch(sandbox, agent, 3)
    calls = f"/v1/api/batch-calls/{batch}/calls"
    jobs = sandbox.get(calls).json["calls"]
    until(lambda: sandbox.get(calls).json["summary"]["waiting"], lambda count: count == 0)
    batches = f'"path.batchId" = "{batch}"\n"path.jobId" = "{jobs[0]["jobId"]}"\n'
    text = f"[parameters]\n{batches}"
    for operation in CONTENT_OR_STATE_DECIDES:
        text += (
            f'\n[[operations]]\ninclude-operation-id = "{operation}"\n'
            f"checks.positive_data_acceptance.expected-statuses = {ACCEPTED}\n"
        )
    return text


@pytest.mark.parametrize("seed", [1, 2])
def test_no_request_contradicts_the_description(
    start_sandbox: StartSandbox, tmp_path: Path, seed: int
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--speed", "600")
    (tmp_path / "schemathesis.toml").write_text(configuration(sandbox))
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(tmp_path / "schemathesis.toml")),
        *("run", str(ROOT / "api/trillet.yaml"), "--url", str(sandbox.ready["url"])),
        *("-H", f"x-api-key: {KEY}", "-H", f"x-workspace-id: {WORKSPACE}"),
        *("--seed", str(seed), "--max-examples", "40", "--no-color", "--checks", "all"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=170, cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2_000:]
    assert "Tested: 20" in result.stdout


def test_the_description_is_served_as_json(sandbox: Sandbox) -> None:
    answer = sandbox.request("GET", "/openapi.json", headers={"x-api-key": None})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    description = answer.json
    assert description["openapi"] == "3.1.0"
    assert description["servers"] == [{"url": "/"}]
    operations = [
        operation["operationId"]
        for item in description["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    assert len(operations) == len(set(operations)) == 20
    assert "x-trillet-library" not in description
    assert "null" in json.dumps(description["components"]["schemas"]["Flow"])
