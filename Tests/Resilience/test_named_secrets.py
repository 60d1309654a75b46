"""Nobody shows what stands under the name of a secret, or what a request has sent as one."""

from __future__ import annotations

import json

import pytest

from doors import WARNING, Client, Door
from native import Answer
from operations import AGENT
from recording_server import RecordingServer, Reply, answer, json_answer

STORED = "el-4f7d2b90c1"
INNER = json.dumps({"given": {"elevenLabsApiKey": STORED, "provider": "11labs_byo"}})
GET = {"agentId": AGENT}

STORED_SECRETS: dict[str, Reply] = {
    "a member": json_answer({"error": "No", "elevenLabsApiKey": STORED}, 400),
    "a member of a member": json_answer({"error": {"message": "No", "credentials": STORED}}, 400),
    "in a list": json_answer({"error": "No", "all": [1, {"externalCredentials": STORED}]}, 400),
    "an object": json_answer({"error": "No", "credentials": {"a": [{"b": STORED}]}, "c": 1}, 400),
    "a list": json_answer({"error": "No", "credentials": [[STORED], {"x": "}]"}]}, 400),
    "spaces": answer(400, f'{{"error":"No","credentials" :\t{{ "authToken" : "{STORED}" }} }}'),
    "another spelling": json_answer({"error": "No", "eleven_labs_api_key": STORED}, 400),
    "capitals": json_answer({"error": "No", "X-API-KEY": STORED}, 400),
    "JSON in the message": json_answer({"error": INNER}, 400),
    "JSON in JSON in the details": json_answer({"error": "No", "details": json.dumps(INNER)}, 400),
    "JSON that was cut": json_answer({"error": INNER[: INNER.index("c1")]}, 400),
    "an object in the message": json_answer({"error": f'credentials: {{"a":"{STORED}"}} no'}, 400),
    "an assignment": json_answer({"error": f"elevenLabsApiKey={STORED}&x=1"}, 400),
    "a header": json_answer({"error": f"got x-api-key: {STORED}, and no more"}, 400),
    "a login": json_answer({"error": f"got Authorization: Bearer {STORED}; no"}, 400),
    "single quotes": json_answer({"error": f"{{'credentials': '{STORED}'}}"}, 400),
    "a text": answer(502, f"x-webhook-secret: {STORED}\nhost: a"),
    "a page": answer(502, f"<p>elevenLabsApiKey={STORED}</p>", {"Content-Type": "text/html"}),
    "a webhook's secret": json_answer({"error": f"signed with whsec_{STORED}+/=."}, 400),
    "a webhook's secret alone": json_answer({"error": "No", "a": [f"whsec_{STORED}"]}, 400),
}


def ended_with_log(client: Client, door: Door, operation: str, request: object) -> str:
    """The error and the lines about it, as one text."""
    lines: list[str] = []
    client.set_log(WARNING, lines.append)
    ended: Answer = door.start(client, operation, request).ended().answer
    client.close(1000)
    assert not ended["ok"]
    assert lines
    return json.dumps(ended, ensure_ascii=False) + "".join(lines)


@pytest.mark.parametrize("place", STORED_SECRETS)
def test_a_secret_of_the_service_is_hidden_behind_its_name(
    server: RecordingServer, door: Door, place: str
) -> None:
    server.otherwise = STORED_SECRETS[place]
    with Client(server.url, maxRetries=0) as client:
        shown = ended_with_log(client, door, "agents.get", GET)
    assert "***" in shown
    assert STORED[:8] not in shown


