"""The receiver of webhooks: who is let in, what the handler sees, and what it never sees."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest

from trillet import ConfigurationError
from trillet.webhooks import Event, MemoryStore, PreCall, PreCallRequest, Receiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trillet.webhooks import Reply

SECRET = "whsec_of the test"


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Trillet-Signature": signature}


def written(kind: str, call: str = "c1", **data: object) -> bytes:
    return json.dumps({"event": kind, "data": {"callId": call, **data}}).encode()


class Seen:
    """A handler, and the types that it saw by call."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def types(self) -> list[str | None]:
        return [event.type for event in self.events]


def post(receiver: Receiver, body: bytes) -> Reply:
    return receiver.answer("POST", signed(body), body)


def test_each_webhook_reaches_the_handler_once() -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET)
    for body in (written("call.started"), written("call.completed")) * 3:
        assert post(receiver, body).status == 200
    assert receiver.close()
    assert seen.types == ["call.started", "call.completed"]
    assert receiver.counts.duplicates == 4


def test_a_start_that_comes_late_does_not_undo_the_end() -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET)
    for kind in ("call.completed", "call.started", "call.failed", "call.analyzed"):
        assert post(receiver, written(kind)).status == 200
    assert receiver.close()
    assert seen.types == ["call.completed", "call.analyzed"]
    assert receiver.counts.late == 2


def test_events_of_one_call_that_share_the_id_of_the_call_are_no_duplicates() -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET)
    for kind in ("call.started", "call.completed"):
        post(receiver, json.dumps({"event": kind, "id": "c1", "data": {"callId": "c1"}}).encode())
    assert receiver.close()
    assert len(seen.events) == 2


def test_events_without_the_id_of_a_call_are_not_of_one_call() -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET)
    for number in range(3):
        post(receiver, written("call.completed", "", number=number))
    assert receiver.close()
    assert [event.call_id for event in seen.events] == [None] * 3


def test_a_call_whose_id_is_a_number_ends_once() -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET)
    for kind in ("call.completed", "call.failed"):
        post(receiver, json.dumps({"event": kind, "data": {"callId": 12}}).encode())
    assert receiver.close()
    assert [event.call_id for event in seen.events] == ["12"]


def test_the_answer_does_not_wait_for_the_handler() -> None:
    may_end = threading.Event()
    receiver = Receiver(lambda _event: may_end.wait(10), SECRET)
    assert post(receiver, written("call.started")).status == 200
    assert post(receiver, written("call.completed")).status == 200
    assert receiver.counts.handled == 0
    may_end.set()
    assert receiver.close()
    assert receiver.counts.handled == 2


def test_a_handler_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    seen = Seen()

    def handler(event: Event) -> None:
        seen(event)
        raise ValueError("a fault of the handler")

    receiver = Receiver(handler, SECRET)
    post(receiver, written("call.started"))
    post(receiver, written("call.completed"))
    assert receiver.close()
    assert len(seen.events) == receiver.counts.failures == 2
    assert "a fault of the handler" in caplog.text


@pytest.mark.parametrize(
    ("method", "changes", "body", "status"),
    [
        ("GET", {}, written("call.started"), 405),
        ("PUT", {}, written("call.started"), 405),
        ("POST", {"Content-Type": "text/plain"}, written("call.started"), 415),
        ("POST", {}, b"x" * 2_000, 413),
        ("POST", {"X-Trillet-Signature": "0" * 64}, written("call.started"), 401),
        ("POST", {"X-Trillet-Signature": ""}, written("call.started"), 401),
        ("POST", {}, b"[]", 400),
    ],
)
def test_what_is_no_webhook_is_refused_without_saying_more(
    method: str, changes: Mapping[str, str], body: bytes, status: int
) -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET, max_body_bytes=1_000)
    reply = receiver.answer(method, {**signed(body), **changes}, body)
    assert reply.status == status
    assert set(reply.content) == {"error"}
    assert SECRET.encode() not in reply.body
    assert receiver.close()
    assert not seen.events


def test_a_webhook_that_finds_no_room_comes_again() -> None:
    may_end, began = threading.Event(), threading.Event()
    seen = Seen()

    def handler(event: Event) -> None:
        began.set()
        may_end.wait(10)
        seen(event)

    receiver = Receiver(handler, SECRET, max_waiting=1)
    post(receiver, written("call.started", "c1"))
    assert began.wait(10)
    post(receiver, written("call.started", "c2"))
    refused = post(receiver, written("call.started", "c3"))
    assert (refused.status, dict(refused.headers)["Retry-After"]) == (503, "5")
    may_end.set()
    for _ in range(1_000):
        if post(receiver, written("call.started", "c3")).status == 200:
            break
        threading.Event().wait(0.01)
    assert receiver.close()
    assert [event.call_id for event in seen.events] == ["c1", "c2", "c3"]


def test_a_receiver_without_a_secret_is_not_made() -> None:
    for secrets in ("", [], [""], ["good", ""]):
        with pytest.raises(ConfigurationError):
            Receiver(print, secrets)


def test_a_closed_receiver_refuses_so_that_the_service_tries_again() -> None:
    receiver = Receiver(Seen(), SECRET)
    assert receiver.close()
    assert post(receiver, written("call.started")).status == 503


def test_the_memory_of_duplicates_is_bounded() -> None:
    store = MemoryStore(2)
    assert [store.add(key) for key in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]


