"""Many calls at once in an event loop."""

from __future__ import annotations

import asyncio
import gc
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from libcurl import KEEPS_CONNECTIONS
from recording_server import held, json_answer, silence
from test_map import echo, numbered, starve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recording_server import RecordingServer

    Connect = Callable[..., trillet.AsyncTrillet]


@pytest.mark.parametrize("ordered", [True, False])
def test_each_request_has_its_result(
    ordered: bool, connect_async: Connect, server: RecordingServer
) -> None:
    echo(server)

    async def main() -> list[trillet.Result]:
        async with connect_async() as client:
            results = client.map("POST /echo", numbered(200), max_in_flight=16, ordered=ordered)
            return [result async for result in results]

    results = asyncio.run(main())
    assert all(result.data == result.request for result in results)
    indices = [result.index for result in results]
    assert (indices if ordered else sorted(indices)) == list(range(200))
    assert not KEEPS_CONNECTIONS or server.connections <= 16


def test_a_call_that_fails_costs_the_others_nothing(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(json_answer({"error": "Agent not found"}, 404))
    requests: list[Any] = [{}, {"x": b"1"}, {}]

    async def main() -> list[trillet.Result]:
        async with connect_async() as client:
            return [result async for result in client.map("POST /x", requests, max_in_flight=1)]

    first, second, third = asyncio.run(main())
    assert isinstance(first.error, trillet.NotFoundError)
    assert isinstance(second.error, trillet.InvalidArgumentError)
    assert third.ok


def test_other_tasks_run_while_requests_are_refused_without_end(connect_async: Connect) -> None:
    async def main() -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0)
                ticks += 1

        ticking = asyncio.create_task(tick())
        async with connect_async() as client:
            refused: Iterator[Any] = ({"x": b"1"} for _ in count())
            async with client.map("POST /x", refused) as results:
                async for result in results:
                    assert not result.ok
                    if ticks > 3:
                        break
        ticking.cancel()

    asyncio.run(main())


def test_leaving_the_loop_cancels_what_is_under_way(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(json_answer({}))
    server.otherwise = silence()

    async def main() -> None:
        async with connect_async() as client:
            results = client.map("POST /x", numbered(100), max_in_flight=4, ordered=False)
            async for result in results:
                assert result.ok
                break
            del results
            gc.collect()
            while client.stats()["queue"]["inFlight"] or client.stats()["queue"]["completed"]:
                await asyncio.sleep(0.005)
            assert await client.aclose(5000) is True

    asyncio.run(main())
    assert len(server.requests) <= 5


def test_a_cancelled_map_still_tells_what_became_of_each_request_it_took(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(json_answer({}))
    server.otherwise = silence()

    async def main() -> list[trillet.Result]:
        async with connect_async() as client:
            results = client.map("POST /x", numbered(100), max_in_flight=4, ordered=False)
            told = [await results.__anext__()]
            results.cancel()
            return told + [result async for result in results]

    told = asyncio.run(main())
    assert sorted(result.index for result in told) == list(range(len(told)))
    assert {type(result.error) for result in told if not result.ok} == {
        trillet.RequestCancelledError
    }


def test_closing_the_client_ends_a_map_with_what_became_of_each(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.otherwise = silence()
    told: list[trillet.Result] = []

    async def main() -> None:
        client = connect_async()

        async def run() -> None:
            async for result in client.map("POST /x", numbered(100), max_in_flight=4):
                told.append(result)

        running = asyncio.create_task(run())
        while len(server.requests) < 4:
            await asyncio.sleep(0.005)
        assert await client.aclose(0) is False
        with pytest.raises(trillet.ClientClosedError):
            await running

    asyncio.run(main())
    kinds = [type(result.error) for result in told]
    assert kinds[:4] == [trillet.RequestCancelledError] * 4
    assert set(kinds[4:]) <= {trillet.ClientClosedError}


def test_maps_and_calls_share_a_client(connect_async: Connect, server: RecordingServer) -> None:
    echo(server)
    release = threading.Event()
    server.script(held(release, json_answer({"late": True})))

    async def main() -> None:
        async with connect_async() as client:
            late = asyncio.create_task(client.call("GET /late"))
            while not server.requests:
                await asyncio.sleep(0.005)

            async def run(offset: int) -> list[int]:
                requests = [{"number": offset + number} for number in range(50)]
                return [result.data["number"] async for result in client.map("POST /e", requests)]

            one, two = await asyncio.gather(run(0), run(100))
            assert (one, two) == (list(range(50)), list(range(100, 150)))
            release.set()
            assert (await late).data == {"late": True}

    asyncio.run(main())


def test_no_answer_is_lost_for_lack_of_memory(
    connect_async: Connect, server: RecordingServer
) -> None:
    echo(server)

    async def main() -> None:
        async with connect_async() as client:
            assert (await client.call("POST /echo", {"number": 1})).data == {"number": 1}
            starve(client._desk)
            results = [result async for result in client.map("POST /echo", numbered(20))]
            assert [result.data["number"] for result in results] == list(range(20))

    asyncio.run(main())
