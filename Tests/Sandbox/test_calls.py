"""Sending single calls, what becomes of them, and the numbers they come from."""

from __future__ import annotations

import re

import pytest

from conftest import StartSandbox
from sandbox import UNKNOWN_ID, Sandbox, agent_fields, flow_fields, new_agent, ready_agent, until

SEND = "/api/v1/calls/call"
PUBLISHED_SEND = "/v1/api/call"
HISTORY = "/v2/api/call-history"
NUMBERS = "/v1/api/twilio/user-phone-numbers"
TO = "+12025550164"


def test_a_call_is_accepted_once_the_agent_has_a_flow(sandbox: Sandbox) -> None:
    agent = ready_agent(sandbox)
    answer = sandbox.post(SEND, {"agentId": agent, "toNumber": TO})
    assert answer.status == 200
    call = answer.json
    assert re.fullmatch("[0-9A-Za-z]{12}", call["callId"])
    assert call == {
        "status": "success",
        "callId": call["callId"],
        "roomName": f"{agent}-{call['callId']}",
        "fromNumber": call["fromNumber"],
        "toNumber": TO,
        "agent": {
            "id": agent,
            "name": "Front Desk",
            "model": "gpt-4o-mini",
            "voice": {"provider": "rime", "voiceId": "mistv2_Brook"},
        },
    }
    (number,) = [entry for entry in sandbox.get(NUMBERS).json if entry["agentId"] == agent]
    assert call["fromNumber"] == number["phoneNumber"]


def test_the_published_form_has_its_own_names(sandbox: Sandbox) -> None:
    agent = ready_agent(sandbox)
    answer = sandbox.post(
        PUBLISHED_SEND,
        {
            "call_agent_id": agent,
            "to": TO,
            "callback_url": "https://example.com/events",
            "dynamic_variables": {"first_name": "Ada"},
            "metadata": {"order": "1001"},
        },
    )
    assert answer.status == 200
    call = answer.json
    assert call == {
        "status": "success",
        "call_id": call["call_id"],
        "message": "Call initiated successfully",
    }
    entry = sandbox.get(f"/sandbox/calls/{call['call_id']}").json
    assert entry["variables"] == {"first_name": "Ada"}
    assert entry["metadata"] == {"order": "1001"}
    assert entry["callbackUrl"] == "https://example.com/events"


@pytest.mark.parametrize("number", ["12025550164", "+0123456789", "+1", "+1 202 555 0164", "", "x"])
def test_a_number_that_is_not_e164_is_400(sandbox: Sandbox, number: str) -> None:
    agent = ready_agent(sandbox)
    for path, body in (
        (SEND, {"agentId": agent, "toNumber": number}),
        (PUBLISHED_SEND, {"call_agent_id": agent, "to": number}),
    ):
        answer = sandbox.post(path, body)
        assert answer.status == 400
        assert answer.json["error"] == "Invalid request"
        if number:
            assert answer.json["code"] == "invalid_number"


@pytest.mark.parametrize(
    ("path", "body", "missing"),
    [
        (SEND, {"toNumber": TO}, "agentId"),
        (SEND, {"agentId": "a"}, "toNumber"),
        (SEND, {"call_agent_id": "a", "to": TO}, "agentId"),
        (PUBLISHED_SEND, {"agentId": "a", "toNumber": TO}, "call_agent_id"),
        (PUBLISHED_SEND, {"call_agent_id": "a"}, "to"),
    ],
)
def test_a_missing_field_is_400(
    sandbox: Sandbox, path: str, body: dict[str, str], missing: str
) -> None:
    answer = sandbox.post(path, body)
    assert (answer.status, answer.json["details"]) == (400, f"{missing} is required")


def test_an_unknown_agent_is_404(sandbox: Sandbox) -> None:
    answer = sandbox.post(SEND, {"agentId": UNKNOWN_ID, "toNumber": TO})
    assert answer.status == 404
    assert answer.json["error"] == "Agent not found"


