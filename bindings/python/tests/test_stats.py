"""What a client tells about what it has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import KEY
from operations import AGENT
from recording_server import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer


def test_calls_are_counted_by_operation_and_error(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    client = connect(max_retries=2)
    server.script(
        json_answer({}),
        json_answer({"error": "Agent not found"}, 404),
        json_answer({"error": "Oops"}, 500),
        json_answer({}),
    )
    client.agents.list()
    with pytest.raises(trillet.NotFoundError):
        client.agents.get(AGENT)
    client.agents.list()
    client.call("GET /other")
    assert all(result.ok for result in client.map("calls.send", [_CALL] * 5))
    stats = client.stats()
    operations = stats["operations"]
    assert set(operations) == {"agents.list", "agents.get", "calls.send", "other"}
    assert (operations["agents.list"]["calls"], operations["agents.list"]["ok"]) == (2, 2)
    assert operations["agents.list"]["retries"] == 1
    assert operations["agents.get"]["errors"] == {"not_found": 1}
    assert operations["calls.send"]["calls"] == 5
    total = stats["total"]
    assert (total["calls"], total["ok"], total["retries"]) == (9, 8, 1)
    assert 0 < total["latencyMs"]["p50"] <= total["latencyMs"]["max"]
    assert stats["waits"]["backoff"]["count"] == 1
    connections = stats["connections"]
    assert connections["opened"] == server.connections
    assert connections["opened"] + connections["reused"] == len(server.requests) == 10
    assert stats["bytes"]["sent"] > 0
    assert stats["queue"] == {"inFlight": 0, "queued": 0, "completed": 0, "rejected": 0}
    assert stats["log"] == {"dropped": 0}
    assert stats["uptimeMs"] > 0
    assert KEY not in str(stats)


_CALL = {"agentId": AGENT, "toNumber": "+12025550164"}


def test_the_shape_is_the_one_that_is_typed(client: trillet.Trillet) -> None:
    from trillet._model import stats as _stats

    stats = client.stats()
    assert set(stats) == set(trillet.Stats.__annotations__)
    assert set(stats["total"]) == set(_stats.OperationStats.__annotations__)
    assert set(stats["total"]["latencyMs"]) == set(_stats.Latency.__annotations__)
    assert set(stats["waits"]) == set(_stats.Waits.__annotations__)
    assert set(stats["connections"]) == set(_stats.Connections.__annotations__)
    assert set(stats["bytes"]) == set(_stats.Bytes.__annotations__)
    assert set(stats["queue"]) == set(_stats.Queue.__annotations__)


def test_a_closed_client_tells_what_it_had_done(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.agents.list()
    client.close()
    assert client.stats()["total"]["calls"] == 1


def test_what_happened_to_the_attempts_is_told_by_the_answer(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    client = connect(max_retries=1)
    server.script(json_answer({"error": "Oops"}, 500), json_answer({}))
    response = client.call("agents.list")
    (failed,) = response.meta["retries"]
    assert (failed["type"], failed["status"], failed["sent"]) == ("server", 500, "maybe")
    assert response.meta["attempts"] == 2

    server.script(json_answer({"error": "Oops"}, 500), json_answer({"error": "Again"}, 502))
    with pytest.raises(trillet.ServerError) as caught:
        client.agents.list()
    error = caught.value
    assert error.attempts == 2
    assert [failed["status"] for failed in error.retries] == [500]
    assert "attempts 2" in str(error)


def test_a_pause_the_service_asks_for_is_an_error_when_it_is_too_long(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    client = connect(max_retries=2, max_retry_after_ms=500)
    server.script(json_answer({"error": "Slow down"}, 429, {"Retry-After": "7"}))
    with pytest.raises(trillet.RateLimitedError, match="wait 7 s") as caught:
        client.calls.send(AGENT, "+12025550164")
    assert caught.value.retry_after_ms == 7000
    assert caught.value.attempts == 1
    assert len(server.requests) == 1


def test_a_full_queue_turns_requests_away(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    client = connect(max_queued=2, max_in_flight=1)
    results = list(client.map("agents.list", [{}] * 20, max_in_flight=20))
    refused = [result.error for result in results if not result.ok]
    assert refused
    assert {type(error) for error in refused} == {trillet.RateLimitedError}
    assert {error.code for error in refused if error is not None} == {"queue_full"}
    assert {result.sent for result in results} == {"yes", "no"}
    assert client.stats()["queue"]["rejected"] == len(refused)
