"""The description in the hands of generators: what they make of it calls the sandbox."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox import KEY, WORKSPACE, Sandbox, ready_agent

NUMBER = "+15005550000"
PLACES = ["MODULES", "URL", "KEY", "WORKSPACE", "AGENT", "FLOW"]


def run(command: list[str], folder: Path) -> str:
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=folder)
    assert result.returncode == 0, result.stdout[-6_000:] + result.stderr[-6_000:]
    return result.stdout + result.stderr


@pytest.fixture(params=["overview", "published"])
def description(sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "openapi.json"
    path.write_bytes(sandbox.get(f"/openapi.json?routes={request.param}").body)
    return path


def told(sandbox: Sandbox, program: str, modules: Path) -> Any:
    """What a program that uses a generated client prints."""
    agent = ready_agent(sandbox)
    (flow,) = (
        each["_id"]
        for each in sandbox.get("/v1/api/call-flows").json
        if each.get("agent", {}).get("_id") == agent
    )
    values = (modules, sandbox.ready["url"], KEY, WORKSPACE, agent, flow)
    known = {"TEST_" + name: str(value) for name, value in zip(PLACES, values, strict=True)}
    environment = {**os.environ, **known, "PYTHONPATH": str(modules)}
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env=environment
    )
    assert result.returncode == 0, result.stderr[-6_000:]
    answer: dict[str, Any] = json.loads(result.stdout)
    assert answer.pop("agent") == agent
    assert answer.pop("flowAgent") == agent
    return answer


EXPECTED = {"to": NUMBER, "agents": True, "rows": 1}

PYTHON_CLIENT = """
import io, json, os
from generated import AuthenticatedClient, models, types
from generated.api.batch_calls import batch_calls_validate
from generated.api.calls import calls_get, calls_send
from generated.api.agents import agents_list
from generated.api.flows import flows_get
env = {name[5:]: value for name, value in os.environ.items() if name.startswith("TEST_")}
client = AuthenticatedClient(
    env["URL"], env["KEY"], prefix="", auth_header_name="x-api-key",
    headers={"x-workspace-id": env["WORKSPACE"]}, raise_on_unexpected_status=True,
)
order = models.CallSend.from_dict({NAMES["agent"]: env["AGENT"], NAMES["number"]: "+15005550000"})
sent = calls_send.sync(client=client, body=order).to_dict()
call = calls_get.sync(sent.get("callId") or sent.get("call_id"), client=client)
flow = flows_get.sync(env["FLOW"], client=client)
content = io.BytesIO(b"phone_number\\n+12025550164\\n")
form = models.BatchValidate(file=types.File(content, "contacts.csv", "text/csv"))
checked = batch_calls_validate.sync(client=client, body=form)
print(json.dumps({
    "agent": call.agent_id, "to": call.to_phone_number, "rows": checked.valid_rows,
    "flowAgent": getattr(flow.agent, "field_id", flow.agent),
    "agents": agents_list.sync_detailed(client=client).status_code == 200,
}))
"""

NAMES = {
    "overview": {"agent": "agentId", "number": "toNumber"},
    "published": {"agent": "call_agent_id", "number": "to"},
}


def routes(description: Path) -> str:
    paths = json.loads(description.read_text())["paths"]
    return "published" if "/v1/api/call" in paths else "overview"


def test_openapi_python_client_makes_a_client_that_calls(
    sandbox: Sandbox, description: Path, tmp_path: Path
) -> None:
    program = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    warnings = run(
        [*program, "--path", str(description), "--output-path", str(tmp_path / "generated")],
        tmp_path,
    )
    # A recording comes as audio, which this generator leaves to its caller.
    assert warnings.count("WARNING") == warnings.count("/v2/api/recordings/{callHistoryId}") == 1
    names = f"NAMES = {NAMES[routes(description)]!r}\n"
    assert told(sandbox, names + PYTHON_CLIENT, tmp_path) == EXPECTED


OPENAPI_GENERATOR = """
import json, os
import openapi_client as generated
env = {name[5:]: value for name, value in os.environ.items() if name.startswith("TEST_")}
keys = {"apiKey": env["KEY"], "workspaceId": env["WORKSPACE"]}
client = generated.ApiClient(generated.Configuration(host=env["URL"], api_key=keys))
calls, flows = generated.CallsApi(client), generated.FlowsApi(client)
order = generated.CallSend.from_dict(
    {NAMES["agent"]: env["AGENT"], NAMES["number"]: "+15005550000"}
)
sent = calls.calls_send(order).to_dict()
call = calls.calls_get(sent.get("callId") or sent.get("call_id"))
agent = flows.flows_get(env["FLOW"]).agent.actual_instance
content = ("contacts.csv", b"phone_number\\n+12025550164\\n")
checked = generated.BatchCallsApi(client).batch_calls_validate(file=content)
listed = generated.AgentsApi(client).agents_list_with_http_info()
print(json.dumps({
    "agent": call.agent_id, "to": call.to_phone_number, "rows": checked.valid_rows,
    "flowAgent": getattr(agent, "id", agent), "agents": listed.status_code == 200,
}))
"""


def test_openapi_generator_makes_a_client_that_calls(
    sandbox: Sandbox, description: Path, tmp_path: Path
) -> None:
    if shutil.which("java") is None:
        pytest.skip("needs java: apt install default-jre-headless")
    package = importlib.util.find_spec("openapi_generator_cli")
    assert package is not None
    assert package.origin is not None
    jar = Path(package.origin).with_name("openapi-generator.jar")
    said = run(
        [
            *("java", "-XX:TieredStopAtLevel=1", "-jar", str(jar), "generate", "-g", "python"),
            *("-i", str(description), "-o", str(tmp_path / "client")),
            *("--global-property", "apis,models,supportingFiles,modelDocs=false,apiDocs=false"),
            *("--global-property", "modelTests=false,apiTests=false"),
        ],
        tmp_path,
    )
    assert "ERROR" not in said
    names = f"NAMES = {NAMES[routes(description)]!r}\n"
    assert told(sandbox, names + OPENAPI_GENERATOR, tmp_path / "client") == EXPECTED


STRICT_MODELS = """
import json, os, sys, urllib.request
import models
env = {name[5:]: value for name, value in os.environ.items() if name.startswith("TEST_")}
def read(path):
    headers = {"x-api-key": env["KEY"], "x-workspace-id": env["WORKSPACE"]}
    request = urllib.request.Request(env["URL"] + path, headers=headers)
    return json.load(urllib.request.urlopen(request))
agent = models.Agent.model_validate(read("/v1/api/agents/" + env["AGENT"]))
flow = models.Flow.model_validate(read("/v1/api/call-flows/" + env["FLOW"]))
used = getattr(flow.agent, "field_id", flow.agent)
print(json.dumps({"agent": agent.field_id, "flowAgent": used}))
"""


def test_strict_models_read_what_the_sandbox_answers(
    sandbox: Sandbox, description: Path, tmp_path: Path
) -> None:
    run(
        [
            *(sys.executable, "-m", "datamodel_code_generator", "--input", str(description)),
            *("--input-file-type", "openapi", "--output", str(tmp_path / "models.py")),
            *("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"),
            *("--strict-types", "str", "bytes", "int", "float", "bool"),
            *("--formatters", "builtin"),
        ],
        tmp_path,
    )
    assert told(sandbox, STRICT_MODELS, tmp_path) == {}
