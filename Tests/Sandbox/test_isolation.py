"""Nothing of one workspace can be seen, used or changed from another."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import (
    OTHER_KEY,
    OTHER_WORKSPACE,
    Answer,
    Sandbox,
    agent_fields,
    contacts,
    flow_fields,
    multipart,
    ready_agent,
    start_batch,
)

OTHER: dict[str, str | None] = {"x-api-key": OTHER_KEY, "x-workspace-id": OTHER_WORKSPACE}
BATCHES = "/v1/api/batch-calls"
NUMBERS = "/v1/api/twilio/user-phone-numbers"
NUMBER = "+12025550164"


class Things:
    """Something of every kind in the default workspace."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.agent = ready_agent(sandbox)
        agent = sandbox.get(f"/api/v1/agents/{self.agent}").json
        self.number = agent["phoneNumberIds"][0]
        self.flow = sandbox.get("/api/v1/flows").json["flows"][-1]["_id"]
        send = {"agentId": self.agent, "toNumber": NUMBER}
        self.call = sandbox.post("/api/v1/calls/call", send).json["callId"]
        self.batch = start_batch(sandbox, self.agent, 2)
        calls = sandbox.get(f"{BATCHES}/{self.batch}/calls").json["calls"]
        self.job = calls[0]["jobId"]


@pytest.fixture
def server(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox(
        *("--requests-per-minute", "0", "--account", f"{OTHER_KEY}:{OTHER_WORKSPACE}")
    )


def everything(sandbox: Sandbox, things: Things) -> list[Any]:
    """The answers to their owner that no stranger may change."""
    paths = [
        *(f"/api/v1/agents/{things.agent}", f"/api/v1/flows/{things.flow}", NUMBERS),
        f"{BATCHES}/{things.batch}/calls",
    ]
    return [sandbox.get(path).json for path in paths]


def test_ids_of_another_workspace_are_unknown(server: Sandbox) -> None:
    things = Things(server)
    agents = [f"{prefix}/{things.agent}" for prefix in ("/api/v1/agents", "/v1/api/agents")]
    flows = [f"{prefix}/{things.flow}" for prefix in ("/api/v1/flows", "/v1/api/call-flows")]
    batch = f"{BATCHES}/{things.batch}"
    bodiless = [
        *(("GET", path) for path in [*agents, *flows, batch, f"{batch}/status"]),
        *(("GET", path) for path in (f"{batch}/calls", f"{batch}/calls/{things.job}")),
        *(("DELETE", path) for path in [*agents, *flows, batch]),
        ("GET", f"/v2/api/call-history/{things.call}"),
        ("POST", f"{agents[1]}/bind/{things.number}"),
        ("POST", f"{agents[1]}/release/{things.number}"),
    ]
    # A call that ends meanwhile would change what its owner sees.
    server.steer(paused=True)
    before = everything(server, things)
    for method, path in bodiless:
        assert server.request(method, path, headers=OTHER).status == 404, (method, path)
    with_body: list[tuple[str, str, dict[str, object]]] = [
        ("PATCH", agents[0], {"name": "Mine"}),
        ("PUT", agents[1], {"name": "Mine", "llmModel": "gpt-5"}),
        ("PATCH", flows[0], {"name": "Mine"}),
        ("PUT", flows[1], {"name": "Mine", "promptType": "simple"}),
        ("POST", "/api/v1/agents", agent_fields(phoneNumberIds=[things.number])),
        ("POST", "/api/v1/agents", agent_fields(pathway=things.flow)),
        ("POST", "/api/v1/flows", flow_fields(agent=things.agent)),
        ("POST", "/api/v1/calls/call", {"agentId": things.agent, "toNumber": NUMBER}),
        ("POST", "/v1/api/call", {"call_agent_id": things.agent, "to": NUMBER}),
    ]
    for method, path, body in with_body:
        assert server.send_json(method, path, body, OTHER).status == 404, (method, path)
    assert upload(server, things.agent).status == 404
    assert everything(server, things) == before


def upload(sandbox: Sandbox, agent: str) -> Answer:
    form, content_type = multipart(contacts(1), {"agentId": agent})
    return sandbox.request("POST", BATCHES, form, {**OTHER, "Content-Type": content_type})


def test_lists_of_another_workspace_are_empty(server: Sandbox) -> None:
    Things(server)
    for path, key in (("/api/v1/agents", "agents"), ("/api/v1/flows", "flows")):
        answer = server.request("GET", path, headers=OTHER).json
        assert (answer[key], answer["pagination"]["total"]) == ([], 0)
    for path in ("/v1/api/agents", "/v1/api/call-flows", "/v2/api/call-history"):
        assert server.request("GET", path, headers=OTHER).json == []
    mine = {number["_id"] for number in server.get(NUMBERS).json}
    theirs = {n["_id"] for n in server.request("GET", NUMBERS, headers=OTHER).json}
    assert theirs
    assert not mine & theirs


def test_phone_numbers_differ_between_workspaces(server: Sandbox) -> None:
    mine = {number["phoneNumber"] for number in server.get(NUMBERS).json}
    theirs = {n["phoneNumber"] for n in server.request("GET", NUMBERS, headers=OTHER).json}
    assert not mine & theirs


def test_bare_lists_are_answered_on_both_routes_when_asked_for(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--bare-lists")
    agent = {"_id": ready_agent(server), "name": "Front Desk"}
    for overview, published in (
        ("/api/v1/agents", "/v1/api/agents"),
        ("/api/v1/flows", "/v1/api/call-flows"),
    ):
        answer = server.get(f"{overview}?page=1&limit=1").json
        assert isinstance(answer, list)
        (entry,) = answer
        # Published lists name the agent of each flow.
        named = {**entry, "agent": agent} if "agent" in entry else entry
        assert server.get(published).json == [named]


def test_one_of_two_addresses_can_be_missing(start_sandbox: StartSandbox) -> None:
    overview, published = "/api/v1/agents", "/v1/api/agents"
    for served, missing, there in (
        ("published", overview, published),
        ("overview", published, overview),
    ):
        server = start_sandbox("--requests-per-minute", "0", "--routes", served)
        page = server.get(missing)
        assert page.status == 404
        assert page.body.decode().endswith(f"Cannot GET {missing}</pre>\n")
        assert server.get(there).status == 200
        assert server.get(NUMBERS).status == 200
