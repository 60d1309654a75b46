"""The first operations one by one, in both route styles: what is checked, in which order, and in
which of the four error shapes of the service it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from conftest import StartSandbox
from sandbox import (
    KEY,
    OTHER_WORKSPACE,
    UNKNOWN_ID,
    Answer,
    Sandbox,
    agent_fields,
    contacts,
    flow_fields,
    multipart,
    new_agent,
)

BATCHES = "/v1/api/batch-calls"
BATCH = "batch_999999999"
SEND = {"agentId": UNKNOWN_ID, "toNumber": "+12025550164"}
PUBLISHED_SEND = {"call_agent_id": UNKNOWN_ID, "to": "+12025550164"}


@dataclass(frozen=True)
class Operation:
    """One operation on one route, with a request that is well formed and names what is unknown."""

    name: str
    method: str
    path: str
    body: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None
    missing: str | None = None
    """The title of the 404, for operations that name something."""

    @property
    def is_batch(self) -> bool:
        return self.path.startswith(BATCHES)

    def request(
        self, sandbox: Sandbox, spoilt: bool = False, **headers: str | None
    ) -> tuple[Answer, set[str]]:
        """The answer and the members of its error."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content: bytes | None = None
        if self.form is not None:
            content, sent["Content-Type"] = multipart(contacts(1), self.form)
        elif self.body is not None:
            content, sent["Content-Type"] = json.dumps(self.body).encode(), "application/json"
        if spoilt:
            content = b"{"
        answer = sandbox.request(self.method, self.path, content, sent)
        error = answer.json
        return answer, set(error["error"] if isinstance(error["error"], dict) else error)

    def __str__(self) -> str:
        return f"{self.name} {self.path}"


def both(name: str, verb: str, path: str, **rest: object) -> list[Operation]:
    """An operation on agents or flows on its overview and its published route."""
    published = "/v1/api" + path.replace("/flows", "/call-flows")
    put = "PUT" if verb == "PATCH" else verb
    return [
        Operation(name, verb, "/api/v1" + path, **rest),  # type: ignore[arg-type]
        Operation(name, put, published, **rest),  # type: ignore[arg-type]
    ]


AGENT, FLOW = f"/agents/{UNKNOWN_ID}", f"/flows/{UNKNOWN_ID}"
OPERATIONS = [
    *both("agents.create", "POST", "/agents", body=agent_fields()),
    *both("agents.list", "GET", "/agents"),
    *both("agents.get", "GET", AGENT, missing="Agent not found"),
    *both("agents.update", "PATCH", AGENT, body=agent_fields(), missing="Agent not found"),
    *both("agents.delete", "DELETE", AGENT, missing="Agent not found"),
    *both(
        "flows.create",
        "POST",
        "/flows",
        body=flow_fields(agent=UNKNOWN_ID),
        missing="Agent not found",
    ),
    *both("flows.list", "GET", "/flows"),
    *both("flows.get", "GET", FLOW, missing="Flow not found"),
    *both("flows.update", "PATCH", FLOW, body=flow_fields(), missing="Flow not found"),
    *both("flows.delete", "DELETE", FLOW, missing="Flow not found"),
    Operation("calls.send", "POST", "/api/v1/calls/call", body=SEND, missing="Agent not found"),
    Operation("calls.send", "POST", "/v1/api/call", body=PUBLISHED_SEND, missing="Agent not found"),
    Operation("batch_calls.template", "GET", f"{BATCHES}/template"),
    Operation("batch_calls.validate", "POST", f"{BATCHES}/validate", form={}),
    Operation("batch_calls.preview", "POST", f"{BATCHES}/preview", form={}),
    Operation(
        "batch_calls.start",
        "POST",
        BATCHES,
        form={"agentId": UNKNOWN_ID},
        missing="Agent not found",
    ),
    Operation("batch_calls.get", "GET", f"{BATCHES}/{BATCH}", missing="Batch not found"),
    Operation(
        "batch_calls.progress", "GET", f"{BATCHES}/{BATCH}/status", missing="Batch not found"
    ),
    Operation(
        "batch_calls.list_calls", "GET", f"{BATCHES}/{BATCH}/calls", missing="Batch not found"
    ),
    Operation(
        "batch_calls.get_call", "GET", f"{BATCHES}/{BATCH}/calls/call_1", missing="Call not found"
    ),
    Operation("batch_calls.cancel", "DELETE", f"{BATCHES}/{BATCH}", missing="Batch not found"),
]
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
every_operation_with_a_body = pytest.mark.parametrize(
    "operation",
    [each for each in OPERATIONS if each.body is not None or each.form is not None],
    ids=str,
)
every_operation_that_names_something = pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.missing is not None], ids=str
)


