"""Requests in the shapes that programs send which work against the service."""

from __future__ import annotations

from typing import Any

from sandbox import Sandbox, contacts

AGENTS = "/v1/api/agents"
FLOWS = "/v1/api/call-flows"
BY_PROGRAM = {"User-Agent": "python-requests/2.32", "Accept": "*/*"}


def shown(error: Any) -> str:
    """What a program prints of an error: `error`, else `message`."""
    text = error.get("error") or error.get("message")
    return text if isinstance(text, str) else "[object Object]"


def assistant() -> dict[str, Any]:
    """An agent as a program that sets up assistants creates it."""
    return {
        "name": "Receptionist",
        "llmModel": "gpt-5.1-chat-latest",
        "fallbackLlmModel": "gemini-3.1-flash-lite",
        "ttsModel": {
            **{"provider": "elevenlabs", "voiceId": "EXAVITQu4vr4xnSDxMaL"},
            "elevenLabsModel": "eleven_flash_v2_5",
        },
        "sttProvider": {"id": "deepgram-flux-multi"},
        "fallbackSttProvider": {"id": "nova-3"},
        "settings": {"speed": 1, "temperature": 0.3, "model": "sonic-2"},
        "websiteUrl": "https://example.com",
    }


def conversation(agent: str) -> dict[str, Any]:
    """A flow as such a program creates it."""
    return {
        "name": "Reception",
        "direction": "outbound",
        "promptType": "simple",
        "prompt": "Greet {first_name}.",
        "welcomeMessage": "ai_dynamic",
        "agent": agent,
        "speechSetting": {
            **{"responsiveness": 0.8, "interruptionSensitivity": 0.5},
            **{"minimumConsecutiveSpeech": 2, "vadModel": "silero"},
        },
        "enableRecording": True,
        "allowAgentHangUp": True,
        "timeContextEnabled": True,
        "settings": {
            "tools": [{"name": "end_call"}, {"name": "get_time_for_timezone"}],
            "callSetting": {
                "maxCallDuration": 600,
                "postCallAnalysisModel": "gpt-4o-mini",
                "enableLlmCache": True,
            },
        },
    }


def test_a_program_that_sets_up_an_assistant_reads_back_what_it_set(sandbox: Sandbox) -> None:
    assert sandbox.get("/v1/api/").status == 200
    agent = sandbox.send_json("POST", AGENTS, assistant(), BY_PROGRAM).json
    flow = sandbox.send_json("POST", FLOWS, conversation(agent["_id"]), BY_PROGRAM).json
    wanted = conversation(agent["_id"])
    settings = wanted.pop("settings")
    assert {key: flow[key] for key in wanted} == wanted
    assert flow["settings"]["tools"] == settings["tools"]
    assert flow["settings"]["callSetting"]["enableLlmCache"] is True
    (listed,) = [one for one in sandbox.get(FLOWS).json if one["_id"] == flow["_id"]]
    assert (listed["agent"]["_id"], listed["agent"]["name"]) == (agent["_id"], "Receptionist")
    linked = sandbox.send_json(
        "PUT", f"{AGENTS}/{agent['_id']}", {**assistant(), "pathway": flow["_id"]}
    )
    assert linked.json["pathway"] == flow["_id"]


def test_a_program_that_puts_a_new_prompt_alone_goes_on(sandbox: Sandbox) -> None:
    agent = sandbox.post(AGENTS, assistant()).json["_id"]
    flow = sandbox.post(FLOWS, conversation(agent)).json
    changed = sandbox.send_json("PUT", f"{FLOWS}/{flow['_id']}", {"prompt": "Say hello."})
    assert (changed.status, changed.json["prompt"]) == (200, "Say hello.")
    assert changed.json["settings"] == flow["settings"]


def test_a_program_that_puts_one_tool_sees_that_the_others_are_lost(sandbox: Sandbox) -> None:
    agent = sandbox.post(AGENTS, assistant()).json["_id"]
    flow = sandbox.post(FLOWS, conversation(agent)).json
    tools = {"tools": [{"name": "book_table"}]}
    body = {"promptType": "simple", "settings": tools}
    assert sandbox.send_json("PUT", f"{FLOWS}/{flow['_id']}", body).json["settings"] == tools


def test_a_program_that_puts_what_it_got_reads_why_that_fails(sandbox: Sandbox) -> None:
    agent = sandbox.post(AGENTS, assistant()).json
    refused = sandbox.send_json("PUT", f"{AGENTS}/{agent['_id']}", agent)
    assert refused.status == 500
    assert shown(refused.json) == "Failed to update agent: _id is read-only"
    own = ("_id", "workspaceId", "createdAt", "updatedAt", "activeSessions")
    rest = {key: value for key, value in agent.items() if key not in own}
    assert sandbox.send_json("PUT", f"{AGENTS}/{agent['_id']}", rest).status == 200


def test_a_program_that_calls_with_the_knobs_of_the_plugin_is_answered(sandbox: Sandbox) -> None:
    agent = sandbox.post(AGENTS, assistant()).json["_id"]
    sandbox.post(FLOWS, conversation(agent))
    number = sandbox.get(f"{AGENTS}/{agent}").json["phoneNumberIds"][0]
    answer = sandbox.post(
        "/v1/api/call",
        {
            "call_agent_id": agent,
            "to": "+15005550000",
            "from_phone_number_id": number,
            "voicemail_detection": {"enabled": True, "action": "hangup", "amdDetection": True},
            "dynamic_variables": {"first_name": "Ada"},
            "callback_url": "http://127.0.0.1:9/events",
            "metadata": {"lead": 7},
        },
    )
    assert (answer.status, answer.json["status"]) == (200, "success")
    assert answer.json["call_id"]
    batch = sandbox.upload("/v1/api/batch-calls", contacts(2), agentId=agent)
    assert (batch.status, batch.json["totalCalls"]) == (200, 2)
