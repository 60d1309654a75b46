"""Keys, workspaces, rate, routing and bodies: what holds for every endpoint."""

from __future__ import annotations

import json
import re
import socket

import pytest

from conftest import StartSandbox
from sandbox import KEY, OTHER_KEY, OTHER_WORKSPACE, WORKSPACE, Sandbox, agent_fields, new_agent

AGENTS = "/api/v1/agents"
BATCHES = "/v1/api/batch-calls"
GOOD_AGENT = json.dumps(agent_fields()).encode()
PATHS = [AGENTS, "/v1/api/agents", "/api/v1/flows", "/v1/api/call-flows", BATCHES + "/template"]


def test_the_ready_line_says_where_and_how_to_connect(sandbox: Sandbox) -> None:
    assert sandbox.ready == {
        "event": "ready",
        "url": f"http://127.0.0.1:{sandbox.port}",
        "port": sandbox.port,
        "apiKey": KEY,
        "workspaceId": WORKSPACE,
    }


def test_health_needs_no_key(sandbox: Sandbox) -> None:
    answer = sandbox.request("GET", "/healthz", headers={"x-api-key": None})
    assert answer.status == 200
    assert answer.json["status"] == "ok"


@pytest.mark.parametrize("path", PATHS)
def test_a_missing_or_unknown_key_is_401(sandbox: Sandbox, path: str) -> None:
    for key in (None, "", "wrong-key"):
        answer = sandbox.request("GET", path, headers={"x-api-key": key})
        assert answer.status == 401
        assert answer.json["error"]["code"] == "unauthorized"
        assert "wrong-key" not in answer.body.decode()


def test_bearer_authentication_is_not_accepted(sandbox: Sandbox) -> None:
    headers = {"x-api-key": None, "Authorization": f"Bearer {KEY}"}
    assert sandbox.request("GET", AGENTS, headers=headers).status == 401


def test_a_missing_workspace_is_400_in_the_shape_of_the_route(sandbox: Sandbox) -> None:
    flat = sandbox.request("GET", AGENTS, headers={"x-workspace-id": None})
    assert (flat.status, set(flat.json)) == (400, {"error", "details"})
    batch = sandbox.request("GET", BATCHES + "/batch_1", headers={"x-workspace-id": None})
    assert (batch.status, set(batch.json)) == (400, {"error", "message"})


@pytest.mark.parametrize("workspace", ["nobodys-workspace", OTHER_WORKSPACE])
def test_a_workspace_the_key_does_not_open_is_403(sandbox: Sandbox, workspace: str) -> None:
    answer = sandbox.request("GET", AGENTS, headers={"x-workspace-id": workspace})
    assert answer.status == 403
    assert answer.json["error"]["code"] == "forbidden"


def test_workspaces_do_not_see_each_other(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)["_id"]
    other: dict[str, str | None] = {"x-api-key": OTHER_KEY, "x-workspace-id": OTHER_WORKSPACE}
    assert sandbox.request("GET", f"{AGENTS}/{agent}", headers=other).status == 404
    assert sandbox.request("GET", AGENTS, headers=other).json["agents"] == []


def test_the_key_is_judged_before_the_body(sandbox: Sandbox) -> None:
    answer = sandbox.request("POST", AGENTS, b"{", {"x-api-key": "wrong-key"})
    assert answer.status == 401


