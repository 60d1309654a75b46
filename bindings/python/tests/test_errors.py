"""The error classes themselves: how they read, and that they survive pickling."""

from __future__ import annotations

import copy
import json
import os
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

import trillet
from operations import AGENT
from recording_server import RecordingServer, close_without_answer, json_answer
from trillet._model.reading import READING

TYPES = {
    "invalid_argument": trillet.InvalidArgumentError,
    "configuration": trillet.ConfigurationError,
    "authentication": trillet.AuthenticationError,
    "permission": trillet.PermissionDeniedError,
    "not_found": trillet.NotFoundError,
    "conflict": trillet.ConflictError,
    "rate_limited": trillet.RateLimitedError,
    "rejected": trillet.RejectedError,
    "server": trillet.ServerError,
    "timeout": trillet.RequestTimeoutError,
    "connection": trillet.ConnectionFailedError,
    "tls": trillet.TLSError,
    "cancelled": trillet.RequestCancelledError,
    "closed": trillet.ClientClosedError,
    "forked": trillet.ForkedError,
    "response": trillet.ResponseError,
    "internal": trillet.InternalError,
}


@pytest.mark.parametrize(("name", "kind"), TYPES.items())
def test_every_error_type_has_a_class(name: str, kind: type[trillet.TrilletError]) -> None:
    error = kind("It failed", status=0, meta={"operation": "agents.get"})
    assert issubclass(kind, trillet.TrilletError)
    assert error.type == name
    assert str(error).startswith("agents.get: It failed")


@pytest.mark.parametrize("kind", [*TYPES.values(), trillet.TrilletError, trillet.LibraryError])
def test_an_error_survives_pickling_and_copying(kind: type[trillet.TrilletError]) -> None:
    error = kind(
        "It failed",
        status=400,
        details="because",
        code="X",
        field="name",
        offset=3,
        sent="maybe",
        retryable=True,
        retry_after_ms=1500,
        body={"error": "It failed"},
        meta={"operation": "agents.get", "attempts": 1, "requestId": "r"},
    )
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is kind
        assert again.__dict__ == error.__dict__
        assert str(again) == str(error)
        assert again.args == error.args


