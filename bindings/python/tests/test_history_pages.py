"""The history as iterators: pages as the service has them, and every call once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from recording_server import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    import trillet
    from recording_server import RecordingServer, Reply, Request

    ConnectAsync = Callable[..., trillet.AsyncTrillet]

PREFETCHES = [False, True]


def serve_history(server: RecordingServer, count: int, placed: int) -> list[str]:
    """Serves the history, to which calls are added before each page; the calls that were there."""
    calls = [f"call-{number}" for number in range(count)]
    there = list(calls)

    def respond(request: Request) -> Reply:
        query = dict(request.query)
        page, limit = int(query.get("page", 1)), int(query.get("limit", 10))
        if page > 1:
            calls[:0] = [f"new-{page}-{number}" for number in range(placed)]
        start = (page - 1) * limit
        return json_answer([{"_id": name} for name in calls[start : start + limit]])

    server.respond = respond
    return there


@pytest.mark.parametrize("prefetch", PREFETCHES)
@pytest.mark.parametrize("placed", [0, 1, 3])
def test_every_call_comes_once(
    client: trillet.Trillet, server: RecordingServer, placed: int, prefetch: bool
) -> None:
    there = serve_history(server, 37, placed)
    calls = client.calls.list_all_history(agent_id="a1", prefetch=prefetch)
    assert [call["_id"] for call in calls] == there
    assert all(dict(request.query)["agentId"] == "a1" for request in server.requests)


@pytest.mark.parametrize("prefetch", PREFETCHES)
@pytest.mark.parametrize("placed", [0, 1, 3])
def test_every_call_comes_once_for_asyncio(
    connect_async: ConnectAsync, server: RecordingServer, placed: int, prefetch: bool
) -> None:
    there = serve_history(server, 37, placed)

    async def main() -> list[str]:
        async with connect_async() as client:
            calls = client.calls.list_all_history(prefetch=prefetch)
            return [call["_id"] async for call in calls]

    assert asyncio.run(main()) == there


def test_pages_are_as_the_service_has_them(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_history(server, 15, 1)
    pages: list[Any] = list(client.calls.history_pages())
    assert [len(page) for page in pages] == [10, 6]
    assert pages[0][-1] == pages[1][0]


def test_calls_without_an_id_are_all_given(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer([{"summary": "a"}] * 10), json_answer([{"summary": "a"}, {}]))
    assert len(list(client.calls.list_all_history())) == 12


def test_a_list_under_another_name_is_found(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({"data": [{"_id": "a1"}], "total": 1}))
    assert [agent["_id"] for agent in client.agents.list_all()] == ["a1"]