def test_an_agent_without_a_number_cannot_call(sandbox: Sandbox) -> None:
    answer = sandbox.post(SEND, {"agentId": new_agent(sandbox)["_id"], "toNumber": TO})
    assert answer.status == 400
    assert answer.json == {
        "error": "Invalid configuration",
        "details": "Agent has no phone number configured",
    }


def test_an_agent_without_an_active_flow_cannot_call(sandbox: Sandbox) -> None:
    agent = ready_agent(sandbox, {"isActive": False})
    answer = sandbox.post(SEND, {"agentId": agent, "toNumber": TO})
    assert answer.status == 400
    assert answer.json == {
        "error": "Invalid configuration",
        "details": "Agent has no active flow configured",
    }


def test_a_call_goes_through_its_states_and_ends_by_itself(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "20")
    agent = ready_agent(server)
    call = server.post(SEND, {"agentId": agent, "toNumber": "+15005550000"}).json
    seen: list[str] = []

    def status() -> str:
        state: str = server.get(f"{HISTORY}/{call['roomName']}").json["status"]
        if state not in seen:
            seen.append(state)
        return state

    assert status() != "completed"
    (session,) = server.get(f"/api/v1/agents/{agent}").json["activeSessions"]
    assert session["roomName"] == call["roomName"]
    until(status, lambda state: state == "completed")
    order = ("queued", "ringing", "in-progress", "completed")
    assert seen == [state for state in order if state in seen]
    entry = server.get(f"{HISTORY}/{call['callId']}").json
    assert entry["duration"] == pytest.approx(entry["endTime"] - entry["startTime"])
    assert server.get(f"/api/v1/agents/{agent}").json["activeSessions"] == []


