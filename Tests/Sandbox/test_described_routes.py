"""Every route that the description has is served, and answers with the members it describes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sandbox import (
    UNKNOWN_ID,
    WORKSPACE,
    Sandbox,
    contacts,
    flow_fields,
    multipart,
    ready_agent,
    start_batch,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    """A server whose time stands still."""
    server = Sandbox("--requests-per-minute", "0", "--paused")
    yield server
    server.stop()


def operations(server: Sandbox) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in server.get("/openapi.json").json["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


def test_there_is_a_route_for_every_operation_in_both_styles(server: Sandbox) -> None:
    seen = 0
    for method, path, operation in operations(server):
        published = operation["x-trillet-published"]
        for verb, pattern in ((method, path), (published["method"].upper(), published["path"])):
            answer = server.request(verb, re.sub(r"\{\w+\}", UNKNOWN_ID, pattern))
            assert answer.status != 405, f"{verb} {pattern}"
            if answer.status == 404:
                assert b"There is no " not in answer.body, f"{verb} {pattern}"
            seen += 1
    assert seen == 122


class World:
    """One of everything, and how each operation is asked for it."""

    def __init__(self, server: Sandbox) -> None:
        self._server = server
        # A number of its own, and a flow that calls with it.
        order = {"country": "US", "type": "local", "phoneNumber": "+12025550188"}
        self.bought = self._id("/v1/api/twilio/purchase-number", order, "phoneNumber")
        self.agent = ready_agent(server)
        self.flow = self._id("/v1/api/call-flows", flow_fields(agent=self.agent))
        self.batch = start_batch(server, self.agent, 3)
        placed = {"agentId": self.agent, "toNumber": "+15005550000"}
        server.post("/api/v1/calls/call", placed)
        server.steer(advanceMs=3_600_000)
        calls = server.get("/v2/api/call-history?limit=100").json
        self.record = next(call["_id"] for call in calls if call["toPhoneNumber"][:4] == "+150")
        jobs = server.get(f"/v1/api/batch-calls/{self.batch}/calls?limit=100").json["calls"]
        self.job = jobs[0]["jobId"]
        self.running = server.post("/api/v1/calls/call", placed).json["roomName"]
        self.web = server.post("/v1/api/calls/web/connect", {"agentId": self.agent}).json
        self.message_agent = self._id("/v1/api/omni-flow-agents", {"name": "A"})
        self.message_flow = self._id("/v1/api/message-flows", {"agent": self.message_agent})
        self.base = self._id("/v1/api/knowledgebase", {"name": "B"})
        self.voice = self._id("/v1/api/voices", {"name": "V", "embedding": [1]})
        generate = {"flowId": self.message_flow, "to": "+12025550164"}
        written = server.post("/v1/api/conversations/message/generate", generate).json
        self.conversation, self.message = written["conversation_id"], written["message_id"]
        folder = {"name": "F", "color": "#fff", "icon": "phone", "flowType": "call"}
        server.post("/v1/api/flow-folders", folder)
        invitation = {"email": "ada@example.com", "role": "member"}
        server.post(f"/v1/api/workspaces/{WORKSPACE}/invite", invitation)

    def _id(self, path: str, body: Mapping[str, object], member: str | None = None) -> str:
        answer = self._server.post(path, body).json
        found: str = (answer[member] if member else answer)["_id"]
        return found

    def path(self, pattern: str) -> str:
        last = {"knowledgebase": self.base, "omni-flow-agents": self.message_agent}
        last |= {"voices": self.voice, "workspaces": WORKSPACE}
        names = {
            "id": last.get(pattern.split("/")[3], ""),
            "agentId": self.agent,
            "flowId": self.message_flow if "conversations" in pattern else self.flow,
            "batchId": self.batch,
            "jobId": self.job,
            "callHistoryId": self.record,
            "phoneNumberId": self.bought,
            "conversationId": self.conversation,
            "messageId": self.message,
            "workspaceId": WORKSPACE,
        }
        return re.sub(r"\{(\w+)\}", lambda match: names[match[1]], pattern)

    def body(self, operation: str, example: Mapping[str, object]) -> dict[str, object]:
        """The description's example, with ids that exist."""
        flow = self._server.get(f"/v2/api/call-history/{self.running}").json["callFlowId"]
        own: dict[str, dict[str, object]] = {
            "calls.send": {"agentId": self.agent},
            "calls.export": {"agentId": self.agent},
            "calls.start_recording": {"roomName": self.running, "pathwayId": flow},
            "web_calls.connect": {"agentId": self.agent},
            "web_calls.disconnect": {"roomName": self.web["roomName"]},
            "numbers.purchase": {"phoneNumber": "+12025550177"},
            "numbers.release": {"phoneNumberId": self.bought},
            "numbers.update_config": {"agentId": self.agent},
            "message_flows.create": {"agent": self.message_agent},
            "conversations.generate": {"flowId": self.message_flow},
            "workspaces.invite": {"email": "grace@example.com"},
            "flows.create": {"agent": self.agent},
        }
        return {**example, **own.get(operation, {})}


