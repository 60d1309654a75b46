"""The operations by hand: how each is called here, and the request it must become."""

from __future__ import annotations

from typing import Any

from expected_request import AGENT as AGENT
from expected_request import FLOW as FLOW
from expected_request import Expected as Expected
from further_operations import FURTHER_OPERATIONS

VOICE: Any = {"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"}
CSV = "phone_number,first_name\n+12025550164,Ada\n"


OPERATIONS = [
    Expected(
        "agents.create",
        lambda client: client.agents.create(
            name="Front Desk",
            tts_model=VOICE,
            llm_model="gpt-4.1-mini",
            smart_callback=True,
            settings={"speed": 0.6},
        ),
        "POST /api/v1/agents",
        "POST /v1/api/agents",
        body={
            "name": "Front Desk",
            "ttsModel": VOICE,
            "llmModel": "gpt-4.1-mini",
            "smartCallback": True,
            "settings": {"speed": 0.6},
        },
    ),
    Expected(
        "agents.list",
        lambda client: client.agents.list(page=2, limit=50),
        "GET /api/v1/agents",
        "GET /v1/api/agents",
        query=[("page", "2"), ("limit", "50")],
    ),
    Expected(
        "agents.get",
        lambda client: client.agents.get(AGENT),
        f"GET /api/v1/agents/{AGENT}",
        f"GET /v1/api/agents/{AGENT}",
    ),
    Expected(
        "agents.update",
        lambda client: client.agents.update(AGENT, name="Night Desk", llm_model="gpt-4.1-mini"),
        f"PATCH /api/v1/agents/{AGENT}",
        f"PUT /v1/api/agents/{AGENT}",
        body={"name": "Night Desk", "llmModel": "gpt-4.1-mini"},
    ),
    Expected(
        "agents.delete",
        lambda client: client.agents.delete(AGENT),
        f"DELETE /api/v1/agents/{AGENT}",
        f"DELETE /v1/api/agents/{AGENT}",
    ),
    Expected(
        "flows.create",
        lambda client: client.flows.create(
            name="Renewal",
            direction="outbound",
            prompt_type="simple",
            agent=AGENT,
            prompt="Greet {first_name}: «grüezi»\n",
            is_active=True,
        ),
        "POST /api/v1/flows",
        "POST /v1/api/call-flows",
        body={
            "name": "Renewal",
            "direction": "outbound",
            "promptType": "simple",
            "agent": AGENT,
            "prompt": "Greet {first_name}: «grüezi»\n",
            "isActive": True,
        },
    ),
    Expected(
        "flows.list",
        lambda client: client.flows.list(page=1, limit=20),
        "GET /api/v1/flows",
        "GET /v1/api/call-flows",
        query=[("page", "1"), ("limit", "20")],
    ),
    Expected(
        "flows.get",
        lambda client: client.flows.get(FLOW),
        f"GET /api/v1/flows/{FLOW}",
        f"GET /v1/api/call-flows/{FLOW}",
    ),
    Expected(
        "flows.update",
        lambda client: client.flows.update(FLOW, prompt_type="simple", is_active=False),
        f"PATCH /api/v1/flows/{FLOW}",
        f"PUT /v1/api/call-flows/{FLOW}",
        body={"promptType": "simple", "isActive": False},
    ),
    Expected(
        "flows.delete",
        lambda client: client.flows.delete(FLOW),
        f"DELETE /api/v1/flows/{FLOW}",
        f"DELETE /v1/api/call-flows/{FLOW}",
    ),
    Expected(
        "calls.send",
        lambda client: client.calls.send(AGENT, "+12025550164"),
        "POST /api/v1/calls/call",
        "POST /v1/api/call",
        body={"agentId": AGENT, "toNumber": "+12025550164"},
        published_body={"call_agent_id": AGENT, "to": "+12025550164"},
    ),
    Expected(
        "batch_calls.template",
        lambda client: client.batch_calls.template(),
        "GET /v1/api/batch-calls/template",
        "GET /v1/api/batch-calls/template",
    ),
    Expected(
        "batch_calls.validate",
        lambda client: client.batch_calls.validate(csv=CSV),
        "POST /v1/api/batch-calls/validate",
        "POST /v1/api/batch-calls/validate",
        form={"file": CSV},
    ),
    Expected(
        "batch_calls.preview",
        lambda client: client.batch_calls.preview(csv=CSV, limit=3),
        "POST /v1/api/batch-calls/preview",
        "POST /v1/api/batch-calls/preview",
        form={"file": CSV, "limit": "3"},
    ),
    Expected(
        "batch_calls.start",
        lambda client: client.batch_calls.start(
            agent_id=AGENT,
            csv=CSV,
            scheduled_at="2031-03-04T10:00:00Z",
            smart_callback_config={"enabled": True, "maxAttempts": 2, "gaps": []},
        ),
        "POST /v1/api/batch-calls",
        "POST /v1/api/batch-calls",
        form={
            "file": CSV,
            "agentId": AGENT,
            "scheduledAt": "2031-03-04T10:00:00Z",
            "smartCallbackConfig": '{"enabled":true,"maxAttempts":2,"gaps":[]}',
        },
    ),
    Expected(
        "batch_calls.get",
        lambda client: client.batch_calls.get("batch_4402117"),
        "GET /v1/api/batch-calls/batch_4402117",
        "GET /v1/api/batch-calls/batch_4402117",
    ),
    Expected(
        "batch_calls.progress",
        lambda client: client.batch_calls.progress("batch_4402117"),
        "GET /v1/api/batch-calls/batch_4402117/status",
        "GET /v1/api/batch-calls/batch_4402117/status",
    ),
    Expected(
        "batch_calls.list_calls",
        lambda client: client.batch_calls.list_calls(
            "batch_4402117", page=1, limit=100, status="failed"
        ),
        "GET /v1/api/batch-calls/batch_4402117/calls",
        "GET /v1/api/batch-calls/batch_4402117/calls",
        query=[("page", "1"), ("limit", "100"), ("status", "failed")],
    ),
    Expected(
        "batch_calls.get_call",
        lambda client: client.batch_calls.get_call("batch_4402117", "call_9"),
        "GET /v1/api/batch-calls/batch_4402117/calls/call_9",
        "GET /v1/api/batch-calls/batch_4402117/calls/call_9",
    ),
    Expected(
        "batch_calls.cancel",
        lambda client: client.batch_calls.cancel("batch_4402117"),
        "DELETE /v1/api/batch-calls/batch_4402117",
        "DELETE /v1/api/batch-calls/batch_4402117",
    ),
    *FURTHER_OPERATIONS,
]