def test_the_end_that_never_came_is_read_from_the_history() -> None:
    now = [0.0]
    records: dict[str, dict[str, Any] | None] = {"c1": None, "c2": {"status": "in_progress"}}
    seen = Seen()
    receiver = Receiver(
        seen, SECRET, history=records.__getitem__, patience=60, clock=lambda: now[0]
    )
    receiver.expect("c1")
    receiver.expect("c2")
    assert receiver.reconcile() == 0
    now[0] = 61
    assert receiver.reconcile() == 0
    records["c1"] = {"status": "completed", "toPhoneNumber": "+12025550164"}
    records["c2"] = {"status": "failed"}
    assert receiver.reconcile() == 2
    assert receiver.reconcile() == 0
    assert post(receiver, written("call.completed", "c1")).status == 200
    assert receiver.close()
    assert seen.types == ["call.completed", "call.failed"]
    assert seen.events[0].is_reconciled
    assert seen.events[0].to_number == "+12025550164"


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"status": "ended", "outcome": "failed"}, "call.failed"),
        ({"status": "ended", "error": "No answer"}, "call.failed"),
        ({"status": "ended", "outcome": "successful"}, "call.completed"),
        ({"status": "no_answer"}, "call.failed"),
        ({"status": "talking"}, None),
        ({"status": None}, None),
        ({}, None),
    ],
)
def test_the_history_says_how_a_call_ended(record: dict[str, Any], kind: str | None) -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET, history=lambda _call: record, patience=0)
    receiver.expect("c1")
    receiver.reconcile()
    assert seen.types == ([] if kind is None else [kind])


def test_webhooks_lost_doubled_and_shuffled_end_in_the_states_of_the_history() -> None:
    dice = random.Random(5)
    history = {
        f"c{number}": {"status": dice.choice(["completed", "failed"])} for number in range(500)
    }
    sent = []
    for call, record in history.items():
        for kind in ("call.started", f"call.{record['status']}"):
            sent += [written(kind, call)] * dice.choice([0, 1, 1, 2, 3])
    dice.shuffle(sent)
    now = [0.0]
    states: dict[str | None, str | None] = {}

    def handler(event: Event) -> None:
        states[event.call_id] = event.type

    receiver = Receiver(handler, SECRET, history=history.get, patience=60, clock=lambda: now[0])
    for call in history:
        receiver.expect(call)
    for body in sent:
        assert post(receiver, body).status == 200
    assert receiver.close()
    now[0] = 61
    receiver.reconcile()
    assert states == {call: f"call.{record['status']}" for call, record in history.items()}
    assert receiver.counts.handled <= 2 * len(history)


def serve_asgi(
    application: Receiver | PreCall, parts: list[bytes], headers: Mapping[str, str], **scope: Any
) -> tuple[int, Any]:
    messages = [
        {"type": "http.request", "body": part, "more_body": place < len(parts)}
        for place, part in enumerate(parts, 1)
    ]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    whole = {"type": "http", "method": "POST", "headers": encoded, "query_string": b"", **scope}
    asyncio.run(application(whole, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_asgi_servers_can_run_it() -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET, max_body_bytes=200)
    body = written("call.started")
    assert serve_asgi(receiver, [body[:9], body[9:]], signed(body)) == (200, {"ok": True})
    assert serve_asgi(receiver, [b"x" * 150, b"x" * 150], {})[0] == 413
    assert serve_asgi(receiver, [body], {})[0] == 401
    assert receiver.close()
    assert len(seen.events) == 1


def serve_wsgi(application: Receiver | PreCall, environ: dict[str, Any]) -> tuple[str, Any]:
    lines: list[str] = []
    body = application.wsgi(environ, lambda line, _headers: lines.append(line))
    return lines[0], json.loads(b"".join(body))


def test_wsgi_servers_can_run_it() -> None:
    seen = Seen()
    receiver = Receiver(seen, SECRET)
    body = written("call.started")
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/json; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_TRILLET_SIGNATURE": signed(body)["X-Trillet-Signature"],
        "wsgi.input": io.BytesIO(body),
    }
    assert serve_wsgi(receiver, environ) == ("200 OK", {"ok": True})
    too_long = {**environ, "CONTENT_LENGTH": "9999999"}
    assert serve_wsgi(receiver, too_long)[0].startswith("413")
    assert receiver.close()
    assert len(seen.events) == 1


def test_the_pre_call_webhook_answers_variables() -> None:
    asked: list[PreCallRequest] = []

    def handler(request: PreCallRequest) -> dict[str, object]:
        asked.append(request)
        return {"firstName": "Ada"}

    application = PreCall(handler, secret="s")
    headers = {"x-webhook-secret": "s"}
    query = b"phone_number=%2B12025550164"
    answer = serve_asgi(application, [b'{"isTest":true}'], headers, query_string=query)
    assert answer == (200, {"variables": {"firstName": "Ada"}})
    assert (asked[0].phone_number, asked[0].is_test) == ("+12025550164", True)
    assert application.answer("GET", headers, b"", "phone_number=%2B1").status == 200
    assert not asked[1].is_test
    assert application.answer("GET", {}, b"").status == 401
    assert application.answer("DELETE", headers, b"").status == 405
    assert application.answer("POST", headers, b"[]").status == 400
    assert len(asked) == 2


@pytest.mark.parametrize("result", [ValueError("no"), {"x": object()}, 7])
def test_a_pre_call_handler_that_fails_lets_the_call_go_on(result: Any) -> None:
    def handler(_request: PreCallRequest) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    reply = PreCall(handler).answer("GET", {}, b"")
    assert (reply.status, reply.content) == (200, {"variables": {}})
