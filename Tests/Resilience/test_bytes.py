"""Answers whose bytes are no text, and the id of the call that an answer is about."""

from __future__ import annotations

import base64
import random

import pytest

from doors import Client, Door
from native import Answer
from operations import AGENT
from recording_server import RecordingServer, answer, json_answer
from seed import SEED

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}
RECORDING = {"callHistoryId": "66f1"}
RAW = "GET /v2/api/recordings/66f1"
ALL_BYTES = bytes(range(256)) * 4 + b"\xff\xfe\x00"


def ended(
    server: RecordingServer, door: Door, operation: str, request: object, **options: object
) -> Answer:
    with Client(server.url, maxRetries=0, **options) as client:
        return door.start(client, operation, request).ended().answer


@pytest.mark.parametrize(("operation", "request_"), [(RAW, None), ("calls.recording", RECORDING)])
def test_a_recording_arrives_byte_for_byte(
    server: RecordingServer, door: Door, operation: str, request_: object
) -> None:
    headers = {"Content-Type": "audio/mpeg", "Content-Disposition": 'inline; filename="a.mp3"'}
    server.otherwise = answer(200, ALL_BYTES, headers)
    got = ended(server, door, operation, request_)
    assert got["ok"]
    assert got["data"] == {
        "contentType": "audio/mpeg",
        "fileName": "a.mp3",
        "base64": base64.b64encode(ALL_BYTES).decode(),
    }


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6, 1021, 300_001])
def test_base64_is_that_of_rfc_4648_at_every_length(
    server: RecordingServer, door: Door, length: int
) -> None:
    content = random.Random(SEED).randbytes(length)
    server.otherwise = answer(200, content, {"Content-Type": "application/octet-stream"})
    assert ended(server, door, RAW, None)["data"]["base64"] == base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "kind", ["audio/mpeg", "Audio/OGG; codecs=opus", "video/mp4", "application/octet-stream"]
)
def test_media_are_bytes_even_where_they_could_be_text(
    server: RecordingServer, door: Door, kind: str
) -> None:
    server.otherwise = answer(200, b"all ASCII", {"Content-Type": kind})
    data = ended(server, door, RAW, None)["data"]
    assert base64.b64decode(data["base64"]) == b"all ASCII"
    assert "text" not in data


@pytest.mark.parametrize("kind", ["text/csv", "text/plain; charset=iso-8859-1", "application/x"])
def test_a_text_that_is_no_utf8_is_bytes(server: RecordingServer, door: Door, kind: str) -> None:
    latin = "Zo\u00eb\r\n".encode("latin-1")
    server.otherwise = answer(200, latin, {"Content-Type": kind})
    for operation in (RAW, "batch_calls.template"):
        assert base64.b64decode(ended(server, door, operation, None)["data"]["base64"]) == latin


def test_a_text_stays_a_text(server: RecordingServer, door: Door) -> None:
    server.otherwise = answer(200, "Zo\u00eb", {"Content-Type": "text/csv"})
    data = ended(server, door, "batch_calls.template", None)["data"]
    assert data == {"contentType": "text/csv", "fileName": None, "text": "Zo\u00eb"}


def test_the_limit_of_answers_holds_for_bytes(server: RecordingServer, door: Door) -> None:
    server.otherwise = answer(200, ALL_BYTES, {"Content-Type": "audio/mpeg"})
    got = ended(server, door, RAW, None, maxResponseBytes=len(ALL_BYTES) - 1)
    assert (got["error"]["type"], got["status"]) == ("response", 200)
    assert ended(server, door, RAW, None, maxResponseBytes=len(ALL_BYTES))["ok"]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("calls.send", SEND),
        ("POST /v1/api/call", {}),
        ("calls.get", {"callHistoryId": "1"}),
        ("web_calls.connect", {"agentId": AGENT}),
        ("batch_calls.get_call", {"batchId": "b", "jobId": "j"}),
    ],
)
@pytest.mark.parametrize(
    "data",
    [
        {"callId": "qX7m2x0c9zt"},
        {"status": "success", "call_id": "qX7m2x0c9zt"},
        {"result": {"callId": "inner"}, "callId": "qX7m2x0c9zt"},
        {"callId": "qX7m2x0c9zt", "result": {"callId": "inner"}},
        {"id": 1, "result": {"outcome": [], "callId": "qX7m2x0c9zt"}},
        {"result": {"call_id": "qX7m2x0c9zt"}},
        {"callId": None, "call_id": "qX7m2x0c9zt"},
    ],
)
def test_the_id_of_the_call_is_in_the_envelope_by_one_name(
    server: RecordingServer, door: Door, operation: str, request_: object, data: object
) -> None:
    server.otherwise = json_answer(data)
    got = ended(server, door, operation, request_)
    assert got["meta"]["callId"] == "qX7m2x0c9zt"
    assert got["data"] == data


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        '[{"callId":"a"}]',
        '"callId"',
        '{"callId":""}',
        '{"callId":{}}',
        "null",
        '{"agent":{"callId":"a"}}',
        '{"result":[{"callId":"a"}]}',
    ],
)
def test_an_answer_without_an_id_has_none_in_its_envelope(
    server: RecordingServer, door: Door, body: str
) -> None:
    server.otherwise = answer(200, body, {"Content-Type": "application/json"})
    assert "callId" not in ended(server, door, "calls.send", SEND)["meta"]


def test_an_id_that_is_a_number_is_a_string_in_the_envelope(
    server: RecordingServer, door: Door
) -> None:
    server.otherwise = json_answer({"callId": 12345678901234567890})
    got = ended(server, door, "calls.send", SEND)
    assert got["meta"]["callId"] == "12345678901234567890"
    assert got["data"] == {"callId": 12345678901234567890}


def test_an_id_in_an_error_is_in_its_envelope_too(server: RecordingServer, door: Door) -> None:
    server.otherwise = json_answer({"error": "late", "callId": "rang"}, 500)
    got = ended(server, door, "calls.send", SEND)
    assert (got["error"]["sent"], got["meta"]["callId"]) == ("maybe", "rang")


@pytest.mark.parametrize("body", ['{"callId":"a"', '{"callId":"a",}', '{"callId":"a"}x', "{"])
def test_ill_formed_json_with_an_id_is_still_refused(
    server: RecordingServer, door: Door, body: str
) -> None:
    server.otherwise = answer(200, body, {"Content-Type": "application/json"})
    got = ended(server, door, "calls.send", SEND)
    assert (got["error"]["type"], got["error"]["sent"]) == ("response", "yes")
    assert "at byte" in got["error"]["details"]