ECHOES = [
    "No such account: {}",
    '{{"given":"{}"}}',
    "the key '{}' is not known",
    "cut at {}",
]
REQUESTS: dict[str, tuple[str, dict[str, object]]] = {
    "credentials": (
        "numbers.register",
        {
            "phoneNumber": "+12025550164",
            "provider": "twilio",
            "credentials": {"accountSid": "AC-0001", "deep": [{"authToken": STORED}]},
        },
    ),
    "a voice's key": (
        "agents.update",
        {"agentId": AGENT, "ttsModel": {"provider": "11labs_byo", "elevenLabsApiKey": STORED}},
    ),
    "a path without a name": (
        "POST /v1/api/omni-flow-agents",
        {"name": "Desk", "settings": {"webhook_secret": STORED}},
    ),
}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("sent", REQUESTS)
def test_a_secret_that_was_sent_comes_back_in_no_error(
    server: RecordingServer, door: Door, sent: str, echo: str
) -> None:
    server.otherwise = json_answer({"error": echo.format(STORED), "body": [STORED]}, 503)
    with Client(server.url, maxRetries=0) as client:
        shown = ended_with_log(client, door, *REQUESTS[sent])
    assert "***" in shown
    assert STORED not in shown


def test_a_secret_that_was_sent_is_in_no_line_about_an_attempt(
    server: RecordingServer, door: Door
) -> None:
    refusal = json_answer({"error": f"busy with {STORED}"}, 429, {"Retry-After": "0"})
    server.otherwise = refusal
    with Client(server.url, maxRetries=1) as client:
        shown = ended_with_log(client, door, *REQUESTS["credentials"])
    assert "event=attempt_failed" in shown
    assert "busy with ***" in shown
    assert STORED not in shown


def test_a_header_s_secret_comes_back_in_no_error(server: RecordingServer, door: Door) -> None:
    server.otherwise = json_answer({"error": f"unknown: {STORED}", "got": f"v {STORED}"}, 401)
    headers = {"Authorization": f"Bearer {STORED}", "x-plain": "front-desk-7"}
    with Client(server.url, maxRetries=0) as client:
        ended = door.start(client, "agents.get", GET, headers=headers).ended().answer
    assert ended["error"]["message"] == "unknown: ***"
    assert STORED not in json.dumps(ended)


def test_a_client_s_header_is_hidden_as_a_request_s(server: RecordingServer, door: Door) -> None:
    server.otherwise = json_answer({"error": f"unknown: {STORED}"}, 401)
    with Client(server.url, maxRetries=0, headers={"X-Webhook-Secret": STORED}) as client:
        ended = door.start(client, "agents.get", GET).ended().answer
    assert ended["error"]["message"] == "unknown: ***"


UNCHANGED = [
    {"error": "Invalid token: it has expired"},
    {"error": "credentials: accountSid is missing", "code": "credentials"},
    {"error": "The secret of a good call", "tokens": 12345678, "field": "elevenLabsApiKey"},
    {"error": "No", "credentials": None, "hasToken": True, "token": False},
    {"error": "No", "list": ["token", "not-a-value-1"], "n": {"keys": 1}},
]


@pytest.mark.parametrize("body", UNCHANGED, ids=range(len(UNCHANGED)))
def test_what_only_speaks_of_a_secret_stays_as_it_came(
    server: RecordingServer, door: Door, body: dict[str, object]
) -> None:
    server.otherwise = json_answer(body, 400)
    with Client(server.url) as client:
        ended = door.start(client, "agents.get", GET).ended().answer
    assert ended["error"]["body"] == body
    assert ended["error"]["message"] == body["error"]


def test_the_names_in_credentials_are_no_secrets(server: RecordingServer, door: Door) -> None:
    server.otherwise = json_answer({"error": "accountSid is not known"}, 400)
    with Client(server.url) as client:
        ended = door.start(client, *REQUESTS["credentials"]).ended().answer
    assert ended["error"]["message"] == "accountSid is not known"


def test_a_success_has_its_token(server: RecordingServer, door: Door) -> None:
    server.otherwise = json_answer({"token": STORED})
    with Client(server.url) as client:
        ended = door.start(client, "web_calls.connect", GET).ended().answer
    assert ended["data"] == {"token": STORED}
