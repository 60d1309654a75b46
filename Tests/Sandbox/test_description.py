"""The sandbox against the description of the API, with requests that nobody has thought of."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import KEY, WORKSPACE, Sandbox, ready_agent, start_batch, until

# A request can fit every schema and still be refused with 400: because the agent has no number,
# because a batch has ended, because a text that should be CSV is not, because a file is empty. In
# these operations 400 is therefore an answer to a request that the schema allows. Every other check
# holds for them too.
CONTENT_OR_STATE_DECIDES = (
    "calls.send",
    "calls.history",
    "web_calls.connect",
    "numbers.purchase",
    "numbers.register",
    "numbers.release",
    "numbers.bind",
    "numbers.unbind",
    "numbers.update_config",
    "flows.upload_knowledge",
    "knowledge_bases.upload",
    "voices.clone",
    "message_flows.create",
    "conversations.generate",
    "conversations.act",
    "workspaces.invite",
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


@pytest.mark.parametrize("routes", ["overview", "published"])
def test_no_request_contradicts_the_description(
    start_sandbox: StartSandbox, tmp_path: Path, routes: str
) -> None:
    # An update by PUT without what its page requires is else accepted with a warning.
    sandbox = start_sandbox("--requests-per-minute", "0", "--speed", "600", "--strict-put")
    description = sandbox.get(f"/openapi.json?routes={routes}").body
    (tmp_path / "description.json").write_bytes(description)
    (tmp_path / "schemathesis.toml").write_text(configuration(sandbox))
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", "schemathesis.toml", "run", "description.json"),
        *("--url", str(sandbox.ready["url"]), "--checks", "all"),
        *("-H", f"x-api-key: {KEY}", "-H", f"x-workspace-id: {WORKSPACE}"),
        *("--seed", "1", "--max-examples", "25", "--no-color"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2_000:]
    assert "Tested: 61" in result.stdout


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_the_description_is_served_as_json(sandbox: Sandbox) -> None:
    answer = sandbox.request("GET", "/openapi.json", headers={"x-api-key": None})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    description = answer.json
    assert description["openapi"] == "3.1.0"
    assert description["servers"] == [{"url": "/"}]
    names = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(names) == len(set(names)) == 61
    assert "x-trillet-library" not in description
    assert "null" in json.dumps(description["components"]["schemas"]["Flow"])


def test_the_published_routes_are_described_with_their_own_names(sandbox: Sandbox) -> None:
    overview = sandbox.get("/openapi.json").json
    published = sandbox.get("/openapi.json?routes=published").json
    found = {each[2]["operationId"]: each for each in operations(published)}
    for _, _, operation in operations(overview):
        route = operation["x-trillet-published"]
        method, path, _ = found[operation["operationId"]]
        assert (method, path) == (route["method"], route["path"])
    assert len(found) == 61
    body = found["calls.send"][2]["requestBody"]["content"]["application/json"]
    schema = published["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    assert {"call_agent_id", "to", "callback_url"} <= set(schema["properties"])
    assert set(schema["required"]) == {"call_agent_id", "to"}
    assert set(body["example"]) <= set(schema["properties"])
    assert found["agents.list"][2].get("parameters") is None
    assert "llmModel" in published["components"]["schemas"]["AgentUpdate"]["required"]
    assert "llmModel" not in overview["components"]["schemas"]["AgentUpdate"].get("required", [])


def test_other_routes_than_these_are_refused(sandbox: Sandbox) -> None:
    assert sandbox.get("/openapi.json?routes=overview").json == sandbox.get("/openapi.json").json
    answer = sandbox.get("/openapi.json?routes=secret")
    assert (answer.status, answer.json["error"]["code"]) == (400, "bad_request")