def test_an_unknown_path_is_404_with_a_code(sandbox: Sandbox) -> None:
    for path in ("/nowhere", "/v1/batch-calls", "/api/v1/calls/send", AGENTS + "/a/b"):
        answer = sandbox.get(path)
        assert answer.status == 404, path
        assert answer.json["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", AGENTS, "GET, HEAD, POST"),
        ("PATCH", "/v1/api/agents/some-id", "DELETE, GET, HEAD, PUT"),
        ("PUT", "/api/v1/flows/some-id", "DELETE, GET, HEAD, PATCH"),
        ("GET", "/api/v1/calls/call", "POST"),
        ("GET", BATCHES, "POST"),
        ("POST", "/healthz", "GET, HEAD"),
        ("TRACE", AGENTS, "GET, HEAD, POST"),
        ("QUERY", "/v1/api/call", "POST"),
        ("PROPFIND", BATCHES + "/template", "GET, HEAD"),
        ("DELETE", "/openapi.json", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(
    sandbox: Sandbox, method: str, path: str, allowed: str
) -> None:
    answer = sandbox.request(method, path)
    assert answer.status == 405
    assert answer.headers["allow"] == allowed
    assert answer.json["error"]["code"] == "method_not_allowed"


def test_head_answers_like_get_without_a_body(sandbox: Sandbox) -> None:
    answer = sandbox.request("HEAD", AGENTS)
    assert (answer.status, answer.body) == (200, b"")


def test_a_sane_request_id_is_echoed_and_any_other_replaced(sandbox: Sandbox) -> None:
    echoed = sandbox.request("GET", AGENTS, headers={"x-request-id": "Trace-1.a:b_c"})
    assert echoed.headers["x-request-id"] == "Trace-1.a:b_c"
    for given in (None, "", "has space", "x" * 129, '"quoted"'):
        answer = sandbox.request("GET", AGENTS, headers={"x-request-id": given})
        assert re.fullmatch("req_[0-9a-f]{24}", answer.headers["x-request-id"])


def test_errors_carry_a_request_id_too(sandbox: Sandbox) -> None:
    for path in ("/nowhere", AGENTS + "/unknown"):
        assert "x-request-id" in sandbox.get(path).headers


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        GOOD_AGENT[:-1] + b",}",
        GOOD_AGENT[:-1] + b', "variables": {"a": [1,]}}',
        GOOD_AGENT[:-1] + b', "variables": {"a": 01}}',
        GOOD_AGENT[:-1] + b', "variables": {"a": "\xff"}}',
        GOOD_AGENT[:-1] + b', "variables": {"a": "\\ud800"}}',
        GOOD_AGENT[:-1] + b', "settings": {"speed": 1e999}}',
        GOOD_AGENT + b"{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_a_body_that_is_no_json_object_is_400(sandbox: Sandbox, body: bytes) -> None:
    answer = sandbox.request("POST", AGENTS, body, {"Content-Type": "application/json"})
    assert answer.status == 400
    assert set(answer.json) == {"error", "details"}


def test_values_come_back_as_they_were_written(sandbox: Sandbox) -> None:
    variables = b'{"z":1.0,"a":12345678901234567890.5,"\\u00e9\\ud83d\\ude00":[-0,1E+2,""],"":null}'
    body = GOOD_AGENT[:-1] + b',"variables":' + variables + b"}"
    answer = sandbox.request("POST", AGENTS, body, {"Content-Type": "application/json"})
    assert answer.status == 200
    written = variables.replace(b"\\u00e9\\ud83d\\ude00", "é😀".encode())
    assert b'"variables":' + written in answer.body


def test_nesting_is_read_to_a_depth_of_some_hundreds(sandbox: Sandbox) -> None:
    nested = "[" * 400 + "]" * 400
    body = json.dumps(agent_fields())[:-1] + f', "variables": {{"deep": {nested}}}}}'
    answer = sandbox.request("POST", AGENTS, body.encode(), {"Content-Type": "application/json"})
    assert answer.status == 200
    assert nested in answer.body.decode()


def test_a_json_body_over_one_mebibyte_is_400(sandbox: Sandbox) -> None:
    fits = agent_fields(variables={"text": "x" * 1_000_000})
    assert sandbox.post(AGENTS, fits).status == 200
    answer = sandbox.post(AGENTS, agent_fields(variables={"text": "x" * 1_100_000}))
    assert answer.status == 400
    assert "1 MiB" in answer.json["details"]


@pytest.mark.parametrize("content_type", [None, "text/plain", "multipart/form-data; boundary=b"])
def test_another_content_type_than_json_is_400(sandbox: Sandbox, content_type: str | None) -> None:
    body = json.dumps(agent_fields()).encode()
    answer = sandbox.request("POST", AGENTS, body, {"Content-Type": content_type})
    assert answer.status == 400
    assert "application/json" in answer.json["details"]


def test_a_content_type_with_parameters_is_json(sandbox: Sandbox) -> None:
    body = json.dumps(agent_fields()).encode()
    headers: dict[str, str | None] = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert sandbox.request("POST", AGENTS, body, headers).status == 200


def test_over_the_rate_the_answer_says_when_to_come_back(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "3")
    assert [server.get(AGENTS).status for _ in range(3)] == [200, 200, 200]
    answer = server.get(AGENTS)
    assert answer.status == 429
    wait = int(answer.headers["retry-after"])
    assert 50 <= wait <= 60
    error = answer.json["error"]
    assert error["code"] == "rate_limit_exceeded"
    assert error["message"] == f"Too many requests. Please try again in {wait} seconds."
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", error["reset_at"])


def test_the_rate_is_judged_after_the_key_and_before_the_workspace(
    start_sandbox: StartSandbox,
) -> None:
    server = start_sandbox("--requests-per-minute", "1")
    server.get(AGENTS)
    assert server.request("GET", AGENTS, headers={"x-api-key": "wrong-key"}).status == 401
    assert server.request("GET", AGENTS, headers={"x-workspace-id": None}).status == 429
    assert server.get("/healthz").status == 200


def test_a_key_never_reaches_the_log(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--log-level", "trace")
    server.get(AGENTS)
    server.request("GET", AGENTS, headers={"x-api-key": "wrong-key"})
    log = server.logged()
    assert "/api/v1/agents 200" in log
    assert KEY not in log
    assert "wrong-key" not in log


def test_it_stops_on_sigterm_although_a_connection_is_open(start_sandbox: StartSandbox) -> None:
    server = start_sandbox()
    with socket.create_connection(("127.0.0.1", server.port)):
        assert server.stop() == 0
