"""Receivers that are set up wrongly, handlers that misbehave, and servers with odd requests."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from test_webhook_receiver import SECRET, Seen, post, serve_wsgi, signed, written
from trillet import ConfigurationError
from trillet.webhooks import Event, PreCall, PreCallRequest, Receiver, verify

if TYPE_CHECKING:
    from collections.abc import Mapping


async def asynchronous(event: Event) -> None:
    raise AssertionError(event)


class Asynchronous:
    async def __call__(self, event: Event) -> None:
        raise AssertionError(event)


@pytest.mark.parametrize("handler", [asynchronous, Asynchronous(), partial(asynchronous)])
def test_an_asynchronous_handler_is_refused_because_nobody_would_await_it(handler: Any) -> None:
    for made in (
        lambda: Receiver(handler, SECRET),
        lambda: Receiver(print, SECRET, history=handler),
        lambda: PreCall(handler),
    ):
        with pytest.raises(ConfigurationError, match="asynchronous"):
            made()


def test_a_handler_that_returns_a_coroutine_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver(lambda event: asynchronous(event), SECRET)
    post(receiver, written("call.completed"))
    assert receiver.close()
    assert receiver.counts.failures == 1
    assert "nothing of it has run" in caplog.text


@pytest.mark.parametrize("error", [SystemExit, asyncio.CancelledError, KeyboardInterrupt])
def test_a_handler_that_wants_to_exit_does_not_stop_the_others(error: type[BaseException]) -> None:
    seen = Seen()

    def handler(event: Event) -> None:
        seen(event)
        raise error

    receiver = Receiver(handler, SECRET)
    for call in ("c1", "c2", "c3"):
        post(receiver, written("call.completed", call))
    assert receiver.close()
    assert len(seen.events) == receiver.counts.failures == 3


@pytest.mark.parametrize(
    "secrets", [b"whsec", [b"whsec"], [7], " ", [SECRET, "\t"], f"{SECRET}\n", [f" {SECRET}"]]
)
def test_a_secret_that_fits_nothing_is_refused_at_once(secrets: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Receiver(print, secrets)
    assert raised.value.field == "secrets"
    assert SECRET not in str(raised.value)


def test_an_unknown_scheme_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="'hmac' or 'secret'"):
        Receiver(print, SECRET, scheme="sha256")  # type: ignore[arg-type]


@pytest.mark.parametrize("secret", ["", " "])
def test_an_empty_secret_does_not_open_the_pre_call_webhook(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="secret"):
        PreCall(lambda _request: {}, secret=secret)


@pytest.mark.parametrize("body", [b"{}", bytearray(b"{}"), memoryview(b"{}")])
def test_bytes_of_any_kind_are_checked(body: Any) -> None:
    assert verify(body, signed(b"{}")["X-Trillet-Signature"], SECRET).raw == {}


def test_a_body_that_was_decoded_is_refused() -> None:
    with pytest.raises(TypeError, match="the bytes as they arrived"):
        verify("{}", signed(b"{}")["X-Trillet-Signature"], SECRET)  # type: ignore[arg-type]


def test_a_signed_body_that_python_cannot_read_is_refused() -> None:
    body = b'{"event":"call.completed","data":{"callId":"c1","n":' + b"9" * 6_000 + b"}}"
    assert post(Receiver(print, SECRET), body).status == 400


class Slowly(io.BytesIO):
    """Gives less than it is asked for, as the input of a chunked body may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(7, size or 0))


def environ_of(body: bytes, **more: object) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "HTTP_X_TRILLET_SIGNATURE": signed(body)["X-Trillet-Signature"],
        "wsgi.input": Slowly(body),
        **more,
    }


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"wsgi.input_terminated": True}, "200"),
        ({"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}, "200"),
        ({"CONTENT_LENGTH": "9" * 5_000}, "413"),
        ({"CONTENT_LENGTH": "-5"}, "401"),
        ({}, "401"),
    ],
)
def test_a_chunked_body_is_read_where_the_server_ends_it(
    more: Mapping[str, object], status: str
) -> None:
    receiver = Receiver(print, SECRET)
    environ = environ_of(written("call.completed"), **more)
    assert serve_wsgi(receiver, environ)[0].startswith(status)


def test_a_chunked_body_has_a_limit_too() -> None:
    receiver = Receiver(print, SECRET, max_body_bytes=20)
    for size, status in ((20, "400"), (21, "413")):
        environ = environ_of(b"x" * size, **{"wsgi.input_terminated": True})
        assert serve_wsgi(receiver, environ)[0].startswith(status)


def test_a_plus_that_was_not_escaped_is_one() -> None:
    asked: list[PreCallRequest] = []

    def handler(request: PreCallRequest) -> dict[str, object]:
        asked.append(request)
        return {}

    PreCall(handler).answer("GET", {}, b"", "phone_number=+12025550164")
    assert asked[0].phone_number == "+12025550164"


def test_variables_that_json_does_not_have_let_the_call_go_on() -> None:
    reply = PreCall(lambda _request: {"balance": float("nan")}).answer("GET", {}, b"")
    assert reply.body == b'{"variables": {}}'


def test_a_body_nested_too_deep_is_refused() -> None:
    assert PreCall(lambda _request: {}).answer("POST", {}, b"[" * 60_000).status == 400


def test_a_record_that_cannot_be_read_does_not_keep_others_from_being_asked_for() -> None:
    def history(call_id: str) -> Any:
        return ["odd"] if call_id == "c1" else {"status": "completed"}

    receiver = Receiver(print, SECRET, history=history, patience=0)
    for call in ("c1", "c2"):
        receiver.expect(call)
    assert receiver.reconcile() == 1


EXITS = """
import sys, time
sys.path[:0] = {path!r}
from test_webhook_receiver import SECRET, post, written
from trillet.webhooks import Receiver

def handle(event):
    time.sleep(0.2)
    print(event.call_id, flush=True)

receiver = Receiver(handle, SECRET)
for call in ("c1", "c2", "c3"):
    assert post(receiver, written("call.completed", call)).status == 200
"""


def test_what_was_answered_is_handled_before_the_process_ends() -> None:
    program = EXITS.format(path=sys.path)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["c1", "c2", "c3"]
