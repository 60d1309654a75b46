"""Connections that are opened ahead of the first call."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import KEY
from libcurl import KEEPS_CONNECTIONS
from recording_server import RecordingServer, Reply, Request, answer, json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(
    not KEEPS_CONNECTIONS, reason="this libcurl opens a connection for each request"
)


def respond(request: Request) -> Reply:
    return answer(404, "", {}) if request.method == "HEAD" else json_answer({})


def test_the_next_calls_take_the_connections(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.respond = respond
    opened = client.warm(2)
    assert opened["open"] == 2
    uses = [connection["for"] for connection in opened["connections"]]
    assert uses == ["calls"] * 2 + ["submitted"] * 2
    assert server.connections == 4
    assert all(KEY.encode() not in request.raw for request in server.requests)
    client.agents.list()
    assert len(list(client.map("GET /echo", ({"n": n} for n in range(2))))) == 2
    assert server.connections == 4


def test_what_is_wrong_is_named(client: trillet.Trillet) -> None:
    with pytest.raises(trillet.InvalidArgumentError) as caught:
        client.warm(0)
    assert caught.value.field == "connections"
    for count in ("2", 1.5, True):
        with pytest.raises(TypeError, match="connections"):
            client.warm(count)  # type: ignore[arg-type]
    client.close()
    with pytest.raises(trillet.ClientClosedError):
        client.warm()


def test_a_service_that_says_nothing_is_a_timeout(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    for _ in range(2):
        server.script(silence())
    with pytest.raises(trillet.RequestTimeoutError) as caught:
        client.warm(1, 200)
    assert caught.value.sent == "no"


def test_asyncio_calls_take_the_connections(
    connect_async: Callable[..., trillet.AsyncTrillet], server: RecordingServer
) -> None:
    server.respond = respond

    async def main() -> None:
        async with connect_async() as client:
            opened = await client.warm(2)
            assert opened["open"] == 2
            before = server.connections
            await asyncio.gather(client.agents.list(), client.flows.list())
            assert server.connections == before

    asyncio.run(main())


def test_a_program_that_is_interrupted_does_not_wait_for_connections(
    connect_async: Callable[..., trillet.AsyncTrillet], server: RecordingServer
) -> None:
    for _ in range(2):
        server.script(silence())

    async def main() -> None:
        await asyncio.wait_for(connect_async().warm(1, 8000), 0.2)

    start = time.monotonic()
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(main())
    assert time.monotonic() - start < 5
