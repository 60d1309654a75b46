"""Knowledge, voices, messages, folders and workspaces."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import KEY, UNKNOWN_ID, WORKSPACE, Answer, Sandbox, flow_fields, ready_agent

BASES = "/v1/api/knowledgebase"
FLOWS = "/v1/api/message-flows"
GENERATE = "/v1/api/conversations/message/generate"
TO = "+12025550164"
OTHER = "second-workspace"


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    server = Sandbox("--requests-per-minute", "0", "--account", f"{KEY}:{OTHER}")
    yield server
    server.stop()


def form(field: str, content: bytes, name: str | None = "prices.pdf") -> tuple[bytes, str]:
    """A form with one file and its content type."""
    file_name = "" if name is None else f'; filename="{name}"'
    head = f'--x\r\nContent-Disposition: form-data; name="{field}"{file_name}\r\n'
    head += "Content-Type: application/pdf\r\n\r\n"
    return head.encode() + content + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def upload(server: Sandbox, path: str, field: str, content: bytes, **rest: Any) -> Answer:
    body, kind = form(field, content, **rest)
    return server.request("POST", path, body, {"Content-Type": kind})


def created(server: Sandbox, path: str, body: dict[str, object]) -> Any:
    answer = server.post(path, body)
    assert answer.status in (200, 201), answer.body
    return answer.json


def effects(server: Sandbox, operation: str) -> list[str]:
    """The kinds of all effects that an operation has had."""
    entries = server.get(f"/sandbox/ledger?operation={operation}").json["entries"]
    attempts = [attempt for entry in entries for attempt in entry["attempts"]]
    return [attempt["effect"]["kind"] for attempt in attempts if attempt["effect"]]


def test_a_knowledge_base_takes_text_and_files(server: Sandbox) -> None:
    base = created(server, BASES, {"name": "Prices", "textContent": "40 dollars"})
    path = f"{BASES}/{base['_id']}"
    assert (base["files"], base["description"]) == ([], "")
    answer = upload(server, f"{path}/files", "uploadedFile", b"%PDF-1.7")
    file = answer.json["file"]
    assert answer.json == {"success": True, "file": file}
    assert (file["name"], file["size"], file["type"]) == ("prices.pdf", 8, "application/pdf")
    changed = server.send_json("PUT", path, {"textContent": "45 dollars"}).json
    assert (changed["textContent"], changed["files"]) == ("45 dollars", [file])
    assert server.get(path).json == changed
    assert changed in server.get(BASES).json
    assert server.post(BASES, {}).json["details"] == "name is required"
    for unknown in (f"{BASES}/{UNKNOWN_ID}", f"{BASES}/{UNKNOWN_ID}/files"):
        status = upload(server, unknown, "uploadedFile", b"x").status
        assert status == (404 if unknown.endswith("files") else 405)


def test_a_file_that_cannot_be_taken_is_400_and_says_why(server: Sandbox) -> None:
    path = f"{BASES}/{created(server, BASES, {'name': 'B'})['_id']}/files"
    for answer, said in (
        (upload(server, path, "uploadedFile", b""), "The file prices.pdf is empty"),
        (upload(server, path, "file", b"x"), "The form has no field uploadedFile"),
        (upload(server, path, "uploadedFile", b"x", name=None), "has no file name"),
        (server.post(path, {}), "The Content-Type must be multipart/form-data"),
    ):
        assert (answer.status, answer.json["error"]) == (400, "Invalid upload")
        assert said in answer.json["details"]


def test_fifty_megabytes_are_counted_and_not_kept(server: Sandbox) -> None:
    path = f"{BASES}/{created(server, BASES, {'name': 'Large'})['_id']}/files"
    before = server.peak_memory()
    answer = upload(server, path, "uploadedFile", bytes(50 * 1_048_576))
    assert answer.json["file"]["size"] == 50 * 1_048_576
    assert server.peak_memory() - before < 24 * 1_048_576
    try:
        refused = upload(server, path, "uploadedFile", bytes(50 * 1_048_576 + 1))
    except (BrokenPipeError, ConnectionResetError, http.client.HTTPException):
        return
    assert (refused.status, refused.json["error"]) == (400, "Invalid upload")


def test_a_flow_lists_the_files_that_its_agent_knows(server: Sandbox) -> None:
    flow = created(server, "/v1/api/call-flows", flow_fields())
    path = f"/v1/api/call-flows/{flow['_id']}/knowledge-base"
    first = upload(server, path, "file", b"one").json["settings"]["knowledgeBaseFiles"]
    assert [set(file) for file in first] == [{"filename", "key", "url"}]
    both = upload(server, path, "file", b"two").json["settings"]["knowledgeBaseFiles"]
    assert both[0] == first[0]
    left = server.delete(f"{path}/{first[0]['key']}").json["settings"]["knowledgeBaseFiles"]
    assert left == both[1:]
    assert server.delete(f"{path}/{first[0]['key']}").status == 404
    assert upload(server, path.replace(flow["_id"], UNKNOWN_ID), "file", b"x").status == 404
    settings = server.get(f"/v1/api/call-flows/{flow['_id']}").json["settings"]
    assert settings["knowledgeBaseFiles"] == left


def test_a_voice_is_made_of_numbers_or_cloned_from_a_recording(server: Sandbox) -> None:
    body: dict[str, object] = {"name": "Ada", "embedding": [0.1, -0.4]}
    voice = created(server, "/v1/api/voices", body)
    assert (voice["name"], voice["workspaceId"], voice["language"]) == ("Ada", WORKSPACE, "en")
    assert server.get(f"/v1/api/voices/{voice['_id']}").json == voice
    cloned = upload(server, "/v1/api/voices/clone", "file", b"sound").json
    assert set(cloned) == {"embedding", "voice"}
    assert server.get(f"/v1/api/voices/{cloned['voice']['_id']}").json == cloned["voice"]
    assert created(server, "/v1/api/voices", {"name": "B", "embedding": cloned["embedding"]})
    assert server.post("/v1/api/voices", {"name": "A"}).json["details"] == "embedding is required"
    assert server.get(f"/v1/api/voices/{UNKNOWN_ID}").status == 404
    assert effects(server, "voices.clone") == ["voice.created"]


def test_message_agents_are_changed_and_keep_what_is_left_out(server: Sandbox) -> None:
    path = "/v1/api/omni-flow-agents"
    agent = created(server, path, {"name": "Reminder", "settings": {"a": 1, "b": 2}})
    changed = server.send_json("PUT", f"{path}/{agent['_id']}", {"settings": {"b": 3}}).json
    assert (changed["name"], changed["settings"]) == ("Reminder", {"a": 1, "b": 3})
    assert server.get(f"{path}/{agent['_id']}").json == changed
    assert changed in server.get(path).json
    assert server.send_json("PUT", f"{path}/{UNKNOWN_ID}", {}).status == 404
    assert server.send_json("PUT", f"{path}/{agent['_id']}", {"name": 1}).status == 400
    flow = created(server, FLOWS, {"agent": agent["_id"]})
    assert (flow["messageChannel"], flow["autopilot"]) == ("SMS", False)
    assert flow in server.get(FLOWS).json
    unknown = server.post(FLOWS, {"agent": UNKNOWN_ID})
    assert (unknown.status, unknown.json["error"]) == (400, "Invalid configuration")
    assert server.post(FLOWS, {"messageChannel": "Fax"}).status == 400


def test_a_message_waits_for_approval_unless_the_autopilot_sends_it(server: Sandbox) -> None:
    flow = created(server, FLOWS, {"name": "F", "initiationMessage": "Hi {first_name}."})["_id"]
    order: dict[str, object] = {"flowId": flow, "to": TO, "dynamic": {"first_name": "Ada"}}
    waiting = created(server, GENERATE, order)
    assert (waiting["status"], waiting["message"]) == ("success", "Hi Ada.")
    sent = created(server, GENERATE, {**order, "autopilot": True})
    assert sent["conversation_id"] == waiting["conversation_id"]
    assert effects(server, "conversations.generate") == ["message.written", "message.sent"]
    (conversation,) = server.get(f"/v1/api/conversations/flow/{flow}").json
    assert conversation["customer"] == {"phoneNumber": TO}
    assert [message["status"] for message in conversation["messages"]] == ["pending", "sent"]
    path = f"/v1/api/conversations/{waiting['conversation_id']}/message"
    approve = {"metadata": {"action": "approve", "editedMessage": "Hello Ada."}}
    action = f"{path}/{waiting['message_id']}/action"
    assert server.post(action, {"metadata": {"action": "dance"}}).status == 400
    assert server.post(action, {}).json["details"] == "metadata is required"
    assert server.post(action, approve).json["status"] == "success"
    assert server.post(action, approve).status == 400
    assert effects(server, "conversations.act") == ["message.sent"]
    (conversation,) = server.get(f"/v1/api/conversations/flow/{flow}").json
    assert conversation["messages"][0]["message"] == "Hello Ada."
    assert server.post(f"{path}/msg_0/action", approve).status == 404
    assert server.get(f"/v1/api/conversations/flow/{UNKNOWN_ID}").status == 404


def test_a_message_goes_to_an_address_of_its_channel(server: Sandbox) -> None:
    sms = created(server, FLOWS, {"name": "S"})["_id"]
    mail = created(server, FLOWS, {"name": "E", "messageChannel": "Email"})["_id"]
    for flow, to, status in (
        (sms, TO, 200),
        (sms, "ada@example.com", 400),
        (sms, "+15005550009", 402),
        (mail, "ada@example.com", 200),
        (mail, TO, 400),
        (UNKNOWN_ID, TO, 404),
    ):
        assert server.post(GENERATE, {"flowId": flow, "to": to}).status == status


def test_a_folder_is_created_with_201_and_lists_its_flows(server: Sandbox) -> None:
    path = "/v1/api/flow-folders"
    body = {"name": "Renewals", "color": "#3366ff", "icon": "phone", "flowType": "call"}
    answer = server.post(path, body)
    assert (answer.status, answer.json["pathways"]) == (201, [])
    folder = answer.json["_id"]
    flow = created(server, "/api/v1/flows", flow_fields(folderId=folder))["_id"]
    (listed,) = [entry for entry in server.get(path).json if entry["_id"] == folder]
    assert listed["pathways"] == [flow]
    for name in body:
        rest = {key: value for key, value in body.items() if key != name}
        assert server.post(path, rest).json["details"] == f"{name} is required"
    assert server.post(path, {**body, "flowType": "fax"}).status == 400


def test_workspaces_are_listed_without_naming_one(server: Sandbox) -> None:
    path = "/v1/api/workspaces"
    answer = server.request("GET", path, headers={"x-workspace-id": None})
    assert [entry["_id"] for entry in answer.json] == [WORKSPACE, OTHER]
    assert {"_id", "name", "initials", "teamMembers"} <= set(answer.json[0])
    assert (answer.json[0]["name"], answer.json[0]["initials"]) == ("Sandbox Workspace", "SW")
    assert server.get(f"{path}/{OTHER}").json["_id"] == OTHER
    assert server.get(f"{path}/nobody").status == 404
    assert server.request("GET", path, headers={"x-workspace-id": "nobody"}).status == 403
    unnamed = server.request("GET", f"{path}/{OTHER}", headers={"x-workspace-id": None})
    assert unnamed.status == 400
    assert server.request("GET", path, headers={"x-api-key": "wrong"}).status == 401


def test_an_invitation_is_sent_once_and_pending(server: Sandbox) -> None:
    path = f"/v1/api/workspaces/{OTHER}/invite"
    body = {"email": "ada.moss@example.com", "role": "member"}
    assert server.post(path, body).json["success"] is True
    again = server.post(path, body)
    assert again.json["details"] == "ada.moss@example.com is invited already"
    assert server.post(path, {**body, "email": "ada"}).status == 400
    assert server.post("/v1/api/workspaces/nobody/invite", body).status == 404
    pending = "/v1/api/workspaces/invitations/pending"
    assert server.get(pending).json == []
    headers = {"x-workspace-id": OTHER}
    (invitation,) = server.request("GET", pending, headers=headers).json
    assert (invitation["email"], invitation["workspaceId"]) == (body["email"], OTHER)
    assert (invitation["role"], invitation["status"]) == ("member", "pending")
    assert effects(server, "workspaces.invite") == ["invitation.sent"]


def test_what_another_workspace_has_is_unknown(server: Sandbox) -> None:
    flow = created(server, FLOWS, {"name": "Mine"})["_id"]
    message = created(server, GENERATE, {"flowId": flow, "to": TO})
    agents = "/v1/api/omni-flow-agents"
    things = {
        BASES: created(server, BASES, {"name": "Mine"})["_id"],
        agents: created(server, agents, {"name": "M"})["_id"],
        "/v1/api/voices": created(server, "/v1/api/voices", {"name": "M", "embedding": 1})["_id"],
        "/v1/api/conversations/flow": flow,
    }
    headers: dict[str, str | None] = {"x-workspace-id": OTHER}
    for path, name in things.items():
        assert server.request("GET", f"{path}/{name}", headers=headers).status == 404
    for path in (BASES, FLOWS, agents, "/v1/api/flow-folders"):
        assert server.request("GET", path, headers=headers).json == []
    action = f"/v1/api/conversations/{message['conversation_id']}/message"
    body = {"metadata": {"action": "approve"}}
    path = f"{action}/{message['message_id']}/action"
    assert server.send_json("POST", path, body, headers).status == 404
    order = {"flowId": flow, "to": TO}
    assert server.send_json("POST", GENERATE, order, headers).status == 404


def test_faults_strike_the_further_operations_too(server: Sandbox) -> None:
    ready_agent(server)
    answer = server.request(
        "GET", "/v1/api/workspaces", headers={"x-sandbox-fault": "status; status=503"}
    )
    assert answer.status == 503
    rule = {"operation": "numbers.purchase", "fault": "status", "status": 500}
    assert server.post("/sandbox/faults", rule).status == 200
    assert server.post("/v1/api/twilio/purchase-number", {}).status == 500
