"""The published routes as programs that run against the service know them."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import Answer, Sandbox, agent_fields, flow_fields, new_agent

AGENTS = "/v1/api/agents"
FLOWS = "/v1/api/call-flows"
READ_ONLY = ("_id", "workspaceId", "createdAt", "updatedAt", "activeSessions", "__v")


def put(sandbox: Sandbox, path: str, body: object) -> Answer:
    return sandbox.send_json("PUT", path, body)


def new_flow(sandbox: Sandbox, **changes: object) -> dict[str, Any]:
    answer = sandbox.post(FLOWS, flow_fields(**changes))
    assert answer.status == 200, answer.body
    flow: dict[str, Any] = answer.json
    return flow


def test_a_put_replaces_the_whole_agent(sandbox: Sandbox) -> None:
    agent = new_agent(
        sandbox,
        systemPrompt="Be brief.",
        smartCallback=True,
        settings={"speed": 0.5},
        variables={"shop": "Kiel"},
        sttProvider={"id": "nova-3"},
    )
    body = agent_fields(name="Night Desk", settings={"volume": 1})
    changed = put(sandbox, f"{AGENTS}/{agent['_id']}", body)
    assert changed.status == 200
    fresh = new_agent(sandbox, name="Night Desk", settings={"volume": 1})
    own = {"_id", "createdAt", "updatedAt"}
    assert set(changed.json) == set(fresh)
    assert {key: changed.json[key] for key in set(fresh) - own} == {
        key: fresh[key] for key in set(fresh) - own
    }
    assert sandbox.get(f"{AGENTS}/{agent['_id']}").json == changed.json


def test_a_put_leaves_an_agent_its_numbers(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)["_id"]
    new_flow(sandbox, agent=agent)
    numbers = sandbox.get(f"{AGENTS}/{agent}").json["phoneNumberIds"]
    assert len(numbers) == 1
    assert put(sandbox, f"{AGENTS}/{agent}", agent_fields()).json["phoneNumberIds"] == numbers


def test_a_put_replaces_the_settings_of_a_flow_and_nothing_else(sandbox: Sandbox) -> None:
    flow = new_flow(sandbox, settings={"tools": [{"name": "end_call"}], "customerLocation": "Kiel"})
    settings = {"callSetting": {"maxCallDuration": 120}}
    body = {"promptType": "simple", "settings": settings}
    changed = put(sandbox, f"{FLOWS}/{flow['_id']}", body).json
    expected = {**flow, "settings": settings, "updatedAt": changed["updatedAt"]}
    assert changed == expected
    kept = put(sandbox, f"{FLOWS}/{flow['_id']}", {"promptType": "simple", "name": "New"}).json
    assert kept["settings"] == settings


@pytest.mark.parametrize(
    ("prefix", "required"), [(AGENTS, "llmModel"), (FLOWS, "promptType")], ids=["agent", "flow"]
)
def test_a_put_without_what_its_page_requires_is_accepted_with_a_warning(
    start_sandbox: StartSandbox, prefix: str, required: str
) -> None:
    sandbox = start_sandbox("--log-level", "warning")
    thing = new_agent(sandbox) if prefix == AGENTS else new_flow(sandbox)
    changed = put(sandbox, f"{prefix}/{thing['_id']}", {"name": "Night Desk"})
    assert (changed.status, changed.json["name"]) == (200, "Night Desk")
    assert changed.json[required] == thing[required]
    entry = sandbox.get("/sandbox/journal?limit=1").json["entries"][0]
    (warning,) = entry["warnings"]
    assert f"{required} is missing" in warning
    complete = put(sandbox, f"{prefix}/{thing['_id']}", {required: thing[required]})
    assert complete.status == 200
    assert sandbox.get("/sandbox/journal?limit=1").json["entries"][0]["warnings"] == []
    assert f"update: {required} is missing" in sandbox.logged()


@pytest.mark.parametrize("field", READ_ONLY)
@pytest.mark.parametrize("kind", ["agent", "flow"])
def test_a_read_only_field_in_a_put_is_500_with_the_reason_as_text(
    sandbox: Sandbox, kind: str, field: str
) -> None:
    thing = new_agent(sandbox) if kind == "agent" else new_flow(sandbox)
    path = f"{AGENTS if kind == 'agent' else FLOWS}/{thing['_id']}"
    body = {"llmModel": "gpt-5", "promptType": "simple", field: thing.get(field, 0)}
    refused = put(sandbox, path, body)
    assert refused.status == 500
    assert refused.json["error"] == f"Failed to update {kind}: {field} is read-only"
    assert sandbox.get(path).json == thing


def test_a_patch_on_the_overview_routes_ignores_read_only_fields(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)
    changed = sandbox.send_json("PATCH", f"/api/v1/agents/{agent['_id']}", agent)
    assert changed.status == 200


def test_the_list_of_flows_names_the_agent_of_each(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox, name="Night Desk")["_id"]
    flow, alone = new_flow(sandbox, agent=agent), new_flow(sandbox)
    listed = {entry["_id"]: entry for entry in sandbox.get(FLOWS).json}
    assert listed[flow["_id"]]["agent"] == {"_id": agent, "name": "Night Desk"}
    assert "agent" not in listed[alone["_id"]]
    assert sandbox.get(f"{FLOWS}/{flow['_id']}").json["agent"] == agent
    sandbox.delete(f"{AGENTS}/{agent}")
    listed = {entry["_id"]: entry for entry in sandbox.get(FLOWS).json}
    assert listed[flow["_id"]]["agent"] == {"_id": agent, "name": None}


def test_fields_that_no_page_has_are_kept(sandbox: Sandbox) -> None:
    extra: dict[str, object] = {
        "fallbackLlmModel": "gpt-5.1-chat-latest",
        "sttProvider": {"id": "deepgram-flux-multi"},
        "fallbackSttProvider": {"id": "nova-3"},
        "websiteUrl": "https://example.com",
        "ttsModel": {
            **{"provider": "rime", "voiceId": "v", "language": "en"},
            **{"rimeModel": "arcana", "elevenLabsModel": "eleven_flash_v2_5"},
        },
        "settings": {"speed": 1, "model": "sonic-2"},
    }
    agent = sandbox.post(AGENTS, agent_fields(**extra)).json
    assert {key: agent[key] for key in extra} == extra
    changed = put(sandbox, f"{AGENTS}/{agent['_id']}", agent_fields(**extra)).json
    assert {key: changed[key] for key in extra} == extra
    more: dict[str, object] = {
        "speechSetting": {"responsiveness": 0.5, "vadModel": "silero"},
        **{"enableRecording": True, "allowAgentHangUp": True, "timeContextEnabled": True},
        **{"fasterInboundPickup": False, "enableEndCallInstructions": True},
    }
    flow = new_flow(sandbox, **more)
    assert {key: flow[key] for key in more} == more


def test_a_file_without_a_name_is_refused(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)["_id"]
    for path in ("", "/validate", "/preview"):
        csv = "phone_number\n+12025550164\n"
        answer = sandbox.upload(f"/v1/api/batch-calls{path}", None, file=csv, agentId=agent)
        assert answer.status == 400
        assert "The part file has no file name" in answer.body.decode()


@pytest.mark.parametrize("path", ["/v1/api/", "/v1/api"])
def test_the_root_of_the_published_routes_answers(sandbox: Sandbox, path: str) -> None:
    answer = sandbox.get(path)
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert sandbox.request("GET", path, headers={"Host": "evil.example"}).status == 403


class TestQuirks:
    @pytest.fixture
    def server(self, start_sandbox: StartSandbox) -> Sandbox:
        return start_sandbox("--quirks", "--requests-per-minute", "0")

    def test_deleting_a_flow_deletes_its_agent(self, server: Sandbox) -> None:
        agent = new_agent(server)["_id"]
        flow = new_flow(server, agent=agent)["_id"]
        number = server.get(f"{AGENTS}/{agent}").json["phoneNumberIds"]
        assert server.delete(f"{FLOWS}/{flow}").status == 200
        gone = server.delete(f"{AGENTS}/{agent}")
        assert gone.status == 500
        assert gone.json["error"] == "Agent not found or does not belong to you"
        assert server.delete(f"{FLOWS}/{flow}").status == 500
        assert server.get(f"/api/v1/agents/{agent}").status == 404
        other = new_agent(server, phoneNumberIds=number)
        assert other["phoneNumberIds"] == number, "its number is free again"

    def test_the_overview_routes_have_no_quirks(self, server: Sandbox) -> None:
        agent = new_agent(server)["_id"]
        flow = new_flow(server, agent=agent)["_id"]
        assert server.delete(f"/api/v1/flows/{flow}").status == 200
        assert server.get(f"/api/v1/agents/{agent}").status == 200
        assert server.delete(f"/api/v1/flows/{flow}").status == 404

    def test_the_first_read_after_an_update_finds_nothing(self, server: Sandbox) -> None:
        agent = new_agent(server)["_id"]
        assert server.get(f"{AGENTS}/{agent}").status == 200
        assert put(server, f"{AGENTS}/{agent}", agent_fields(name="Night Desk")).status == 200
        stale = server.get(f"{AGENTS}/{agent}")
        assert stale.status == 500
        assert stale.json["error"].startswith("Agent not found")
        assert server.get(f"{AGENTS}/{agent}").json["name"] == "Night Desk"

    def test_without_the_option_there_are_none(self, sandbox: Sandbox) -> None:
        agent = new_agent(sandbox)["_id"]
        flow = new_flow(sandbox, agent=agent)["_id"]
        assert put(sandbox, f"{AGENTS}/{agent}", agent_fields()).status == 200
        assert sandbox.get(f"{AGENTS}/{agent}").status == 200
        assert sandbox.delete(f"{FLOWS}/{flow}").status == 200
        assert sandbox.get(f"{AGENTS}/{agent}").status == 200
