"""Agents on both route styles."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import UNKNOWN_ID, Sandbox, agent_fields, flow_fields, new_agent

OVERVIEW = "/api/v1/agents"
PUBLISHED = "/v1/api/agents"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.mark.parametrize("path", [OVERVIEW, PUBLISHED])
def test_a_new_agent_has_the_defaults(sandbox: Sandbox, path: str) -> None:
    answer = sandbox.post(path, agent_fields())
    assert answer.status == 200
    agent = answer.json
    assert re.fullmatch("[0-9a-f]{24}", agent.pop("_id"))
    assert re.fullmatch(TIME, agent.pop("createdAt"))
    assert re.fullmatch(TIME, agent.pop("updatedAt"))
    assert agent == {
        "workspaceId": "sandbox-workspace",
        "name": "Front Desk",
        "type": "voice",
        "llmModel": "gpt-4o-mini",
        "ttsModel": {"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
        "settings": {},
        "smartCallback": False,
        "maxAttemptsForSmartCallback": 5,
        "gapBetweenEachAttemptForSmartCallback": [],
        "phoneNumberIds": [],
        "variables": {},
        "status": "ready",
        "activeSessions": [],
    }


def test_every_field_a_client_sets_comes_back(sandbox: Sandbox) -> None:
    fields = agent_fields(
        settings={"speed": 0.5, "volume": 1, "temperature": 0.25, "pitch": "low"},
        smartCallback=True,
        maxAttemptsForSmartCallback=2,
        gapBetweenEachAttemptForSmartCallback=[{"days": 0, "hours": 4}, {"days": 1, "hours": 0}],
        variables={"branch": "north", "nested": {"a": [1, None, True, "ü€😀"]}},
        systemPrompt='Be kind.\n"Quoted" \\ \u0001',
    )
    agent = new_agent(sandbox, **fields)
    fields["ttsModel"] = {"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"}
    assert {name: agent[name] for name in fields} == fields
    assert sandbox.get(f"{OVERVIEW}/{agent['_id']}").json == agent
    assert sandbox.get(f"{PUBLISHED}/{agent['_id']}").json == agent


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": None}, "name is required"),
        ({"name": " "}, "name must be a non-empty string"),
        ({"name": 5}, "name must be a non-empty string"),
        ({"llmModel": None}, "llmModel is required"),
        ({"ttsModel": None}, "ttsModel is required"),
        ({"ttsModel": "rime"}, "ttsModel must be an object"),
        ({"ttsModel": {"voiceId": "v"}}, "ttsModel.provider is required"),
        ({"ttsModel": {"provider": "rime"}}, "ttsModel.voiceId is required"),
        ({"ttsModel": {"provider": 1, "voiceId": "v"}}, "ttsModel.provider must be"),
        ({"ttsModel": {"provider": "11labs_byo", "voiceId": "v"}}, "elevenLabsApiKey is required"),
        ({"settings": {"speed": "fast"}}, "settings.speed must be a number"),
        ({"settings": {"speed": -1}}, "settings.speed must be a number of at least 0"),
        ({"smartCallback": "yes"}, "smartCallback must be true or false"),
        ({"smartCallback": 1}, "smartCallback must be true or false"),
        ({"maxAttemptsForSmartCallback": 1.5}, "maxAttemptsForSmartCallback must be a whole"),
        (
            {"gapBetweenEachAttemptForSmartCallback": [{"days": "1"}]},
            "gapBetweenEachAttemptForSmartCallback[0].days must be",
        ),
        ({"variables": []}, "variables must be an object"),
        ({"type": "robot"}, "type must be one of voice, chat"),
    ],
)
def test_a_wrong_field_is_400_and_named(
    sandbox: Sandbox, changes: dict[str, object], problem: str
) -> None:
    answer = sandbox.post(OVERVIEW, agent_fields(**changes))
    assert answer.status == 400
    assert answer.json["error"] == "Invalid request"
    assert problem in answer.json["details"]


def test_an_own_elevenlabs_key_is_never_given_back(sandbox: Sandbox) -> None:
    voice = {"provider": "11labs_byo", "voiceId": "v", "elevenLabsApiKey": "my-secret"}
    agent = new_agent(sandbox, ttsModel=voice)
    concealed = agent["ttsModel"]["elevenLabsApiKey"]
    assert re.fullmatch("encrypted:[0-9a-f]{32}", concealed)
    answer = sandbox.send_json(
        "PATCH", f"{OVERVIEW}/{agent['_id']}", {"ttsModel": agent["ttsModel"]}
    )
    assert answer.json["ttsModel"]["elevenLabsApiKey"] == concealed


def test_a_patch_merges_objects_and_replaces_the_rest(sandbox: Sandbox) -> None:
    agent = new_agent(
        sandbox,
        settings={"speed": 0.5, "volume": 0.5},
        variables={"a": 1, "b": {"c": 2}},
        gapBetweenEachAttemptForSmartCallback=[{"days": 1}],
    )
    answer = sandbox.send_json(
        "PATCH",
        f"{OVERVIEW}/{agent['_id']}",
        {
            "_id": "other",
            "workspaceId": "other",
            "createdAt": "other",
            "status": "error",
            "unknown": 1,
            "ttsModel": {"voiceId": "mistv2_Violet"},
            "settings": {"speed": 1},
            "variables": {"a": None, "b": {"d": 3}},
            "gapBetweenEachAttemptForSmartCallback": [{"hours": 2}],
        },
    )
    assert answer.status == 200
    expected = dict(agent)
    expected["updatedAt"] = answer.json["updatedAt"]
    expected["ttsModel"] = {**agent["ttsModel"], "voiceId": "mistv2_Violet"}
    expected["settings"] = {"speed": 1, "volume": 0.5}
    expected["variables"] = {"b": {"c": 2, "d": 3}}
    expected["gapBetweenEachAttemptForSmartCallback"] = [{"hours": 2}]
    assert answer.json == expected
    assert answer.json["updatedAt"] > agent["updatedAt"]
    assert sandbox.get(f"{OVERVIEW}/{agent['_id']}").json == answer.json


def test_null_undoes_a_link_and_is_refused_elsewhere(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox, smartCallback=True, variables={"a": 1}, systemPrompt="x")
    path = f"{OVERVIEW}/{agent['_id']}"
    flow = sandbox.post("/api/v1/flows", flow_fields()).json["_id"]
    assert sandbox.send_json("PATCH", path, {"pathway": flow}).json["pathway"] == flow
    assert "pathway" not in sandbox.send_json("PATCH", path, {"pathway": None}).json
    for field in ("name", "ttsModel", "smartCallback", "variables", "systemPrompt"):
        refused = sandbox.send_json("PATCH", path, {field: None})
        assert refused.status == 400
        assert refused.json["details"] == f"{field} may not be null"
    refused = sandbox.send_json("PATCH", path, {"settings": {"speed": None}})
    assert "settings.speed must be a number" in refused.json["details"]


def test_an_empty_patch_changes_nothing_but_the_time(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)
    changed = sandbox.send_json("PATCH", f"{OVERVIEW}/{agent['_id']}", {}).json
    assert {**changed, "updatedAt": agent["updatedAt"]} == agent


def test_a_strict_published_update_needs_the_language_model(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--strict-put")
    path = f"{PUBLISHED}/{new_agent(sandbox)['_id']}"
    refused = sandbox.send_json("PUT", path, {"name": "Night Desk"})
    assert (refused.status, refused.json["details"]) == (400, "llmModel is required")
    changed = sandbox.send_json("PUT", path, {"name": "Night Desk", "llmModel": "gpt-5"})
    assert (changed.status, changed.json["name"]) == (200, "Night Desk")


@pytest.mark.parametrize("prefix", [OVERVIEW, PUBLISHED])
def test_a_deleted_agent_is_gone(sandbox: Sandbox, prefix: str) -> None:
    path = f"{prefix}/{new_agent(sandbox)['_id']}"
    answer = sandbox.delete(path)
    assert answer.status == 200
    assert answer.json == {"status": "success", "message": "Agent deleted successfully"}
    assert sandbox.get(path).status == 404
    assert sandbox.delete(path).status == 404


@pytest.mark.parametrize("agent", [UNKNOWN_ID, "no%20id%2Fat%20all", "%F0%9F%98%80"])
def test_an_unknown_agent_is_404(sandbox: Sandbox, agent: str) -> None:
    for prefix, method in ((OVERVIEW, "PATCH"), (PUBLISHED, "PUT")):
        for answer in (
            sandbox.get(f"{prefix}/{agent}"),
            sandbox.delete(f"{prefix}/{agent}"),
            sandbox.send_json(method, f"{prefix}/{agent}", {"llmModel": "gpt-5"}),
        ):
            assert answer.status == 404
            assert answer.json["error"] == "Agent not found"
            assert "does not exist or is not accessible" in answer.json["details"]


def test_a_wrong_field_is_found_before_an_unknown_agent(sandbox: Sandbox) -> None:
    assert sandbox.send_json("PATCH", f"{OVERVIEW}/{UNKNOWN_ID}", {"name": 1}).status == 400


def test_a_link_to_a_flow_is_checked_and_kept(sandbox: Sandbox) -> None:
    path = f"{OVERVIEW}/{new_agent(sandbox)['_id']}"
    flow = {"name": "F", "direction": "outbound", "promptType": "simple"}
    pathway = sandbox.post("/api/v1/flows", flow).json["_id"]
    assert sandbox.send_json("PATCH", path, {"pathway": pathway}).json["pathway"] == pathway
    refused = sandbox.send_json("PATCH", path, {"pathway": UNKNOWN_ID})
    assert (refused.status, refused.json["error"]) == (404, "Flow not found")


class TestList:
    """Paging, on a server whose agents are known."""

    @pytest.fixture
    def server(self, start_sandbox: StartSandbox) -> Sandbox:
        server = start_sandbox("--requests-per-minute", "0")
        for index in range(25):
            new_agent(server, name=f"Agent {index}")
        return server

    def test_pages_have_an_envelope_and_the_order_of_creation(self, server: Sandbox) -> None:
        def page(query: str) -> Any:
            return server.get(OVERVIEW + query).json

        first = page("")
        assert [agent["name"] for agent in first["agents"]] == [f"Agent {i}" for i in range(20)]
        assert first["pagination"] == {
            "page": 1,
            "limit": 20,
            "total": 25,
            "totalPages": 2,
            "hasNext": True,
            "hasPrev": False,
        }
        last = page("?page=3&limit=10")
        assert [agent["name"] for agent in last["agents"]] == [f"Agent {i}" for i in range(20, 25)]
        assert (last["pagination"]["hasNext"], last["pagination"]["hasPrev"]) == (False, True)
        assert page("?page=" + "9" * 30)["agents"] == []
        beyond = page("?page=1000000000&limit=1000")
        assert beyond["agents"] == []
        assert beyond["pagination"]["limit"] == 100

    def test_the_published_list_is_a_bare_array_of_everything(self, server: Sandbox) -> None:
        agents = server.get(PUBLISHED).json
        assert [agent["name"] for agent in agents] == [f"Agent {i}" for i in range(25)]


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=1.5", "limit=0", "limit=", "page=-", "page=+1"]
)
def test_an_impossible_page_is_400(sandbox: Sandbox, query: str) -> None:
    answer = sandbox.get(f"{OVERVIEW}?{query}")
    assert answer.status == 400
    assert query.split("=")[0] in answer.json["details"]
