"""The one request that every client makes, and its answer: 400 bytes each."""

from __future__ import annotations

import json

SIZE = 400

AGENT = "5d1c0a77e2b94f0013ab6c21"
NUMBER = "+12025550164"
API_KEY = "sandbox-key"
WORKSPACE = "sandbox-workspace"
PATH = "/api/v1/calls/call"
HEADERS = {
    "x-api-key": API_KEY,
    "x-workspace-id": WORKSPACE,
    "Content-Type": "application/json",
    "Accept": "application/json",
}

# As the service's API names it; a client with fields of its own sends as many bytes of those.
FIELDS: dict[str, object] = {
    "agentId": AGENT,
    "toNumber": NUMBER,
    "callback_url": "https://hooks.example.com/trillet/calls/7f3a",
    "dynamic_variables": {
        "firstName": "Ada",
        "lastName": "Moss",
        "Zipcode": "20500",
        "address": "1600 Example Avenue, Washington",
        "email": "ada.moss@example.com",
        "plan": "gold",
        "renewalDate": "2031-04-02",
    },
    "metadata": {"campaign": "spring renewal", "row": 1042, "attempt": 1, "crm": "x-9921354"},
}

_ANSWERS: dict[str, dict[str, object]] = {
    PATH: {
        "status": "success",
        "callId": "q7m2x0c9zt",
        "roomName": "5d1c0a77e2b94f0013ab6c21-q7m2x0c9zt",
        "fromNumber": "+12025550117",
        "toNumber": NUMBER,
        "agent": {
            "id": AGENT,
            "name": "Front Desk",
            "model": "gpt-4.1-mini",
            "voice": {"provider": "rime", "voiceId": "mistv2_Brook"},
        },
    },
    "/v2/create-phone-call": {
        "call_type": "phone_call",
        "call_id": "Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6",
        "agent_id": "oBeDLoLOeuAbiuaMFXRtDOLriTJ5tSxD",
        "agent_version": 1,
        "call_status": "registered",
        "from_number": "+12025550117",
        "to_number": NUMBER,
        "direction": "outbound",
    },
    "/call": {
        "id": "0b7e5f6a-2f0e-4d27-9a44-4b1d1ad0f1d1",
        "orgId": "8f0d5c6a-51b2-4a83-9d0e-6c6f3b0f2a10",
        "type": "outboundPhoneCall",
        "status": "queued",
        "createdAt": "2031-03-04T10:00:00.000Z",
        "updatedAt": "2031-03-04T10:00:00.000Z",
        "assistantId": "6a1c9a5e-9b0c-4c0b-8b1f-3c6f0e9d7a22",
    },
}


def encode(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def padded(fields: dict[str, object], name: str) -> dict[str, object]:
    """The fields with one more, a text that brings the whole to 400 bytes."""
    missing = SIZE - len(encode({**fields, name: ""}))
    if missing < 0:
        raise ValueError(f"{-missing} bytes more than {SIZE}")
    return {**fields, name: "." * missing}


BODY = encode(FIELDS)
ANSWERS = {path: encode(padded(answer, "note")) for path, answer in _ANSWERS.items()}
ANSWER = ANSWERS[PATH]
assert len(BODY) == SIZE, f"the request has {len(BODY)} bytes"
