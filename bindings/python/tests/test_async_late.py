"""Answers that came while a coroutine kept the event loop from running."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from operations import AGENT
from recording_server import json_answer
from test_async_interrupts import NUMBER, after

if TYPE_CHECKING:
    from collections.abc import Callable

    import trillet
    from recording_server import RecordingServer

    Connect = Callable[..., trillet.AsyncTrillet]


def test_a_coroutine_that_blocks_the_loop_longer_than_the_timeout_costs_no_answer(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.otherwise = after(0.1, json_answer({"callId": "c1"}))

    async def main() -> None:
        async with connect_async(timeout_ms=1000, max_retries=0) as client:
            calls = [asyncio.ensure_future(client.calls.send(AGENT, NUMBER)) for _ in range(32)]
            while len(server.requests) < 32:
                await asyncio.sleep(0.001)
            time.sleep(3)
            assert await asyncio.gather(*calls) == [{"callId": "c1"}] * 32

    asyncio.run(main())
    assert len(server.requests) == 32


def test_a_map_in_a_loop_that_is_blocked_has_every_answer_that_came(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.otherwise = after(0.1, json_answer({}))

    async def main() -> None:
        async with connect_async(timeout_ms=1000, max_retries=0) as client:
            results = client.map("POST /x", [{}] * 16, max_in_flight=16, ordered=False)
            first = asyncio.ensure_future(results.__anext__())
            while len(server.requests) < 16:
                await asyncio.sleep(0.001)
            time.sleep(3)
            told = [await first] + [result async for result in results]
            assert [result.error for result in told] == [None] * 16

    asyncio.run(main())
    assert len(server.requests) == 16