# Their answers are no JSON.
FILES = ("calls.export", "calls.recording")
# Some of what the service shows of these depends on a past that they do not have here.
OLDER = ("agents.", "batch_calls.", "calls.send")
OLDER_FLOWS = ("create", "list", "get", "update", "delete")
# The flow as its own operations answer it.
OF_A_FLOW = ("flows.upload_knowledge", "flows.delete_knowledge")


def is_further(name: str) -> bool:
    """Whether an operation is beyond agents, flows, calls and batches."""
    resource, _, verb = name.partition(".")
    is_older = name.startswith(OLDER) or (resource == "flows" and verb in OLDER_FLOWS)
    return not is_older and name not in FILES


def ask(server: Sandbox, world: World, method: str, path: str, operation: dict[str, Any]) -> Any:
    name = operation["operationId"]
    url = world.path(path.replace("{fileKey}", "KEY"))
    if name == "flows.delete_knowledge":
        form, kind = multipart("x", {})
        made = server.request("POST", url.rpartition("/")[0], form, {"Content-Type": kind})
        files = made.json["settings"]["knowledgeBaseFiles"]
        url = url.replace("KEY", files[-1]["key"])
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        field = "uploadedFile" if name == "knowledge_bases.upload" else "file"
        form, kind = multipart(contacts(2), {"agentId": world.agent})
        form = form.replace(b'name="file"', f'name="{field}"'.encode())
        return server.request(method, url, form, {"Content-Type": kind})
    if content:
        example = content["application/json"].get("example", {})
        return server.send_json(method, url, world.body(name, example))
    return server.request(method, url)


def described(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """The members of an object that a schema describes; the first form where there are several."""
    if "$ref" in schema:
        return described(document, document["components"]["schemas"][schema["$ref"].split("/")[-1]])
    if "oneOf" in schema:
        return described(document, schema["oneOf"][0])
    if schema.get("type") == "array":
        return described(document, schema["items"])
    return set(schema.get("properties", {}))


def test_every_answer_has_the_members_that_are_described(server: Sandbox) -> None:
    document = server.get("/openapi.json").json
    world = World(server)
    every = [each for each in operations(server) if is_further(each[2]["operationId"])]
    assert len(every) == 39
    # What gives the number back comes last.
    every.sort(key=lambda each: each[2]["operationId"] == "numbers.release")
    missing: dict[str, set[str]] = {}
    for method, path, operation in every:
        name = operation["operationId"]
        if name == "numbers.unbind":
            assert server.post(world.path(path).replace("/release/", "/bind/"), {}).status == 200
        answer = ask(server, world, method, path, operation)
        assert answer.status in (200, 201), (name, answer.body)
        found = answer.json
        if isinstance(found, list):
            assert found, name
            found = {key: value for entry in found for key, value in entry.items()}
        schema = operation["responses"][str(answer.status)]["content"]["application/json"]["schema"]
        absent = described(document, schema) - set(found)
        if absent and name not in OF_A_FLOW:
            missing[name] = absent
    assert missing == {}
