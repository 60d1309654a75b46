"""The check of a webhook's signature, and the event that its body is read as."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from typing import Any

import pytest

from trillet._native.library import load
from trillet.webhooks import SignatureError, verify
from webhook_vectors import RIGHT, WRONG

SECRET = "whsec_of the test"


def code(body: bytes, key: bytes = SECRET.encode()) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()


def checked(body: bytes, signature: str | None, options: object = None) -> dict[str, Any]:
    given = {"secrets": [SECRET]} if options is None else options
    header = None if signature is None else signature.encode()
    text = load().text(
        "trillet_webhook_verify", body, len(body), header, json.dumps(given).encode()
    )
    answer: dict[str, Any] = json.loads(text)
    return answer


def is_right(body: bytes, signature: str, key: bytes) -> bool:
    """The bodies here are no events: a right signature lets them come as far as their reading."""
    answer = checked(body, signature, {"secrets": [key.hex()], "secretEncoding": "hex"})
    if answer["ok"]:
        return True
    kind = answer["error"]["type"]
    assert kind == ("invalid_argument" if answer["error"].get("field") == "body" else "signature")
    return bool(kind == "invalid_argument")


def event(body: object, secret: str = SECRET) -> dict[str, Any]:
    text = json.dumps(body).encode()
    answer = checked(text, code(text, secret.encode()).hex(), {"secret": secret})
    assert answer["ok"], answer
    data: dict[str, Any] = answer["data"]
    return data


@pytest.mark.parametrize("name", RIGHT)
def test_the_published_codes_are_right(name: str) -> None:
    key, message, signature = RIGHT[name]
    assert is_right(bytes.fromhex(message), signature, bytes.fromhex(key))


@pytest.mark.parametrize("name", WRONG)
def test_the_published_codes_with_a_changed_bit_are_wrong(name: str) -> None:
    key, message, signature = WRONG[name]
    assert not is_right(bytes.fromhex(message), signature, bytes.fromhex(key))


def test_every_length_of_body_and_key_agrees_with_openssl() -> None:
    dice = random.Random(1)
    for length in range(201):
        for size in (1, 63, 64, 65, length + 1):
            key, body = dice.randbytes(size), dice.randbytes(length)
            signature = code(body, key)
            assert is_right(body, signature.hex(), key), (length, size)
            place = dice.randrange(256)
            flipped = int.from_bytes(signature, "big") ^ 1 << place
            assert not is_right(body, f"{flipped:064x}", key), (length, size, place)


BODY = b'{"event":"call.started","data":{"callId":"c1"}}'
HEX = code(BODY).hex()
BASE64 = base64.b64encode(code(BODY)).decode()


@pytest.mark.parametrize(
    "signature",
    [
        HEX,
        HEX.upper(),
        f"sha256={HEX}",
        f"SHA256={HEX}",
        f"  {HEX} ",
        BASE64,
        f"sha256={BASE64}",
        BASE64.rstrip("="),
        base64.urlsafe_b64encode(code(BODY)).decode(),
    ],
)
def test_every_form_that_the_service_may_send_is_read(signature: str) -> None:
    assert checked(BODY, signature)["ok"]


@pytest.mark.parametrize(
    ("signature", "error"),
    [
        (None, "signature_missing"),
        ("", "signature_missing"),
        (" ", "signature_missing"),
        ("sha256=", "signature_malformed"),
        (HEX[:-1], "signature_malformed"),
        (HEX + "0", "signature_malformed"),
        (HEX[:32], "signature_malformed"),
        (HEX[:-1] + "g", "signature_malformed"),
        (f"sha1={HEX}", "signature_malformed"),
        (f"{HEX},{HEX}", "signature_malformed"),
        (BASE64 + "=", "signature_malformed"),
        ("0" * 64, "signature_mismatch"),
        (code(BODY, b"other").hex(), "signature_mismatch"),
    ],
)
def test_no_other_signature_passes(signature: str | None, error: str) -> None:
    answer = checked(BODY, signature)
    assert (answer["error"]["type"], answer["error"]["code"]) == ("signature", error)
    assert answer["error"]["sent"] == "no"
    assert SECRET not in json.dumps(answer)
    assert HEX not in json.dumps(answer)


@pytest.mark.parametrize("options", [{}, {"secrets": []}, {"secrets": [""]}, {"secret": ""}])
def test_without_a_secret_nothing_passes(options: dict[str, Any]) -> None:
    signed_with_nothing = code(BODY, b"").hex()
    error = checked(BODY, signed_with_nothing, options)["error"]
    assert (error["type"], error["code"]) == ("signature", "secret_missing")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"secrets": [SECRET], "sheme": "hmac"}, "sheme"),
        ({"secrets": 1}, "secrets"),
        ({"secrets": [SECRET, 1]}, "secrets"),
        ({"secrets": [SECRET], "scheme": "none"}, "scheme"),
        ({"secrets": ["xyz"], "secretEncoding": "hex"}, "secrets"),
    ],
)
def test_a_mistaken_option_is_named_without_the_secret(options: object, field: str) -> None:
    answer = checked(BODY, HEX, options)
    assert (answer["error"]["type"], answer["error"]["field"]) == ("invalid_argument", field)
    assert SECRET not in json.dumps(answer)


def test_a_secret_can_be_changed_without_a_gap() -> None:
    for secrets in (["new", SECRET], [SECRET, "new"], SECRET):
        assert checked(BODY, HEX, {"secrets": secrets})["ok"]


def test_a_secret_that_is_sent_itself_is_compared_as_a_whole() -> None:
    options = {"secrets": ["other", "plain"], "scheme": "secret"}
    assert checked(BODY, "plain", options)["ok"]
    for wrong in ("plai", "plainn", "Plain", HEX):
        assert checked(BODY, wrong, options)["error"]["code"] == "signature_mismatch"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"a":1}x', b"\xff"])
def test_a_signed_body_that_is_no_object_is_an_error_of_its_own(body: bytes) -> None:
    error = checked(body, code(body).hex())["error"]
    assert (error["type"], error["field"]) == ("invalid_argument", "body")


def test_an_event_is_read_and_passed_on_byte_for_byte() -> None:
    data = (
        '{"callId":"call_1","agentId":"a1","batchId":"b1","status":"completed","duration":12.50,'
        '"fromNumber":"+12025550100","toNumber":"+12025550164","timestamp":"2031-04-02T09:15:00Z"}'
    )
    body = f'{{"event":"call.completed","id":"evt_1", "data":{data}}}'
    text = load().text(
        "trillet_webhook_verify",
        body.encode(),
        len(body),
        code(body.encode()).hex().encode(),
        json.dumps({"secrets": SECRET}).encode(),
    )
    assert f'"data":{data},"raw":{body}}}'.encode() in text
    found = json.loads(text)["data"]
    del found["data"], found["raw"]
    assert found == {
        "type": "call.completed",
        "id": "evt_1",
        "callId": "call_1",
        "batchId": "b1",
        "agentId": "a1",
        "status": "completed",
        "from": "+12025550100",
        "to": "+12025550164",
        "at": 1932887700000,
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"event": "call_failed", "data": {"call_id": "c"}}, ("call.failed", "c", "failed")),
        ({"event": "CALL-STARTED", "data": {"callID": "c"}}, ("call.started", "c", "started")),
        ({"type": "call.ended", "callId": "c"}, ("call.ended", "c", None)),
        ({"event": "agent.created", "data": {}}, ("agent.created", None, None)),
        (
            {"call_metadata": {"callId": "c"}, "from": "+1", "transcript": []},
            ("call.completed", "c", "completed"),
        ),
        ({"call_id": "c", "status": "no-answer"}, ("call.failed", "c", "no-answer")),
        ({"call_id": "c", "call_status": "ringing"}, ("call.started", "c", "ringing")),
        ({"call_id": "c", "status": "cancelled"}, ("call.failed", "c", "cancelled")),
        (
            {"call_id": "c", "status": "in-progress", "duration": 0, "transcript": []},
            ("call.started", "c", "in-progress"),
        ),
        ({"call_id": "c", "status": "initiated"}, ("call.started", "c", "initiated")),
        ({"call_id": "c", "status": "ended", "error": "No answer"}, ("call.failed", "c", "ended")),
        ({"call_id": "c", "status": "ended", "outcome": "failed"}, ("call.failed", "c", "ended")),
        ({"call_id": "c", "status": "ended"}, ("call.completed", "c", "ended")),
        ({"hello": 1}, (None, None, None)),
        ({"event": 7, "data": [], "callId": 9}, (None, "9", None)),
        (
            {"event": "sms.sent", "data": {"callId": 7, "call": {"callId": "c"}}},
            ("sms.sent", "c", None),
        ),
        ({"event": "sms.sent", "data": {"callId": ""}}, ("sms.sent", None, None)),
        ({"event": "sms.sent", "data": {"callId": True}}, ("sms.sent", None, None)),
    ],
)
def test_every_form_that_receivers_see_is_read_alike(
    body: object, expected: tuple[str | None, ...]
) -> None:
    found = event(body)
    assert (found["type"], found["callId"], found["status"]) == expected
    assert found["raw"] == body


def test_the_id_of_a_flat_body_is_not_taken_for_that_of_the_event() -> None:
    assert "id" not in event({"event": "call.started", "id": "call_1"})
    assert event({"event": "call.started", "id": "e", "data": {}})["id"] == "e"


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        (1932894900, 1932894900000),
        (1932894900123, 1932894900123),
        ("2031-04-02T09:15:00.250+02:00", 1932880500250),
        ("yesterday", None),
        (-1, None),
        (1932894900.5, 1932894900000),
        (1.5e300, None),
    ],
)
def test_the_time_is_given_in_milliseconds(written: object, milliseconds: int | None) -> None:
    assert event({"event": "x", "data": {"timestamp": written}})["at"] == milliseconds


def test_python_has_the_event_and_an_error_of_its_own() -> None:
    found = verify(BODY, HEX, [SECRET])
    assert (found.type, found.call_id, found.is_end) == ("call.started", "c1", False)
    with pytest.raises(SignatureError) as raised:
        verify(BODY, "0" * 64, SECRET)
    assert (raised.value.code, raised.value.sent) == ("signature_mismatch", "no")
    for signature in (None, "\0", "ü" * 64, "😀"):
        with pytest.raises(SignatureError):
            verify(BODY, signature, SECRET)