def test_an_error_reads_as_one_sentence_with_all_that_is_known(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    body = {
        "error": "Failed to initiate call",
        "details": "The trunk is down",
        "code": "UNKNOWN_ERROR",
    }
    server.script(json_answer(body, 500, {"X-Request-Id": "req-9"}))
    with pytest.raises(trillet.ServerError) as caught:
        client.calls.send(AGENT, "+12025550164")
    assert str(caught.value) == (
        "calls.send: HTTP 500: Failed to initiate call: The trunk is down "
        "(code UNKNOWN_ERROR, request id req-9). "
        "The phone may be ringing. Before calling again, ask calls.find with error.find: it looks "
        "in the service's call history (GET /v2/api/call-history) for a call of this agent to this "
        "number since the request."
    )


def test_a_wrong_key_says_where_to_look(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(json_answer({"error": {"code": "unauthorized", "message": "Bad key"}}, 401))
    with pytest.raises(trillet.AuthenticationError, match="TRILLET_API_KEY"):
        client.agents.list()


def test_a_type_this_package_does_not_know_is_still_an_error() -> None:
    error = trillet.TrilletError("Something new", type="quota", sent="no")
    assert error.type == "quota"
    assert str(error) == "Something new"
    assert trillet.TrilletError.type == "unknown"


def full(kind: type[trillet.TrilletError]) -> trillet.TrilletError:
    return kind(
        "It failed",
        type="quota",
        status=500,
        details="because",
        code="X",
        sent="yes",
        look_for="Look at the history.",
        retryable=True,
        retry_after_ms=1500,
        body={"error": ["It failed", None, 1.5]},
        meta={"operation": "calls.send", "attempts": 2, "retries": [{"status": 503}]},
    )


@pytest.mark.parametrize("kind", [*TYPES.values(), trillet.TrilletError, trillet.LibraryError])
def test_an_error_that_is_rebuilt_from_its_arguments_loses_nothing(
    kind: type[trillet.TrilletError],
) -> None:
    error = full(kind)
    for arguments in (
        error.args,
        json.loads(json.dumps(error.args)),
        [argument if isinstance(argument, str) else repr(argument) for argument in error.args],
    ):
        again = kind(*arguments)
        assert again.__dict__ == error.__dict__
        assert str(again) == str(error)


@pytest.mark.parametrize(
    "arguments", [("It failed",), ("It failed", "{'sent': ..."), ("It failed", {"sent": 7})]
)
def test_an_error_whose_rest_was_lost_may_have_been_sent(arguments: tuple[Any, ...]) -> None:
    error = trillet.ConnectionFailedError(*arguments)
    assert error.sent == "maybe"
    assert error.message == "It failed"


def test_an_error_crosses_a_process_pool() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        error = pool.submit(raise_it).exception(60)
    assert isinstance(error, trillet.ServerError)
    assert error.__dict__ == full(trillet.ServerError).__dict__


def raise_it() -> None:
    raise full(trillet.ServerError)


@pytest.mark.parametrize("serializer", ["json", "pickle"])
def test_an_error_crosses_celery(serializer: str) -> None:
    celery = pytest.importorskip("celery")
    backend = celery.Celery(backend="cache+memory://", set_as_current=False).backend
    backend.serializer = serializer
    error = full(trillet.ServerError)
    prepared = backend.prepare_exception(error, serializer)
    text = json.loads(json.dumps(prepared)) if serializer == "json" else prepared
    again = backend.exception_to_python(text)
    assert type(again).__name__ == "ServerError"
    assert again.__dict__ == error.__dict__


def test_what_shows_whether_the_service_acted_is_printed_once(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(close_without_answer())
    with pytest.raises(trillet.ConnectionFailedError) as caught:
        client.calls.send(AGENT, "+12025550164")
    error = caught.value
    assert error.look_for is not None
    assert str(error).count(error.look_for) == 1
    assert "may have acted" not in str(error)
    server.script(close_without_answer())
    with pytest.raises(trillet.ConnectionFailedError) as caught:
        client.agents.update(AGENT, name="A")
    assert caught.value.look_for is None
    assert str(caught.value).count("may have acted") == 1


@pytest.mark.parametrize("operation", ["agents.list", "GET /v2/api/call-history"])
def test_an_error_of_a_request_that_only_reads_does_not_speak_of_acting(
    client: trillet.Trillet, server: RecordingServer, operation: str
) -> None:
    server.script(close_without_answer())
    with pytest.raises(trillet.ConnectionFailedError) as caught:
        client.call(operation, options={"max_retries": 0})
    assert caught.value.sent == "maybe"
    assert "acted" not in str(caught.value)
    assert "repeating" not in str(caught.value)


def test_the_operations_that_only_read_are_known() -> None:
    reading = {known["id"] for known in trillet.operations() if known["method"] == "GET"}
    followed = {"batch_calls.wait", "batch_calls.results", "calls.wait", "calls.find"}
    assert reading | followed == READING


def test_nothing_is_said_twice() -> None:
    error = trillet.ServerError(
        "The trunk TRUNK_DOWN is down; the service may have acted on it",
        details="TRUNK_DOWN",
        code="TRUNK_DOWN",
        sent="maybe",
        meta={"operation": "calls.send"},
    )
    assert str(error) == (
        "calls.send: The trunk TRUNK_DOWN is down; the service may have acted on it. "
        "Make sure before repeating it."
    )


def test_a_client_of_another_process_says_where_to_make_one(client: trillet.Trillet) -> None:
    client.agents.list()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            client.agents.list()
        except trillet.ForkedError as error:
            os.write(write, str(error).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    assert "Trillet()" in text
    for hook in ("post_fork", "@postfork", "child_init"):
        assert hook in text
    assert "trillet_client_new" not in text


def test_a_closed_client_does_not_name_functions_of_c(client: trillet.Trillet) -> None:
    client.close()
    with pytest.raises(trillet.ClientClosedError) as caught:
        client.agents.list()
    assert "trillet_client_new" not in str(caught.value)


def test_a_mistake_of_the_caller_has_sent_nothing() -> None:
    error = trillet.InvalidArgumentError("The name of the file ends with .csv", field="file")
    assert error.sent == "no"
    assert str(error) == "The name of the file ends with .csv"
