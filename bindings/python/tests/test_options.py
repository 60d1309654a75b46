"""The client's options, the environment, and what must never be shown."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from operations import AGENT
from recording_server import json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer

SECRET = "tk-0f3c-very-secret"


@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        ("api_key", "apiKey", 5),
        ("api_key", "apiKey", ""),
        ("api_key", "apiKey", "a\r\nX-Evil: 1"),
        ("workspace_id", "workspaceId", 5),
        ("workspace_id", "workspaceId", "a\nb"),
        ("base_url", "baseUrl", 5),
        ("base_url", "baseUrl", ""),
        ("base_url", "baseUrl", "api.trillet.ai"),
        ("base_url", "baseUrl", "ftp://127.0.0.1"),
        ("base_url", "baseUrl", "file:///etc/passwd"),
        ("base_url", "baseUrl", "https://"),
        ("base_url", "baseUrl", "https://exa mple.com"),
        ("base_url", "baseUrl", "https://example.com/?a=b"),
        ("base_url", "baseUrl", "https://example.com/#x"),
        ("base_url", "baseUrl", "https://example.com:99999"),
        ("base_url", "baseUrl", "http://example.com"),
        ("base_url", "baseUrl", "http://127.0.0.1.example.com"),
        ("routes", "routes", "both"),
        ("routes", "routes", 1),
        ("timeout_ms", "timeoutMs", "soon"),
        ("timeout_ms", "timeoutMs", -1),
        ("timeout_ms", "timeoutMs", 1.5),
        ("timeout_ms", "timeoutMs", True),
        ("timeout_ms", "timeoutMs", 10**30),
        ("connect_timeout_ms", "connectTimeoutMs", "soon"),
        ("max_retries", "maxRetries", -1),
        ("requests_per_minute", "requestsPerMinute", "60"),
        ("max_connections", "maxConnections", "8"),
        ("max_connections", "maxConnections", -1),
        ("max_in_flight", "maxInFlight", []),
        ("max_response_bytes", "maxResponseBytes", -1),
        ("proxy", "proxy", 5),
        ("ca_file", "caFile", 5),
        ("headers", "headers", "X: 1"),
        ("headers", "headers", {"X": 1}),
        ("headers", "headers", {"X": "a\r\nb"}),
        ("user_agent", "userAgent", 5),
        ("user_agent", "userAgent", "a\r\nb"),
        ("validate", "validate", "no"),
        ("allow_insecure_http", "allowInsecureHttp", 1),
        ("env", "env", "yes"),
    ],
)
def test_a_wrong_client_option_is_named(option: str, field: str, value: object) -> None:
    options: dict[str, Any] = {"api_key": SECRET, option: value}
    with pytest.raises(trillet.ConfigurationError) as caught:
        trillet.Trillet(**options)
    error = caught.value
    assert error.field is not None
    assert error.field.partition(".")[0] == field
    assert error.type == "configuration"
    assert error.operation == "client.new"
    assert SECRET not in str(error) + repr(error.__dict__)


def test_a_missing_key_is_a_configuration_error_that_says_what_to_do() -> None:
    with pytest.raises(trillet.ConfigurationError) as caught:
        trillet.Trillet()
    assert caught.value.field == "apiKey"
    assert "TRILLET_API_KEY" in str(caught.value)


def test_a_value_that_is_no_text_in_an_option_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"client\.new: `apiKey` is bytes"):
        trillet.Trillet(b"key")  # type: ignore[arg-type]


def test_the_environment_is_read_where_options_are_silent(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRILLET_API_KEY", "key-of-the-environment")
    monkeypatch.setenv("TRILLET_WORKSPACE_ID", "workspace-of-the-environment")
    monkeypatch.setenv("TRILLET_BASE_URL", server.url)
    with trillet.Trillet() as client:
        client.agents.list()
    with trillet.Trillet("mine", "my-workspace") as client:
        client.agents.list()
    seen = [(r.headers["x-api-key"], r.headers["x-workspace-id"]) for r in server.requests]
    assert seen == [
        ("key-of-the-environment", "workspace-of-the-environment"),
        ("mine", "my-workspace"),
    ]


def test_the_environment_is_ignored_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRILLET_API_KEY", "key-of-the-environment")
    with pytest.raises(trillet.ConfigurationError):
        trillet.Trillet(env=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_plain_http_is_allowed_to_this_machine(host: str) -> None:
    trillet.Trillet(SECRET, base_url=f"http://{host}:4010").close()


def test_plain_http_to_another_host_needs_permission() -> None:
    with pytest.raises(trillet.ConfigurationError, match=r"allow_insecure_http if you must$"):
        trillet.Trillet(SECRET, base_url="http://example.com")
    trillet.Trillet(SECRET, base_url="http://example.com", allow_insecure_http=True).close()


def test_every_limit_is_taken(server: RecordingServer) -> None:
    with trillet.Trillet(
        SECRET,
        base_url=server.url,
        max_retries=0,
        max_retry_after_ms=1000,
        requests_per_minute=60,
        max_in_flight=4,
        max_queued=10,
        max_connections=2,
        connect_timeout_ms=1000,
        timeout_ms=5000,
        proxy="",
    ) as client:
        client.agents.list()
    assert len(server.requests) == 1


def test_the_key_is_in_no_representation(server: RecordingServer) -> None:
    with trillet.Trillet(SECRET, base_url=server.url, headers={"X-Also": SECRET}) as client:
        shown = [repr(client), str(client), repr(client.agents), repr(client.call("agents.list"))]
    assert all(SECRET not in text for text in shown)


def test_the_key_is_in_no_error(server: RecordingServer) -> None:
    server.script(
        json_answer({"error": "Unauthorized"}, 401),
        json_answer({"error": "Forbidden"}, 403),
        json_answer({"error": "Oops"}, 500),
    )
    errors: list[trillet.TrilletError] = []
    with trillet.Trillet(SECRET, base_url=server.url, max_retries=0) as client:
        for call in (
            lambda: client.agents.list(),
            lambda: client.agents.list(),
            lambda: client.agents.list(),
            lambda: client.agents.get(""),
            lambda: client.call("FOO /x"),
            lambda: client.agents.list(options={"headers": {"x-api-key": "a\r\nb"}}),
        ):
            with pytest.raises(trillet.TrilletError) as caught:
                call()
            errors.append(caught.value)
    for error in errors:
        assert SECRET not in f"{error} {error!r} {error.__dict__}"


def test_the_key_cannot_be_sent_twice_by_an_additional_header(server: RecordingServer) -> None:
    with trillet.Trillet(SECRET, base_url=server.url) as client, suppress(trillet.TrilletError):
        client.agents.list(options={"headers": {"x-api-key": "other"}})
    for request in server.requests:
        assert request.head.lower().count("x-api-key:") == 1


def test_a_pickled_client_is_opened_anew_with_its_options_and_the_key_of_the_place(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRILLET_API_KEY", SECRET)
    with trillet.Trillet(
        workspace_id="mine", base_url=server.url, headers={"X-Team": "north"}, routes="published"
    ) as client:
        pickled = pickle.dumps(client)
    assert SECRET.encode() not in pickled
    monkeypatch.setenv("TRILLET_API_KEY", "key-of-the-other-place")
    with pickle.loads(pickled) as opened:
        opened.agents.list()
    assert type(opened) is trillet.Trillet
    request = server.only_request
    assert request.path == "/v1/api/agents"
    assert request.headers["x-api-key"] == "key-of-the-other-place"
    assert (request.headers["x-workspace-id"], request.headers["x-team"]) == ("mine", "north")


def test_a_client_with_a_key_of_its_own_is_not_pickled() -> None:
    with trillet.Trillet(SECRET) as client:
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="key is not written into a pickle") as caught:
                attempt(client)
            assert SECRET not in str(caught.value)


def test_a_client_is_opened_anew_in_a_process_that_is_started(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRILLET_API_KEY", SECRET)
    with trillet.Trillet(base_url=server.url) as client:
        client.agents.list()
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            assert pool.submit(_status, client).result(60) == 200
    assert [request.headers["x-api-key"] for request in server.requests] == [SECRET, SECRET]


def _status(client: trillet.Trillet) -> int:
    with client:
        return client.call("GET /from-the-process").status


def test_a_client_whose_constructor_failed_answers_without_harm() -> None:
    client = trillet.Trillet.__new__(trillet.Trillet)
    assert client.closed
    assert client.close()
    assert AGENT not in repr(client)
