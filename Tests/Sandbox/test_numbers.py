"""Numbers that come and go: buying, giving back, registering, and what is set of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import UNKNOWN_ID, Sandbox, new_agent, ready_agent

LIST = "/v1/api/twilio/user-phone-numbers"
AVAILABLE = "/v1/api/twilio/available-numbers"
PURCHASE = "/v1/api/twilio/purchase-number"
RELEASE = "/v1/api/twilio/release-number"
REGISTER = "/v1/api/twilio/register-external-number"
MEMBERS = {
    *("_id", "workspaceId", "phoneNumber", "sid", "country", "type", "status", "provider"),
    *("pathwayId", "agentId", "flowType", "recordingEnabled", "transferEnabled"),
    *("monthlyPrice", "expiresAt", "isExternal"),
}


@pytest.fixture
def server() -> Iterator[Sandbox]:
    """A server whose time stands still."""
    server = Sandbox("--requests-per-minute", "0", "--paused")
    yield server
    server.stop()


def order(number: str = "+12025550188", **fields: object) -> dict[str, object]:
    return {"country": "US", "type": "local", "phoneNumber": number, **fields}


def buy(server: Sandbox, number: str = "+12025550188") -> str:
    answer = server.post(PURCHASE, order(number))
    assert answer.status == 200, answer.body
    record: str = answer.json["phoneNumber"]["_id"]
    return record


def numbers(server: Sandbox) -> dict[str, dict[str, Any]]:
    return {entry["_id"]: entry for entry in server.get(LIST).json}


def test_a_bought_number_is_listed_some_seconds_later(server: Sandbox) -> None:
    record = buy(server)
    assert record not in numbers(server)
    server.steer(advanceMs=2_999)
    assert record not in numbers(server)
    server.steer(advanceMs=1)
    bought = numbers(server)[record]
    assert set(bought) >= MEMBERS
    assert (bought["phoneNumber"], bought["monthlyPrice"]) == ("+12025550188", 2)
    assert (bought["isExternal"], bought["agentId"], bought["status"]) == (False, None, "pending")
    (entry,) = server.get("/sandbox/ledger?operation=numbers.purchase").json["entries"]
    (attempt,) = entry["attempts"]
    assert attempt["effect"] == {"kind": "number.purchased", "id": record}


def test_what_is_available_can_be_bought_once(server: Sandbox) -> None:
    for kind, area in (("local", "312"), ("tollFree", "800"), ("mobile", "415")):
        query = f"?country=US&type={kind}&areaCode={area}&limit=2"
        offered = [entry["phoneNumber"] for entry in server.get(AVAILABLE + query).json["numbers"]]
        assert len(offered) == 2
        assert all(number.startswith(f"+1{area}") for number in offered)
        assert server.post(PURCHASE, order(offered[0], type=kind)).status == 200
        again = server.post(PURCHASE, order(offered[0], type=kind))
        assert (again.status, again.json["error"]) == (400, "Invalid configuration")
        left = [entry["phoneNumber"] for entry in server.get(AVAILABLE + query).json["numbers"]]
        assert left[0] == offered[1]
    assert len(server.get(AVAILABLE).json["numbers"]) == 10
    assert server.get(AVAILABLE + "?country=DE").json == {"numbers": []}
    assert server.get(AVAILABLE + "?areaCode=12").json == {"numbers": []}
    assert server.get(AVAILABLE + "?type=fax").status == 400


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"country": None}, "country is required"),
        ({"type": "fax"}, "type must be one of local, tollFree, mobile"),
        ({"phoneNumber": "2025550188"}, "phoneNumber must be a phone number in E.164 form"),
        ({"phoneNumber": "+12025551234"}, "+12025551234 cannot be bought"),
        ({"phoneNumber": "+18005550101"}, "+18005550101 cannot be bought"),
        ({"country": "DE"}, "+12025550188 cannot be bought"),
        ({"coupon": 5}, "coupon must be a string"),
    ],
)
def test_an_order_that_cannot_be_met_buys_nothing(
    server: Sandbox, change: dict[str, object], said: str
) -> None:
    wanted = {**order(), **change}
    body = {name: value for name, value in wanted.items() if value is not None}
    answer = server.post(PURCHASE, body)
    assert answer.status == 400
    assert answer.json["details"].startswith(said)
    assert server.get("/sandbox/ledger").json["totals"]["numbers.purchase"]["effects"] == 0


def test_a_bought_number_is_given_back_and_one_of_the_plan_is_not(server: Sandbox) -> None:
    (own,) = numbers(server)
    refused = server.post(RELEASE, {"phoneNumberId": own})
    assert (refused.status, refused.json["error"]) == (404, "Phone number not found")
    record = buy(server)
    server.steer(advanceMs=5_000)
    assert server.post(RELEASE, {"phoneNumberId": record}).json["status"] == "success"
    assert set(numbers(server)) == {own}
    assert server.post(RELEASE, {"phoneNumberId": record}).status == 404
    assert server.post(RELEASE, {}).json["details"] == "phoneNumberId is required"


def test_no_two_numbers_are_the_same(server: Sandbox) -> None:
    for index in range(3):
        buy(server, f"+1202555010{index + 1}")
    server.steer(advanceMs=5_000)
    for _ in range(3):
        ready_agent(server)
    known = [entry["phoneNumber"] for entry in numbers(server).values()]
    assert len(known) == len(set(known))


def test_an_agent_calls_from_a_bought_number_only_while_it_is_bound(server: Sandbox) -> None:
    agent = new_agent(server)["_id"]
    record = buy(server)
    assert server.post(f"/v1/api/agents/{agent}/bind/{record}", {}).status == 200
    flow = {"name": "F", "direction": "outbound", "promptType": "simple", "agent": agent}
    made = server.post("/api/v1/flows", flow)
    send = {"agentId": agent, "toNumber": "+15005550000"}
    assert server.post("/api/v1/calls/call", send).json["fromNumber"] == "+12025550188"
    assert numbers(server).get(record) is None
    server.steer(advanceMs=5_000)
    bound = numbers(server)[record]
    assert (bound["agentId"], bound["status"]) == (agent, "active")
    assert bound["pathwayId"] == made.json["_id"]
    server.post(f"/v1/api/agents/{agent}/release/{record}", {})
    refused = server.post("/api/v1/calls/call", send)
    assert refused.json["details"] == "Agent has no phone number configured"


def test_the_settings_of_a_number_are_kept_and_hold_for_calls(server: Sandbox) -> None:
    agent = ready_agent(server)
    (record,) = [entry["_id"] for entry in server.get(LIST).json if entry["agentId"] == agent]
    path = f"/v1/api/twilio/phone-numbers/{record}/config"
    assert server.get(path).json == {
        "agentId": agent,
        "flowType": "call",
        "direction": "outbound",
        "status": "active",
        "recording": True,
    }
    change = {"maxCallDuration": 20, "recordingEnabled": False, "label": "Front desk"}
    assert server.send_json("PUT", path, change).json["success"] is True
    kept = server.get(path).json
    assert (kept["recording"], kept["label"], kept["agentId"]) == (False, "Front desk", agent)
    server.post("/api/v1/calls/call", {"agentId": agent, "toNumber": "+15005550000"})
    server.steer(advanceMs=60_000)
    (call,) = server.get("/v2/api/call-history?limit=1").json
    assert (call["duration"], "recordingUrl" in call) == (20, False)
    assert server.send_json("PUT", path, {"agentId": None}).status == 200
    assert server.get(path).json["agentId"] is None
    for member, wrong in (("transferCallerIdMode", "both"), ("recordingEnabled", 1)):
        assert server.send_json("PUT", path, {member: wrong}).status == 400
    unknown = path.replace(record, UNKNOWN_ID)
    assert server.get(unknown).status == server.send_json("PUT", unknown, {}).status == 404


def test_credentials_of_a_carrier_are_shown_nowhere(server: Sandbox) -> None:
    secret = "carrier-secret-9"
    credentials = {"accountSid": "AC1", "nested": [{"authToken": secret}], "quote": '"}' + secret}
    body = {"phoneNumber": "+12025550190", "provider": "twilio", "credentials": credentials}
    assert server.post(REGISTER, body).json["status"] == "success"
    assert server.post(REGISTER, body).status == 400
    (entry,) = [each for each in server.get(LIST).json if each["isExternal"]]
    assert entry["phoneNumber"] == "+12025550190"
    shown = [server.get(path).body.decode() for path in (LIST, "/sandbox/journal?limit=1000")]
    shown.append(server.get("/sandbox/overview").body.decode())
    assert all(secret not in text for text in shown)
    assert '\\"credentials\\": \\"***\\"' in shown[1]
    assert server.post(RELEASE, {"phoneNumberId": entry["_id"]}).status == 200
    for name in ("phoneNumber", "provider", "credentials"):
        rest = {key: value for key, value in body.items() if key != name}
        assert server.post(REGISTER, rest).json["details"] == f"{name} is required"
