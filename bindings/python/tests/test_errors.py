"""The error classes themselves: how they read, and that they survive pickling."""

from __future__ import annotations

import copy
import pickle

import pytest

import trillet
from operations import AGENT
from recording_server import RecordingServer, json_answer

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
        "The service may have acted on it: make sure before repeating it."
    )


def test_a_wrong_key_says_where_to_look(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(json_answer({"error": {"code": "unauthorized", "message": "Bad key"}}, 401))
    with pytest.raises(trillet.AuthenticationError, match="TRILLET_API_KEY"):
        client.agents.list()


def test_a_type_this_package_does_not_know_is_still_an_error() -> None:
    error = trillet.TrilletError("Something new", type="quota")
    assert error.type == "quota"
    assert str(error) == "Something new"
    assert trillet.TrilletError.type == "unknown"
