"""Flows on both route styles."""

from __future__ import annotations

import re

import pytest

from conftest import StartSandbox
from sandbox import UNKNOWN_ID, Sandbox, flow_fields, new_agent

OVERVIEW = "/api/v1/flows"
PUBLISHED = "/v1/api/call-flows"


@pytest.mark.parametrize("path", [OVERVIEW, PUBLISHED])
def test_a_new_flow_has_the_defaults(sandbox: Sandbox, path: str) -> None:
    answer = sandbox.post(path, {"name": "F", "direction": "inbound", "promptType": "simple"})
    assert answer.status == 200
    flow = answer.json
    assert re.fullmatch("[0-9a-f]{24}", flow.pop("_id"))
    assert flow.pop("createdAt") == flow.pop("updatedAt")
    assert flow == {
        "workspaceId": "sandbox-workspace",
        "folderId": None,
        "isGlobal": False,
        "isPreConfigured": False,
        "preConfiguredWorkspaceId": None,
        "name": "F",
        "description": "",
        "direction": "inbound",
        "promptType": "simple",
        "prompt": "",
        "welcomeMessage": "user_initiated",
        "flowData": {"nodes": [], "edges": []},
        "isActive": True,
        "dynamicVariableCollections": [],
        "settings": {
            "knowledgeBases": [],
            "responseSettings": {"delay": 1},
            "security": {"hipaaCompliance": False},
            "callSetting": {"maxCallDuration": 3600, "endCallOnSilence": 30},
        },
        "webhooks": [],
    }


def test_the_older_names_of_the_create_page_are_answered_by_the_newer_ones(
    sandbox: Sandbox,
) -> None:
    variables = [{"name": "member", "description": "Whose"}]
    flow = sandbox.post(
        OVERVIEW,
        flow_fields(
            settings={"callSettings": {"maxCallDuration": 60}},
            webhooks=[{"name": "w", "variablesforcallflow": variables}],
        ),
    ).json
    assert flow["settings"]["callSetting"] == {"maxCallDuration": 60, "endCallOnSilence": 30}
    assert "callSettings" not in flow["settings"]
    assert flow["webhooks"] == [{"name": "w", "variables": variables}]


def test_variable_collections_are_completed(sandbox: Sandbox) -> None:
    collections = [{"name": "North", "variables": [{"key": "branch", "value": "north"}]}]
    flow = sandbox.post(OVERVIEW, flow_fields(dynamicVariableCollections=collections)).json
    (collection,) = flow["dynamicVariableCollections"]
    assert collection.pop("id")
    assert collection == {**collections[0], "isDefault": False}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": None}, "name is required"),
        ({"direction": None}, "direction is required"),
        ({"direction": "sideways"}, "direction must be one of inbound, outbound, bidirectional"),
        ({"promptType": None}, "promptType is required"),
        ({"promptType": "complex"}, "promptType must be one of simple, flow"),
        ({"welcomeMessage": "hello"}, "welcomeMessage must be one of"),
        ({"isActive": "true"}, "isActive must be true or false"),
        ({"flowData": {"nodes": {}}}, "flowData.nodes must be an array"),
        ({"flowData": {"nodes": [1]}}, "flowData.nodes[0] must be an object"),
        ({"webhooks": [{"url": 5}]}, "webhooks[0].url must be a string"),
        (
            {"dynamicVariableCollections": [{"variables": [{"key": 1}]}]},
            "dynamicVariableCollections[0].variables[0].key must be",
        ),
        (
            {"settings": {"callSetting": {"maxCallDuration": "1"}}},
            "settings.callSetting.maxCallDuration must be a number",
        ),
        (
            {"settings": {"responseSettings": {"workingHours": {"start": "9:00"}}}},
            "settings.responseSettings.workingHours.start must be a time of day",
        ),
    ],
)
def test_a_wrong_field_is_400_and_named(
    sandbox: Sandbox, changes: dict[str, object], problem: str
) -> None:
    answer = sandbox.post(OVERVIEW, flow_fields(**changes))
    assert answer.status == 400
    assert problem in answer.json["details"]


