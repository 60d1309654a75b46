"""Every form and signature of a webhook, read by what reads webhooks: C and Python."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

import native
from conftest import StartSandbox
from receiver import Received, Receiver
from sandbox import Sandbox, ready_agent
from trillet import SignatureError
from trillet import webhooks as reading
from webhooks import send

FORMS = ("event", "native", "flat", "snake")
SIGNATURES = ("hex", "base64", "sha256=hex", "sha256=base64", "secret")
SECRET = "whsec_of the test"
NUMBERS = {"completed": "+15005550000", "failed": "+15005550002"}


def started(start_sandbox: StartSandbox, form: str, signature: str) -> Sandbox:
    return start_sandbox(
        *("--requests-per-minute", "0", "--speed", "600", "--webhook-secret", SECRET),
        *("--webhook-form", form, "--webhook-signature", signature),
    )


def proof(webhook: Received, signature: str) -> tuple[str, str]:
    """The header that proves who sent it, and the scheme that reads it."""
    if signature == "secret":
        assert "x-trillet-signature" not in webhook.headers
        return webhook.headers["x-webhook-secret"], "secret"
    assert "x-webhook-secret" not in webhook.headers
    return webhook.headers["x-trillet-signature"], "hmac"


def read_in_c(webhook: Received, header: str, scheme: str, secret: str = SECRET) -> Any:
    options = native.text({"secrets": [secret], "scheme": scheme})
    body = webhook.body
    return native.answer("trillet_webhook_verify", body, len(body), header.encode(), options)


@pytest.mark.parametrize("end", NUMBERS)
@pytest.mark.parametrize(("form", "signature"), itertools.product(FORMS, SIGNATURES))
def test_every_form_is_read_as_the_same_events(
    start_sandbox: StartSandbox, receiver: Receiver, form: str, signature: str, end: str
) -> None:
    server = started(start_sandbox, form, signature)
    agent = ready_agent(server)
    number = NUMBERS[end]
    call = send(server, agent, receiver.url(), number)
    handled: list[reading.Event] = []
    for kind, status in (("call.started", "started"), (f"call.{end}", end)):
        webhook = receiver.next()
        header, scheme = proof(webhook, signature)
        answer = read_in_c(webhook, header, scheme)
        assert answer["ok"], answer
        event = answer["data"]
        found = {name: event[name] for name in ("type", "status", "callId", "agentId", "to")}
        assert found == {
            "type": kind,
            "status": status,
            "callId": call,
            "agentId": agent,
            "to": number,
        }
        assert event["from"] == "+12025550100"
        accepting = reading.Receiver(
            handled.append, SECRET, scheme="secret" if scheme == "secret" else "hmac"
        )
        assert accepting.answer("POST", webhook.headers, webhook.body).status == 200
        assert accepting.close()
        assert (handled[-1].type, handled[-1].call_id) == (kind, call)
        assert not read_in_c(webhook, header, scheme, "whsec_another")["ok"]
        with pytest.raises(SignatureError):
            reading.verify(webhook.body, header[:-3], SECRET, scheme=accepting._scheme)


def native_body(webhook: Received) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(webhook.body)
    return body


def test_the_native_form_has_what_receivers_read_after_a_call(
    start_sandbox: StartSandbox, receiver: Receiver
) -> None:
    server = started(start_sandbox, "native", "hex")
    variables = {"first_name": "Ada"}
    call = send(
        server,
        ready_agent(server),
        receiver.url(),
        "+15005550000",
        dynamic_variables=variables,
        metadata={"order": "1001"},
    )
    start, end = native_body(receiver.next()), native_body(receiver.next())
    assert set(start) == {"call_metadata", "from", "to"}
    assert end["call_metadata"]["callId"] == call
    assert end["call_metadata"]["duration"] == 35
    assert end["call_metadata"]["metadata"] == {"order": "1001"}
    assert end["conversation_data"]["gathered_information"] == variables
    assert end["analytics"]["tool_calls"] == [
        {"name": "end_call", "arguments": "{}", "output": "The call has ended"}
    ]
    record = server.get(f"/v2/api/call-history/{call}").json
    assert end["transcript"]["messages"] == record["transcript"]
    assert end["transcript"]["summary"] == record["summary"]
    assert end["transcript"]["recordingUrl"] == record["recordingUrl"]
    path = record["recordingUrl"].removeprefix(server.ready["url"])
    assert server.get(path).status == 200


def test_a_call_that_nobody_answered_has_an_error_and_no_recording(
    start_sandbox: StartSandbox, receiver: Receiver
) -> None:
    server = started(start_sandbox, "native", "hex")
    send(server, ready_agent(server), receiver.url(), "+15005550002")
    receiver.next()
    end = native_body(receiver.next())
    assert end["call_metadata"]["error"] == "No answer"
    assert end["transcript"] == {"summary": "No answer", "recordingUrl": None, "messages": []}
    assert end["analytics"] == {"tool_calls": []}


@pytest.mark.parametrize(
    "option",
    [("--webhook-form", "xml"), ("--webhook-signature", "md5"), ("--webhook-url", "no url")],
)
def test_a_form_that_does_not_exist_is_refused_at_the_start(
    start_sandbox: StartSandbox, option: tuple[str, str]
) -> None:
    with pytest.raises(RuntimeError, match="--webhook-"):
        start_sandbox(*option)
