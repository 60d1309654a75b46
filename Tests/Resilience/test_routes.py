"""With `routes` "auto" the service's answers show which of an operation's two routes there is."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from doors import WARNING, Client, Door
from failing_service import refusal
from recording_server import (
    RecordingServer,
    Reply,
    answer,
    close_without_answer,
    json_answer,
)
from sending_again import GET, SEND
from trillet.testing import Sandbox

PAGE = "<!DOCTYPE html><title>Error</title><pre>Cannot POST /api/v1/calls/call</pre>"
OVERVIEW = "/api/v1/calls/call"
PUBLISHED = "/v1/api/call"
CALLED = json_answer({"callId": "c-1"})


def no_route(status: int = 404) -> Reply:
    return answer(status, PAGE, {"Content-Type": "text/html"})


def paths(server: RecordingServer) -> list[str]:
    return [request.path for request in server.requests]


def call(client: Client, door: Door, **options: object) -> dict[str, Any]:
    result: dict[str, Any] = door.start(client, "calls.send", SEND, **options).ended().answer
    return result


MISSING = {
    "a page": no_route(),
    "a page, 405": no_route(405),
    "nothing": answer(404),
    "a text": answer(404, "404 page not found\n", {"Content-Type": "text/plain"}),
    "JSON of a framework": json_answer({"detail": "Not Found"}, 404),
    "JSON of a gateway": json_answer({"message": "no Route matched with those values"}, 404),
    "JSON with a status code": json_answer(
        {"statusCode": 404, "message": "Cannot POST /api/v1/calls/call", "error": "Not Found"}, 404
    ),
}


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING.keys())
def test_a_route_that_is_missing_is_followed_by_the_published_one(
    server: RecordingServer, door: Door, missing: Reply
) -> None:
    server.script(missing, CALLED)
    with Client(server.url, maxRetries=0) as client:
        result = call(client, door)
    assert result["ok"]
    assert paths(server) == [OVERVIEW, PUBLISHED]
    assert result["meta"]["attempts"] == 2
    (retry,) = result["meta"]["retries"]
    assert retry["sent"] == "no"


def test_the_second_request_has_the_names_of_its_route(server: RecordingServer, door: Door) -> None:
    server.script(no_route(), CALLED)
    with Client(server.url) as client:
        call(client, door)
    first, second = (request.json for request in server.requests)
    assert first == SEND
    assert second == {"call_agent_id": SEND["agentId"], "to": SEND["toNumber"]}


def test_the_client_remembers_a_published_route_for_its_operation(
    server: RecordingServer, door: Door
) -> None:
    server.script(no_route(), CALLED, CALLED, json_answer({"_id": "a"}))
    with Client(server.url) as client:
        call(client, door)
        assert call(client, door)["meta"]["attempts"] == 1
        door.start(client, "agents.get", GET).ended()
    assert paths(server) == [OVERVIEW, PUBLISHED, PUBLISHED, f"/api/v1/agents/{GET['agentId']}"]


def test_a_route_that_has_succeeded_is_never_left(server: RecordingServer, door: Door) -> None:
    server.script(CALLED, no_route())
    with Client(server.url) as client:
        assert call(client, door)["ok"]
        failed = call(client, door)
    assert failed["status"] == 404
    assert paths(server) == [OVERVIEW, OVERVIEW]


OWN = {
    "shape A": {"error": "Agent not found", "details": "It does not exist"},
    "shape B": {"error": {"code": "not_found", "message": "No such agent"}},
    "shape C": {"error": "Batch not found", "message": "No batch", "id": "b"},
    "shape D": {"status": "not_found"},
}


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("body", OWN.values(), ids=OWN.keys())
def test_an_error_of_the_service_s_own_is_the_answer(
    server: RecordingServer, door: Door, body: dict[str, Any], status: int
) -> None:
    server.script(json_answer(body, status))
    with Client(server.url) as client:
        result = call(client, door)
    assert result["status"] == status
    assert result["meta"]["attempts"] == 1
    assert paths(server) == [OVERVIEW]


@pytest.mark.parametrize("status", [400, 401, 403, 409, 410, 422])
def test_other_refusals_say_nothing_of_routes(
    server: RecordingServer, door: Door, status: int
) -> None:
    server.script(answer(status, PAGE, {"Content-Type": "text/html"}))
    with Client(server.url) as client:
        call(client, door)
    assert paths(server) == [OVERVIEW]


def test_of_two_missing_routes_the_overview_s_error_is_told_and_nothing_remembered(
    server: RecordingServer, door: Door
) -> None:
    first = answer(404, PAGE, {"Content-Type": "text/html", "X-Request-Id": "first"})
    server.script(first, answer(405, "second"), no_route(), CALLED)
    with Client(server.url) as client:
        failed = call(client, door)
        assert call(client, door)["ok"]
    error, meta = failed["error"], failed["meta"]
    assert (failed["status"], error["sent"], error["body"]) == (404, "no", PAGE)
    assert (meta["requestId"], meta["attempts"]) == ("first", 2)
    assert paths(server) == [OVERVIEW, PUBLISHED] * 2


def test_an_error_on_the_published_route_is_told_and_nothing_remembered(
    server: RecordingServer, door: Door
) -> None:
    server.script(no_route(), refusal(401), no_route(), CALLED)
    with Client(server.url) as client:
        assert call(client, door)["error"]["type"] == "authentication"
        assert call(client, door)["ok"]
    assert paths(server) == [OVERVIEW, PUBLISHED] * 2


def test_a_published_route_whose_answer_is_lost_may_have_called(
    server: RecordingServer, door: Door
) -> None:
    server.script(no_route(), close_without_answer())
    with Client(server.url) as client:
        error = call(client, door)["error"]
    assert error["sent"] == "maybe"
    assert len(server.requests) == 2


def test_retries_on_the_published_route_are_as_many_as_on_one(
    server: RecordingServer, door: Door
) -> None:
    server.script(no_route(), refusal(429, 0), CALLED)
    with Client(server.url, maxRetries=1) as client:
        result = call(client, door)
    assert result["ok"]
    assert paths(server) == [OVERVIEW, PUBLISHED, PUBLISHED]
    assert result["meta"]["attempts"] == 3


@pytest.mark.parametrize("routes", ["overview", "published"])
def test_a_route_that_was_asked_for_stays(server: RecordingServer, door: Door, routes: str) -> None:
    server.otherwise = no_route()
    with Client(server.url, routes=routes) as client:
        call(client, door)
    with Client(server.url) as client:
        call(client, door, routes=routes)
    with Client(server.url, routes=routes) as client:
        call(client, door, routes="auto")
    assert paths(server)[:2] == [OVERVIEW if routes == "overview" else PUBLISHED] * 2
    assert paths(server)[2:] == [OVERVIEW, PUBLISHED]


@pytest.mark.parametrize("operation", ["agents.update", "flows.update"])
def test_an_update_never_becomes_one_that_replaces(
    server: RecordingServer, door: Door, operation: str
) -> None:
    server.otherwise = no_route()
    member = operation.split(".")[0].removesuffix("s") + "Id"
    request = {member: "66f1", "name": "New", "llmModel": "m", "promptType": "simple"}
    with Client(server.url) as client:
        error = door.start(client, operation, request).ended().answer["error"]
    assert [request.method for request in server.requests] == ["PATCH"]
    assert 'with routes "published"' in error["details"]


UPDATE = {"agentId": "66f1", "name": "New", "llmModel": "m", "promptType": "simple"}


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING.keys())
def test_an_update_without_its_route_says_how_to_take_the_other(
    server: RecordingServer, door: Door, missing: Reply
) -> None:
    server.otherwise = missing
    with Client(server.url) as client:
        error = door.start(client, "agents.update", UPDATE).ended().answer["error"]
    assert 'with routes "published"' in error["details"]


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("body", OWN.values(), ids=OWN.keys())
def test_an_update_of_what_is_missing_says_nothing_of_routes(
    server: RecordingServer, door: Door, body: dict[str, Any], status: int
) -> None:
    server.otherwise = json_answer(body, status)
    with Client(server.url) as client:
        error = door.start(client, "agents.update", UPDATE).ended().answer["error"]
    assert "routes" not in error.get("details", "")


@pytest.mark.parametrize("routes", ["overview", "published"])
def test_an_update_on_a_route_that_was_asked_for_says_nothing_of_the_other(
    server: RecordingServer, door: Door, routes: str
) -> None:
    server.otherwise = no_route()
    with Client(server.url) as client:
        end = door.start(client, "agents.update", UPDATE, routes=routes).ended()
    assert "routes" not in end.answer["error"].get("details", "")


@pytest.mark.parametrize("operation", ["GET /api/v1/agents", "batch_calls.template"])
def test_what_has_one_route_is_asked_once(
    server: RecordingServer, door: Door, operation: str
) -> None:
    server.otherwise = no_route()
    with Client(server.url) as client:
        door.start(client, operation).ended()
    assert len(server.requests) == 1


def test_the_published_route_takes_a_turn_of_its_own(server: RecordingServer, door: Door) -> None:
    server.script(no_route(), CALLED)
    with Client(server.url, requestsPerMinute=120) as client:
        call(client, door)
    early, late = server.requests
    assert late.at - early.at >= 0.4


def test_the_deadline_holds_for_both_routes(server: RecordingServer, door: Door) -> None:
    server.script(no_route(), CALLED)
    with Client(server.url, requestsPerMinute=1, timeoutMs=1000) as client:
        error = call(client, door)["error"]
    assert error["sent"] == "no"
    assert paths(server) == [OVERVIEW]


def test_the_log_tells_once_that_the_routes_are_others(server: RecordingServer, door: Door) -> None:
    server.script(no_route(), CALLED, CALLED)
    lines: list[str] = []
    with Client(server.url) as client:
        client.set_log(WARNING, lines.append)
        call(client, door)
        call(client, door)
        deadline = time.monotonic() + 10
        while not lines and time.monotonic() < deadline:
            time.sleep(0.01)
    (line,) = lines
    assert "routes=published" in line
    assert "status=404" in line


def test_many_at_once_find_out_for_themselves(server: RecordingServer, door: Door) -> None:
    def reply(request: Any) -> Reply:
        return no_route() if request.path == OVERVIEW else CALLED

    server.respond = reply
    with Client(server.url) as client:
        pending = [door.start(client, "calls.send", SEND) for _ in range(50)]
        assert all(one.ended().answer["ok"] for one in pending)
        before = len(server.requests)
        assert call(client, door)["ok"]
    assert len(server.requests) == before + 1
    bodies = [json.dumps(request.json) for request in server.requests if request.path == PUBLISHED]
    assert len(bodies) == 51


def test_agents_live_where_only_the_published_routes_are(door: Door) -> None:
    with Sandbox(arguments=["--routes", "published"]) as sandbox:
        options = {"apiKey": sandbox.api_key, "workspaceId": sandbox.workspace_id}
        with Client(sandbox.url, **options) as client:
            voice = {"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"}
            agent = {"name": "Front Desk", "ttsModel": voice, "llmModel": "gpt-4.1-mini"}
            made = door.start(client, "agents.create", agent).ended().answer
            chosen = {"agentId": made["data"]["_id"]}
            assert door.start(client, "agents.get", chosen).ended().answer["ok"]
            assert door.start(client, "agents.delete", chosen).ended().answer["ok"]
            gone = door.start(client, "agents.get", chosen).ended().answer
    assert gone["error"]["type"] == "not_found"
    assert gone["meta"]["attempts"] == 1