def test_a_transcript_has_the_variables_filled_in(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--paused")
    agent = server.post("/api/v1/agents", agent_fields(variables={"plan": "gold"})).json["_id"]
    defaults = [{"isDefault": True, "variables": [{"key": "city", "value": "Kiel"}]}]
    prompt = "{first_name}, your {plan} plan in {city} ends. {unknown} {"
    server.post(
        "/api/v1/flows",
        flow_fields(agent=agent, prompt=prompt, dynamicVariableCollections=defaults),
    )
    for _ in range(5):
        server.post(
            SEND,
            {"agentId": agent, "toNumber": TO, "dynamicVariables": {"first_name": "Ada"}},
        )
    server.steer(advanceMs=3_600_000)
    calls = server.get(HISTORY).json
    assert len(calls) == 5
    talks = [call["transcript"] for call in calls if call["status"] == "completed"]
    assert talks
    for talk in talks:
        text = "\n".join(line["content"] for line in talk if line["role"] == "assistant")
        assert "Hi Ada, this is Front Desk." in text
        assert "Ada, your gold plan in Kiel ends. {unknown} {" in text


def test_the_outcome_depends_on_the_seed_alone(start_sandbox: StartSandbox) -> None:
    def outcomes(seed: str) -> list[object]:
        server = start_sandbox(*("--requests-per-minute", "0", "--paused", "--seed", seed))
        agent = ready_agent(server)
        for _ in range(30):
            server.post(SEND, {"agentId": agent, "toNumber": TO})
        server.steer(advanceMs=3_600_000)
        calls = server.get(f"{HISTORY}?limit=100").json
        assert len(calls) == 30
        return [(call["status"], call["duration"]) for call in calls]

    first = outcomes("7")
    assert outcomes("7") == first
    assert outcomes("8") != first


def test_the_history_is_filtered_and_newest_first(sandbox: Sandbox) -> None:
    agent = ready_agent(sandbox)
    sent = [sandbox.post(SEND, {"agentId": agent, "toNumber": TO}).json["callId"] for _ in range(3)]
    calls = sandbox.get(f"{HISTORY}?agentId={agent}").json
    assert [call["callId"] for call in calls] == sent[::-1]
    page = sandbox.get(f"{HISTORY}?agentId={agent}&limit=2&page=2").json
    assert [call["callId"] for call in page] == sent[:1]
    assert sandbox.get(f"{HISTORY}?agentId={UNKNOWN_ID}").json == []
    assert sandbox.get(f"{HISTORY}?status=lost").status == 400
    assert sandbox.get(f"{HISTORY}/unknown").status == 404


def test_a_flow_under_hipaa_is_not_recorded(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--paused")
    agent = ready_agent(server, {"settings": {"security": {"hipaaCompliance": True}}})
    for _ in range(3):
        server.post(SEND, {"agentId": agent, "toNumber": TO})
    server.steer(advanceMs=3_600_000)
    calls = server.get(HISTORY).json
    assert len(calls) == 3
    assert not any("recordingUrl" in call for call in calls)
    assert server.get(f"/v2/api/recordings/{calls[0]['_id']}").status == 404


class TestNumbers:
    """Phone numbers, on a server whose numbers are known."""

    @pytest.fixture
    def server(self, start_sandbox: StartSandbox) -> Sandbox:
        return start_sandbox("--requests-per-minute", "0")

    def test_there_is_always_a_free_number(self, server: Sandbox) -> None:
        (free,) = server.get(NUMBERS).json
        assert (free["phoneNumber"], free["agentId"]) == ("+12025550100", None)
        for count in range(2, 5):
            ready_agent(server)
            numbers = server.get(NUMBERS).json
            assert len({number["phoneNumber"] for number in numbers}) == count
            assert [number["agentId"] is None for number in numbers].count(True) == 1

    def test_a_number_is_bound_and_released(self, server: Sandbox) -> None:
        agent = new_agent(server)["_id"]
        number = server.get(NUMBERS).json[0]["_id"]
        bound = server.post(f"/v1/api/agents/{agent}/bind/{number}", {})
        assert bound.status == 200
        assert bound.json["agent"]["phoneNumberIds"] == [number]
        assert bound.json["phoneNumber"]["agentId"] == agent
        assert bound.json["pathwayId"] is None
        other = new_agent(server)["_id"]
        taken = server.post(f"/v1/api/agents/{other}/bind/{number}", {})
        assert (taken.status, taken.json["error"]) == (400, "Invalid configuration")
        assert server.post(f"/v1/api/agents/{other}/release/{number}", {}).status == 400
        released = server.post(f"/v1/api/agents/{agent}/release/{number}", {})
        assert released.json["status"] == "success"
        assert server.get(f"/api/v1/agents/{agent}").json["phoneNumberIds"] == []

    def test_an_agent_takes_and_gives_back_numbers_through_its_own_field(
        self, server: Sandbox
    ) -> None:
        number = server.get(NUMBERS).json[0]["_id"]
        agent = new_agent(server, phoneNumberIds=[number])
        assert agent["phoneNumberIds"] == [number]
        path = f"/api/v1/agents/{agent['_id']}"
        unknown = server.send_json("PATCH", path, {"phoneNumberIds": [UNKNOWN_ID]})
        assert (unknown.status, unknown.json["error"]) == (404, "Phone number not found")
        assert server.get(path).json["phoneNumberIds"] == [number]
        assert server.send_json("PATCH", path, {"phoneNumberIds": []}).json["phoneNumberIds"] == []

    def test_a_deleted_agent_leaves_its_number_free(self, server: Sandbox) -> None:
        agent = ready_agent(server)
        server.delete(f"/api/v1/agents/{agent}")
        assert all(number["agentId"] is None for number in server.get(NUMBERS).json)

    def test_unknown_agents_and_numbers_are_404(self, server: Sandbox) -> None:
        agent = new_agent(server)["_id"]
        number = server.get(NUMBERS).json[0]["_id"]
        for verb in ("bind", "release"):
            for path in (f"{UNKNOWN_ID}/{verb}/{number}", f"{agent}/{verb}/{UNKNOWN_ID}"):
                assert server.post(f"/v1/api/agents/{path}", {}).status == 404
