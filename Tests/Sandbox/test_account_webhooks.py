"""Webhooks of the account: set from outside, told of everything in their workspace."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import StartSandbox
from receiver import Receiver
from sandbox import OTHER_KEY, OTHER_WORKSPACE, Sandbox, ready_agent, start_batch, until
from trillet.webhooks import verify
from webhooks import NUMBER, deliveries, send, settled

WEBHOOKS = "/sandbox/webhooks"


@pytest.fixture
def server(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox(
        *("--requests-per-minute", "0", "--speed", "600"),
        *("--account", f"{OTHER_KEY}:{OTHER_WORKSPACE}"),
    )


def added(server: Sandbox, url: str, **members: object) -> dict[str, Any]:
    answer = server.post(WEBHOOKS, {"url": url, **members})
    assert answer.status == 200, answer.body
    webhook: dict[str, Any] = answer.json
    return webhook


def place(server: Sandbox) -> str:
    answer = server.post(
        "/api/v1/calls/call", {"agentId": ready_agent(server), "toNumber": "+15005550000"}
    )
    call: str = answer.json["callId"]
    return call


def test_it_is_told_of_calls_that_name_nobody_with_its_own_secret_and_form(
    server: Sandbox, receiver: Receiver
) -> None:
    secret = "whsec_of the account"
    own = {"secret": secret, "form": "snake", "signature": "sha256=base64"}
    added(server, receiver.url("/account"), **own)
    call = place(server)
    for kind in ("call.started", "call.completed"):
        webhook = receiver.next()
        assert webhook.path == "/account"
        event = verify(webhook.body, webhook.headers["x-trillet-signature"], secret)
        assert (event.type, event.call_id) == (kind, call)
        assert webhook.json["event_type"] == kind
    assert secret not in server.get(WEBHOOKS).body.decode()


def test_it_hears_of_every_call_of_a_batch(server: Sandbox, receiver: Receiver) -> None:
    added(server, receiver.url())
    start_batch(server, ready_agent(server), 5)
    webhooks = [receiver.next() for _ in range(10)]
    assert len({(each.event, each.json["data"]["callId"]) for each in webhooks}) == 10


def test_a_call_with_a_receiver_of_its_own_tells_both(server: Sandbox, receiver: Receiver) -> None:
    added(server, receiver.url("/account"))
    send(server, ready_agent(server), receiver.url("/own"))
    assert sorted(receiver.next().path for _ in range(4)) == ["/account"] * 2 + ["/own"] * 2


def test_the_option_names_a_receiver_from_the_start(
    start_sandbox: StartSandbox, receiver: Receiver
) -> None:
    server = start_sandbox("--speed", "600", "--webhook-url", receiver.url())
    place(server)
    assert receiver.next().event == "call.started"
    assert receiver.next().is_signed_with("whsec_sandbox")


def test_other_workspaces_hear_nothing(server: Sandbox, receiver: Receiver) -> None:
    added(server, receiver.url(), workspaceId=OTHER_WORKSPACE)
    place(server)
    assert deliveries(server) == []
    assert receiver.is_quiet()


def test_webhooks_are_listed_and_taken_away(server: Sandbox, receiver: Receiver) -> None:
    one = added(server, receiver.url("/1"))
    two = added(server, receiver.url("/2"), form="native", signature="secret", secret="s")
    assert one == {
        "id": one["id"],
        "workspaceId": "sandbox-workspace",
        "url": receiver.url("/1"),
        "form": "event",
        "signature": "hex",
        "hasOwnSecret": False,
    }
    assert (two["form"], two["signature"], two["hasOwnSecret"]) == ("native", "secret", True)
    assert server.get(WEBHOOKS).json == {"webhooks": [one, two]}
    assert server.delete(f"{WEBHOOKS}/{one['id']}").json == {"webhooks": [two]}
    assert server.delete(f"{WEBHOOKS}/{one['id']}").status == 404
    assert server.delete(WEBHOOKS).json == {"webhooks": []}
    place(server)
    assert deliveries(server) == []


def test_a_reset_forgets_them(server: Sandbox, receiver: Receiver) -> None:
    added(server, receiver.url())
    server.post("/sandbox/reset", {})
    assert server.get(WEBHOOKS).json == {"webhooks": []}


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"url": "no url at all"},
        {"url": "http://example.com/hook"},
        {"url": "http://127.0.0.1/", "form": "xml"},
        {"url": "http://127.0.0.1/", "signature": "md5"},
        {"url": "http://127.0.0.1/", "secret": "a\r\nb: c"},
        {"url": "http://127.0.0.1/", "secret": ""},
        {"url": "http://127.0.0.1/", "workspaceId": "nobody"},
        {"url": "http://127.0.0.1/", "events": []},
    ],
)
def test_a_webhook_that_cannot_work_is_refused(server: Sandbox, order: dict[str, object]) -> None:
    answer = server.post(WEBHOOKS, order)
    assert (answer.status, answer.json["error"]["code"]) == (400, "bad_request")
    assert server.get(WEBHOOKS).json == {"webhooks": []}


def test_no_workspace_has_more_than_sixteen(server: Sandbox, receiver: Receiver) -> None:
    for index in range(16):
        added(server, receiver.url(f"/{index}"))
    answer = server.post(WEBHOOKS, {"url": receiver.url("/more")})
    assert answer.status == 400
    assert "16" in answer.json["error"]["message"]


def message_flow(server: Sandbox, **fields: object) -> str:
    agent = server.post("/v1/api/omni-flow-agents", {"name": "A"}).json["_id"]
    made = server.post("/v1/api/message-flows", {"agent": agent, **fields})
    flow: str = made.json["_id"]
    return flow


def generate(server: Sandbox, flow: str, to: str = NUMBER) -> dict[str, Any]:
    answer = server.post("/v1/api/conversations/message/generate", {"flowId": flow, "to": to})
    written: dict[str, Any] = answer.json
    return written


def test_a_message_that_is_sent_is_told_and_then_that_it_arrived(
    server: Sandbox, receiver: Receiver
) -> None:
    added(server, receiver.url())
    flow = message_flow(server, autopilot=True, messageChannel="SMS")
    written = generate(server, flow)
    sent, delivered = receiver.next(), receiver.next()
    assert (sent.event, delivered.event) == ("sms.sent", "sms.delivered")
    assert sent.json["data"] == {
        "messageId": written["message_id"],
        "conversationId": written["conversation_id"],
        "flowId": flow,
        "status": "sent",
        "to": NUMBER,
        "message": written["message"],
    }
    event = verify(sent.body, sent.headers["x-trillet-signature"], "whsec_sandbox")
    assert (event.type, event.call_id, event.to_number) == ("sms.sent", None, NUMBER)
    until(lambda: settled(server), lambda entries: len(entries) == 2)
    assert {entry["callId"] for entry in settled(server)} == {None}


def test_a_message_that_waits_is_told_once_somebody_approves_it(
    server: Sandbox, receiver: Receiver
) -> None:
    added(server, receiver.url())
    written = generate(server, message_flow(server, autopilot=False, messageChannel="SMS"))
    assert deliveries(server) == []
    path = f"/v1/api/conversations/{written['conversation_id']}/message/{written['message_id']}"
    edit = {"metadata": {"action": "edit", "editedMessage": "Shorter."}}
    assert server.post(f"{path}/action", edit).status == 200
    sent = receiver.next()
    assert (sent.event, sent.json["data"]["message"]) == ("sms.sent", "Shorter.")


def test_an_email_is_no_sms(server: Sandbox, receiver: Receiver) -> None:
    added(server, receiver.url())
    flow = message_flow(server, autopilot=True, messageChannel="Email")
    assert generate(server, flow, "ada@example.com")["status"] == "success"
    assert deliveries(server) == []