def test_the_table_has_all_operations() -> None:
    assert len({operation.name for operation in OPERATIONS}) == 20


@every_operation
def test_the_key_is_checked_first(sandbox: Sandbox, operation: Operation) -> None:
    for key in (None, "wrong-key"):
        answer, members = operation.request(
            sandbox, spoilt=True, x_api_key=key, x_workspace_id=None
        )
        assert (answer.status, members) == (401, {"code", "message"})


@every_operation
def test_the_rate_is_checked_before_the_workspace(
    sandbox_with_spent_rate: Sandbox, operation: Operation
) -> None:
    answer, members = operation.request(
        sandbox_with_spent_rate, spoilt=True, x_workspace_id=OTHER_WORKSPACE
    )
    assert (answer.status, members) == (429, {"code", "message", "reset_at"})
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    seconds = answer.headers["retry-after"]
    message = f"Too many requests. Please try again in {seconds} seconds."
    assert answer.json["error"]["message"] == message


@pytest.fixture(scope="module")
def sandbox_with_spent_rate() -> Iterator[Sandbox]:
    server = Sandbox("--requests-per-minute", "1")
    server.get("/api/v1/agents")
    yield server
    server.stop()


@every_operation
def test_the_workspace_is_checked_before_the_request(
    sandbox: Sandbox, operation: Operation
) -> None:
    answer, members = operation.request(sandbox, spoilt=True, x_workspace_id=OTHER_WORKSPACE)
    assert (answer.status, members) == (403, {"code", "message"})
    answer, members = operation.request(sandbox, spoilt=True, x_workspace_id=None)
    assert answer.status == 400
    assert members == {"error", "message" if operation.is_batch else "details"}


@every_operation_with_a_body
def test_the_request_is_checked_before_what_it_names(
    sandbox: Sandbox, operation: Operation
) -> None:
    answer, members = operation.request(sandbox, spoilt=True)
    assert answer.status == 400
    assert members == {"error", "message" if operation.is_batch else "details"}


@every_operation_that_names_something
def test_what_is_unknown_is_404_in_the_shape_of_its_family(
    sandbox: Sandbox, operation: Operation
) -> None:
    answer, members = operation.request(sandbox)
    assert answer.status == 404
    assert answer.json["error"] == operation.missing
    if operation.name == "batch_calls.get_call":
        assert answer.json == {"status": "not_found", "error": "Call not found"}
    elif operation.is_batch:
        assert members == {"error", "message", "id"}
        assert answer.json["id"] in (BATCH, UNKNOWN_ID)
    else:
        assert members == {"error", "details"}
        assert "does not exist or is not accessible to you" in answer.json["details"]


@pytest.mark.parametrize("path", ["/api/v1/calls/call", "/v1/api/call"])
def test_the_state_is_checked_last(sandbox: Sandbox, path: str) -> None:
    agent = new_agent(sandbox)["_id"]
    names = ("agentId", "toNumber") if path.startswith("/api") else ("call_agent_id", "to")

    def send(agent: str, number: str) -> Answer:
        return sandbox.post(path, dict(zip(names, (agent, number), strict=True)))

    wrong = send(UNKNOWN_ID, "12025550164")
    assert (wrong.status, wrong.json["code"]) == (400, "invalid_number")
    assert send(UNKNOWN_ID, "+12025550164").status == 404
    bare = send(agent, "+12025550164")
    assert bare.status == 400
    assert bare.json == {
        "error": "Invalid configuration",
        "details": "Agent has no phone number configured",
    }


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "agentId is required"),
        ({"agentId": "a", "scheduledAt": "2031-03-04"}, "scheduledAt must be a time in UTC"),
        ({"agentId": "a", "scheduledAt": "2031-03-04T15:00:00+01:00"}, "scheduledAt must be"),
        ({"agentId": "a", "scheduledAt": "2031-02-30T15:00:00Z"}, "scheduledAt must be"),
        ({"agentId": "a", "scheduledAt": "2001-03-04T15:00:00Z"}, "is past"),
        ({"agentId": "a", "smartCallbackConfig": "{"}, "smartCallbackConfig must be the JSON"),
        ({"agentId": "a", "smartCallbackConfig": "[]"}, "smartCallbackConfig must be the JSON"),
        (
            {"agentId": "a", "smartCallbackConfig": '{"enabled":1}'},
            "smartCallbackConfig: enabled must be true or false",
        ),
        (
            {"agentId": "a", "smartCallbackConfig": '{"maxAttempts":0}'},
            "smartCallbackConfig: maxAttempts must be a whole number of at least 1",
        ),
        (
            {"agentId": "a", "smartCallbackConfig": '{"gaps":[{"days":-1}]}'},
            "smartCallbackConfig: gaps[0].days must be a number of at least 0",
        ),
    ],
)
def test_a_wrong_field_of_a_batch_is_found_before_an_unknown_agent(
    sandbox: Sandbox, fields: dict[str, str], problem: str
) -> None:
    answer = sandbox.upload(BATCHES, contacts(1), **fields)
    assert (answer.status, answer.json["error"]) == (400, "Invalid request")
    assert problem in answer.json["message"]


