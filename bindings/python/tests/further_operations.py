"""The operations that stand on one route alone: how each is called, and the request it becomes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from expected_request import AGENT, FLOW, Expected

if TYPE_CHECKING:
    import trillet

RECORD = "5d1c1200e2b94f0013ab7a10"
NUMBER = "5d1c0b90e2b94f0013ab6d77"
BASE = "5d1c1300e2b94f0013ab7b20"
WORKSPACE = "5d1c0a11e2b94f0013ab6a02"
ROOM = f"{AGENT}-q7m2X0c9ZtLa"
# Any file does for an upload: this one.
FILE = Path(__file__)


def one_route(
    name: str, call: Callable[[trillet.Trillet], Any], line: str, **sent: Any
) -> Expected:
    """An operation whose two routes are the same."""
    return Expected(name, call, line, line, **sent)


FURTHER_OPERATIONS = [
    one_route(
        "flows.upload_knowledge",
        lambda client: client.flows.upload_knowledge(FLOW, file=FILE),
        f"POST /v1/api/call-flows/{FLOW}/knowledge-base",
        form={"file": FILE.read_text()},
    ),
    one_route(
        "flows.delete_knowledge",
        lambda client: client.flows.delete_knowledge(FLOW, "kb/prices 1.pdf"),
        f"DELETE /v1/api/call-flows/{FLOW}/knowledge-base/kb%2Fprices%201.pdf",
    ),
    one_route(
        "calls.history",
        lambda client: client.calls.history(
            page=2,
            limit=100,
            agent_id=AGENT,
            batch_id="batch_1",
            direction="outbound",
            call_type="sip",
            search="a b",
            call_ids=["c1", "c2"],
            date_range={"from": "2031-03-04", "to": "2031-03-05"},
        ),
        "GET /v2/api/call-history",
        query=[
            ("page", "2"),
            ("limit", "100"),
            ("agentId", AGENT),
            ("batchId", "batch_1"),
            ("direction", "outbound"),
            ("callType", "sip"),
            ("search", "a b"),
            ("callIds", '["c1","c2"]'),
            ("dateRange", '{"from":"2031-03-04","to":"2031-03-05"}'),
        ],
    ),
    one_route(
        "calls.get",
        lambda client: client.calls.get(RECORD),
        f"GET /v2/api/call-history/{RECORD}",
    ),
    one_route(
        "calls.export",
        lambda client: client.calls.export(agent_id=AGENT, include_transcripts=True, limit=5),
        "POST /v2/api/call-history/export-csv",
        body={"agentId": AGENT, "includeTranscripts": True, "limit": 5},
    ),
    one_route(
        "calls.recording",
        lambda client: client.calls.recording(RECORD),
        f"GET /v2/api/recordings/{RECORD}",
    ),
    one_route(
        "calls.start_recording",
        lambda client: client.calls.start_recording(pathway_id=FLOW, room_name=ROOM),
        "POST /v2/api/recordings/start-recording",
        body={"pathwayId": FLOW, "roomName": ROOM},
    ),
    one_route(
        "web_calls.connect",
        lambda client: client.web_calls.connect(agent_id=AGENT, mode="voice"),
        "POST /v1/api/calls/web/connect",
        body={"agentId": AGENT, "mode": "voice"},
    ),
    one_route(
        "web_calls.disconnect",
        lambda client: client.web_calls.disconnect(room_name=ROOM),
        "POST /v1/api/calls/web/disconnect",
        body={"roomName": ROOM},
    ),
    one_route(
        "numbers.list",
        lambda client: client.numbers.list(),
        "GET /v1/api/twilio/user-phone-numbers",
    ),
    one_route(
        "numbers.available",
        lambda client: client.numbers.available(country="US", type="tollFree", limit=3),
        "GET /v1/api/twilio/available-numbers",
        query=[("country", "US"), ("type", "tollFree"), ("limit", "3")],
    ),
    one_route(
        "numbers.purchase",
        lambda client: client.numbers.purchase(
            country="US", type="local", phone_number="+12025550188"
        ),
        "POST /v1/api/twilio/purchase-number",
        body={"country": "US", "type": "local", "phoneNumber": "+12025550188"},
    ),
    one_route(
        "numbers.release",
        lambda client: client.numbers.release(phone_number_id=NUMBER),
        "POST /v1/api/twilio/release-number",
        body={"phoneNumberId": NUMBER},
    ),
    one_route(
        "numbers.get_config",
        lambda client: client.numbers.get_config(NUMBER),
        f"GET /v1/api/twilio/phone-numbers/{NUMBER}/config",
    ),
    one_route(
        "numbers.update_config",
        lambda client: client.numbers.update_config(
            NUMBER, agent_id=AGENT, transfer_caller_id_mode="customer", metadata_tags=["north"]
        ),
        f"PUT /v1/api/twilio/phone-numbers/{NUMBER}/config",
        body={"agentId": AGENT, "transferCallerIdMode": "customer", "metadataTags": ["north"]},
    ),
    one_route(
        "numbers.register",
        lambda client: client.numbers.register(
            phone_number="+12025550190", provider="twilio", credentials={"authToken": "t"}
        ),
        "POST /v1/api/twilio/register-external-number",
        body={
            "phoneNumber": "+12025550190",
            "provider": "twilio",
            "credentials": {"authToken": "t"},
        },
    ),
    one_route(
        "numbers.bind",
        lambda client: client.numbers.bind(AGENT, NUMBER, record_calls=True),
        f"POST /v1/api/agents/{AGENT}/bind/{NUMBER}",
        body={"recordCalls": True},
    ),
    one_route(
        "numbers.unbind",
        lambda client: client.numbers.unbind(AGENT, NUMBER),
        f"POST /v1/api/agents/{AGENT}/release/{NUMBER}",
        body={},
    ),
    one_route(
        "knowledge_bases.list",
        lambda client: client.knowledge_bases.list(),
        "GET /v1/api/knowledgebase",
    ),
    one_route(
        "knowledge_bases.create",
        lambda client: client.knowledge_bases.create(name="Prices", is_smb=False),
        "POST /v1/api/knowledgebase",
        body={"name": "Prices", "isSMB": False},
    ),
    one_route(
        "knowledge_bases.get",
        lambda client: client.knowledge_bases.get(BASE),
        f"GET /v1/api/knowledgebase/{BASE}",
    ),
    one_route(
        "knowledge_bases.update",
        lambda client: client.knowledge_bases.update(BASE, text_content="40 dollars"),
        f"PUT /v1/api/knowledgebase/{BASE}",
        body={"textContent": "40 dollars"},
    ),
    one_route(
        "knowledge_bases.upload",
        lambda client: client.knowledge_bases.upload(BASE, file=FILE),
        f"POST /v1/api/knowledgebase/{BASE}/files",
        form={"uploadedFile": FILE.read_text()},
    ),
    one_route(
        "message_agents.create",
        lambda client: client.message_agents.create(name="SMS", settings={"temperature": 0.4}),
        "POST /v1/api/omni-flow-agents",
        body={"name": "SMS", "settings": {"temperature": 0.4}},
    ),
    one_route(
        "message_agents.list",
        lambda client: client.message_agents.list(),
        "GET /v1/api/omni-flow-agents",
    ),
    one_route(
        "message_agents.get",
        lambda client: client.message_agents.get("m1"),
        "GET /v1/api/omni-flow-agents/m1",
    ),
    one_route(
        "message_agents.update",
        lambda client: client.message_agents.update("m1", name="Email"),
        "PUT /v1/api/omni-flow-agents/m1",
        body={"name": "Email"},
    ),
    one_route(
        "message_flows.create",
        lambda client: client.message_flows.create(name="Renewal", message_channel="SMS"),
        "POST /v1/api/message-flows",
        body={"name": "Renewal", "messageChannel": "SMS"},
    ),
    one_route(
        "message_flows.list",
        lambda client: client.message_flows.list(),
        "GET /v1/api/message-flows",
    ),
    one_route(
        "conversations.generate",
        lambda client: client.conversations.generate(
            flow_id=FLOW, to="+12025550164", autopilot=False, dynamic={"first_name": "Ada"}
        ),
        "POST /v1/api/conversations/message/generate",
        body={
            "flowId": FLOW,
            "to": "+12025550164",
            "autopilot": False,
            "dynamic": {"first_name": "Ada"},
        },
    ),
    one_route(
        "conversations.list",
        lambda client: client.conversations.list(FLOW),
        f"GET /v1/api/conversations/flow/{FLOW}",
    ),
    one_route(
        "conversations.act",
        lambda client: client.conversations.act("c1", "m1", metadata={"action": "approve"}),
        "POST /v1/api/conversations/c1/message/m1/action",
        body={"metadata": {"action": "approve"}},
    ),
    one_route(
        "folders.list",
        lambda client: client.folders.list(),
        "GET /v1/api/flow-folders",
    ),
    one_route(
        "folders.create",
        lambda client: client.folders.create(
            name="Renewals", color="#3366ff", icon="phone", flow_type="call"
        ),
        "POST /v1/api/flow-folders",
        body={"name": "Renewals", "color": "#3366ff", "icon": "phone", "flowType": "call"},
    ),
    one_route(
        "workspaces.list",
        lambda client: client.workspaces.list(),
        "GET /v1/api/workspaces",
    ),
    one_route(
        "workspaces.get",
        lambda client: client.workspaces.get(WORKSPACE),
        f"GET /v1/api/workspaces/{WORKSPACE}",
    ),
    one_route(
        "workspaces.invitations",
        lambda client: client.workspaces.invitations(),
        "GET /v1/api/workspaces/invitations/pending",
    ),
    one_route(
        "workspaces.invite",
        lambda client: client.workspaces.invite(WORKSPACE, email="a@example.com", role="member"),
        f"POST /v1/api/workspaces/{WORKSPACE}/invite",
        body={"email": "a@example.com", "role": "member"},
    ),
    one_route(
        "voices.create",
        lambda client: client.voices.create(name="Ada", embedding=[0.5, -1], language="en"),
        "POST /v1/api/voices",
        body={"name": "Ada", "embedding": [0.5, -1], "language": "en"},
    ),
    one_route(
        "voices.get",
        lambda client: client.voices.get("v1"),
        "GET /v1/api/voices/v1",
    ),
    one_route(
        "voices.clone",
        lambda client: client.voices.clone(file=FILE, name="Ada"),
        "POST /v1/api/voices/clone",
        form={"file": FILE.read_text(), "name": "Ada"},
    ),
]