def test_an_unknown_agent_is_404_and_no_flow_is_made(sandbox: Sandbox) -> None:
    before = sandbox.get(OVERVIEW).json["pagination"]["total"]
    answer = sandbox.post(OVERVIEW, flow_fields(agent=UNKNOWN_ID))
    assert (answer.status, answer.json["error"]) == (404, "Agent not found")
    assert sandbox.get(OVERVIEW).json["pagination"]["total"] == before


def test_naming_an_agent_gives_it_a_phone_number_once(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)["_id"]
    path = f"/api/v1/agents/{agent}"
    sandbox.post(OVERVIEW, flow_fields(agent=agent))
    (number,) = sandbox.get(path).json["phoneNumberIds"]
    sandbox.post(OVERVIEW, flow_fields(agent=agent))
    assert sandbox.get(path).json["phoneNumberIds"] == [number]


def test_an_update_can_name_the_agent_as_well(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)["_id"]
    flow = sandbox.post(OVERVIEW, flow_fields()).json["_id"]
    changed = sandbox.send_json("PATCH", f"{OVERVIEW}/{flow}", {"agent": agent})
    assert changed.json["agent"] == agent
    assert len(sandbox.get(f"/api/v1/agents/{agent}").json["phoneNumberIds"]) == 1


def test_a_patch_merges_settings_and_adds_webhooks(sandbox: Sandbox) -> None:
    flow = sandbox.post(
        OVERVIEW, flow_fields(webhooks=[{"name": "one"}], settings={"customerLocation": "Kiel"})
    ).json
    changed = sandbox.send_json(
        "PATCH",
        f"{OVERVIEW}/{flow['_id']}",
        {
            "isActive": False,
            "settings": {"callSetting": {"maxCallDuration": 120}},
            "webhooks": [{"name": "one"}, {"name": "two"}],
        },
    ).json
    expected = dict(flow)
    expected["updatedAt"] = changed["updatedAt"]
    expected["isActive"] = False
    expected["settings"] = {
        **flow["settings"],
        "callSetting": {"maxCallDuration": 120, "endCallOnSilence": 30},
    }
    expected["webhooks"] = [{"name": "one"}, {"name": "one"}, {"name": "two"}]
    assert changed == expected
    assert sandbox.get(f"{PUBLISHED}/{flow['_id']}").json == expected


def test_a_strict_published_update_needs_the_prompt_type(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--strict-put")
    path = f"{PUBLISHED}/{sandbox.post(PUBLISHED, flow_fields()).json['_id']}"
    refused = sandbox.send_json("PUT", path, {"name": "New"})
    assert (refused.status, refused.json["details"]) == (400, "promptType is required")
    changed = sandbox.send_json("PUT", path, {"name": "New", "promptType": "simple"})
    assert (changed.status, changed.json["name"]) == (200, "New")


def test_lists_show_summaries_in_an_envelope_or_a_bare_array(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)["_id"]
    flow = sandbox.post(OVERVIEW, flow_fields(agent=agent)).json
    owner = ["_id", "workspaceId", "name", "direction", "agent"]
    names = [*owner, "isActive", "promptType", "createdAt", "updatedAt"]
    published = sandbox.get(PUBLISHED).json
    short = {name: flow[name] for name in names}
    assert published[-1] == {**short, "agent": {"_id": agent, "name": "Front Desk"}}
    pages = sandbox.get(f"{OVERVIEW}?limit=1").json["pagination"]["totalPages"]
    last = sandbox.get(f"{OVERVIEW}?limit=1&page={pages}").json
    assert last["flows"] == [short]
    assert last["pagination"]["total"] == len(published)


@pytest.mark.parametrize("prefix", [OVERVIEW, PUBLISHED])
def test_a_deleted_flow_is_gone(sandbox: Sandbox, prefix: str) -> None:
    path = f"{prefix}/{sandbox.post(prefix, flow_fields()).json['_id']}"
    answer = sandbox.delete(path)
    assert answer.status == 200
    assert answer.json == {"status": "success", "message": "Flow deleted successfully"}
    for again in (sandbox.get(path), sandbox.delete(path)):
        assert (again.status, again.json["error"]) == (404, "Flow not found")


def test_an_unknown_flow_cannot_be_updated(sandbox: Sandbox) -> None:
    answer = sandbox.send_json("PATCH", f"{OVERVIEW}/{UNKNOWN_ID}", {"name": "New"})
    assert answer.status == 404
    assert set(answer.json) == {"error", "details"}
