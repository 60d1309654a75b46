"""The sandbox against the description of the API, with requests that nobody has thought of."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import KEY, WORKSPACE, Sandbox, ready_agent, start_batch, until

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


@pytest.mark.parametrize("routes", ["overview", "published"])
def test_no_request_contradicts_the_description(
    start_sandbox: StartSandbox, tmp_path: Path, routes: str
) -> None:
    # An update by PUT without what its page requires is else accepted with a warning.
    sandbox = start_sandbox("--requests-per-minute", "0", "--speed", "600", "--strict-put")
    description = first_operations(sandbox.get("/openapi.json").json)
    if routes == "published":
        description = published(description)
    (tmp_path / "description.json").write_text(json.dumps(description))
    (tmp_path / "schemathesis.toml").write_text(configuration(sandbox))
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", "schemathesis.toml", "run", "description.json"),
        *("--url", str(sandbox.ready["url"]), "--checks", "all"),
        *("-H", f"x-api-key: {KEY}", "-H", f"x-workspace-id: {WORKSPACE}"),
        *("--seed", "1", "--max-examples", "40", "--no-color"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2_000:]
    assert "Tested: 20" in result.stdout


def first_operations(description: dict[str, Any]) -> dict[str, Any]:
    """The description of agents, flows, calls and batches; test_described_routes has the rest."""
    paths = {
        path: item
        for path, item in description["paths"].items()
        if re.match("/api/v1/|/v1/api/batch-calls", path)
    }
    return {**description, "paths": paths}


def published(description: dict[str, Any]) -> dict[str, Any]:
    """The description with the published routes in place of those of the overview."""
    paths: dict[str, Any] = {}
    schemas = description["components"]["schemas"]
    for item in description["paths"].values():
        shared = item.get("parameters", [])
        for method, operation in item.items():
            if method == "parameters":
                continue
            route = operation["x-trillet-published"]
            names = route.get("fields", {})
            target = dict(operation)
            if operation["operationId"] in ("agents.list", "flows.list"):
                target["parameters"] = []
            parameters = [resolved(description, each) for each in shared]
            target["parameters"] = target.get("parameters", []) + [
                {**each, "name": names.get(each["name"], each["name"])} for each in parameters
            ]
            if "requestBody" in target:
                ((kind, media),) = target["requestBody"]["content"].items()
                schema = schemas[media["schema"]["$ref"].split("/")[-1]]
                content = {**media, "schema": renamed(schema, names, route.get("required", []))}
                content.pop("example", None)
                target["requestBody"] = {"required": True, "content": {kind: content}}
            paths.setdefault(route["path"], {})[route["method"]] = target
    return {**description, "paths": paths}


def resolved(description: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in parameter:
        return parameter
    found: dict[str, Any] = description["components"]["parameters"][
        parameter["$ref"].split("/")[-1]
    ]
    return found


def renamed(schema: dict[str, Any], names: dict[str, str], required: list[str]) -> dict[str, Any]:
    """The schema with the published names of its members, and more of them required."""
    members = {names.get(name, name): value for name, value in schema["properties"].items()}
    needed = [names.get(name, name) for name in [*schema.get("required", []), *required]]
    return {**schema, "properties": members, "required": needed}


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
    assert len(operations) == len(set(operations)) == 61
    assert "x-trillet-library" not in description
    assert "null" in json.dumps(description["components"]["schemas"]["Flow"])
