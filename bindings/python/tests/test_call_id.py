"""The id of a phone call in whatever an answer is held by."""

from __future__ import annotations

import json
from typing import Any

import pytest

import trillet
from operations import AGENT
from recording_server import RecordingServer, answer, json_answer
from trillet.webhooks import Event

SHAPES = [
    {"callId": "qX7m2x0c9zt"},
    {"status": "success", "call_id": "qX7m2x0c9zt"},
    {"jobId": "9", "result": {"callId": "qX7m2x0c9zt"}},
    {"callId": None, "call_id": "qX7m2x0c9zt"},
]


@pytest.mark.parametrize("data", SHAPES)
def test_the_id_is_found_whatever_the_route_calls_it(
    client: trillet.Trillet, server: RecordingServer, data: dict[str, Any]
) -> None:
    server.script(json_answer(data), json_answer(data))
    sent = client.calls.send(AGENT, "+12025550164")
    assert trillet.call_id(sent) == "qX7m2x0c9zt"
    response = client.call("calls.send", {"agentId": AGENT, "toNumber": "+12025550164"})
    assert trillet.call_id(response) == "qX7m2x0c9zt"
    response.meta.clear()
    assert trillet.call_id(response) == "qX7m2x0c9zt"


def test_the_results_of_map_have_their_ids(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({"call_id": "c1"}), answer(500, "{}"))
    requests = [{"agentId": AGENT, "toNumber": "+12025550164"}] * 2
    results = client.map("calls.send", requests, max_in_flight=1)
    assert [trillet.call_id(result) for result in results] == ["c1", None]


def test_an_error_has_the_id_of_the_call_that_was_placed() -> None:
    error = trillet.RequestCancelledError("ended", sent="yes", body={"callId": "c1"})
    assert trillet.call_id(error) == "c1"
    assert trillet.call_id(trillet.ServerError("no", meta={"callId": "c2"})) == "c2"
    assert trillet.call_id(trillet.ServerError("no", body="<html>")) is None


def test_the_answer_of_the_library_itself_has_its_id() -> None:
    good = {"ok": True, "status": 200, "data": {"callId": "inner"}, "meta": {"callId": "c1"}}
    assert trillet.call_id(good) == "c1"
    assert trillet.call_id({**good, "meta": {}}) == "inner"
    bad = {"ok": False, "error": {"sent": "yes", "body": {"call_id": "c3"}}, "meta": {}}
    assert trillet.call_id(bad) == "c3"


def test_the_event_of_a_webhook_has_its_id() -> None:
    empty = dict.fromkeys(
        ("type", "id", "batch_id", "agent_id", "status", "from_number", "to_number", "at")
    )
    event: Any = Event(call_id="c1", data={}, raw={}, **empty)  # type: ignore[arg-type]
    assert trillet.call_id(event) == "c1"


def test_a_number_is_an_id_too(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(json_answer({"callId": 12345678901234567890}))
    assert trillet.call_id(client.calls.send(AGENT, "+12025550164")) == "12345678901234567890"


NO_ID = [
    "null",
    "[]",
    '"callId"',
    "7",
    "{}",
    '{"callId":""}',
    '{"callId":true}',
    '{"callId":{}}',
    '{"result":[]}',
    '{"result":{"callId":null}}',
    '{"ok":true,"meta":null}',
]


@pytest.mark.parametrize("value", NO_ID)
def test_asking_for_an_id_that_is_not_there_raises_nothing(value: str) -> None:
    assert trillet.call_id(json.loads(value)) is None


def test_the_id_of_a_call_without_one_stays_none_over_the_wire(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({"status": "queued"}))
    assert trillet.call_id(client.calls.send(AGENT, "+12025550164")) is None