def test_a_key_never_shows_in_an_answer(sandbox: Sandbox) -> None:
    for operation in OPERATIONS:
        answer, _ = operation.request(sandbox, x_workspace_id=KEY)
        assert answer.status == 403
        assert KEY.encode() not in answer.body


@pytest.mark.parametrize(
    ("voice", "kept"),
    [
        ({"provider": "rime", "voiceId": "v", "elevenLabsApiKey": "secret"}, False),
        ({"provider": "11labs_byo", "voiceId": "v", "elevenLabsApiKey": "secret"}, True),
    ],
)
def test_an_elevenlabs_key_is_kept_for_its_own_provider_only(
    sandbox: Sandbox, voice: dict[str, str], kept: bool
) -> None:
    agent = new_agent(sandbox, ttsModel=voice)
    assert ("elevenLabsApiKey" in agent["ttsModel"]) is kept


def test_an_unknown_provider_is_taken_with_a_warning(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--log-level", "warning")
    for provider in ("openai", "rime", "elevenlabs", "google", "cartesia", "brand-new"):
        new_agent(server, ttsModel={"provider": provider, "voiceId": "v"})
    log = server.logged()
    assert log.count("warning") == 1
    assert 'documents no voices of the provider "brand-new"' in log


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"webhooks": [{"headers": []}]}, "webhooks[0].headers must be an object"),
        ({"webhooks": [{"variables": [1]}]}, "webhooks[0].variables[0] must be an object"),
        (
            {"webhooks": [{"variablesforcallflow": [{"name": 1}]}]},
            "webhooks[0].variables[0].name must be a string",
        ),
        (
            {"webhooks": [{"responseVariables": [{"path": 1}]}]},
            "webhooks[0].responseVariables[0].path must be a string",
        ),
        (
            {"dynamicVariableCollections": [{"variables": [{"key": "k", "value": 1}]}]},
            "dynamicVariableCollections[0].variables[0].value must be a string",
        ),
        ({"settings": {"knowledgeBases": [1]}}, "settings.knowledgeBases[0] must be a string"),
        (
            {"settings": {"knowledgeBaseFiles": [{"key": 1}]}},
            "settings.knowledgeBaseFiles[0].key must be a string",
        ),
        (
            {"settings": {"callSettings": {"endCallOnSilence": -1}}},
            "settings.callSetting.endCallOnSilence must be a number of at least 0",
        ),
        (
            {"settings": {"responseSettings": {"workingHours": {"end": "24:00"}}}},
            "settings.responseSettings.workingHours.end must be a time of day",
        ),
        ({"isActive": None}, "isActive must be true or false"),
        ({"description": None}, "description must be a string"),
    ],
)
def test_the_members_of_a_flow_are_checked_to_the_bottom(
    sandbox: Sandbox, changes: dict[str, object], problem: str
) -> None:
    answer = sandbox.post("/api/v1/flows", flow_fields(**changes))
    assert answer.status == 400
    assert problem in answer.json["details"]


def test_null_undoes_the_links_of_a_flow(sandbox: Sandbox) -> None:
    agent = new_agent(sandbox)["_id"]
    flow = sandbox.post("/api/v1/flows", flow_fields(agent=agent, folderId="f")).json
    changed = sandbox.send_json(
        "PATCH", f"/api/v1/flows/{flow['_id']}", {"agent": None, "folderId": None}
    ).json
    assert "agent" not in changed
    assert changed["folderId"] is None
