"""Ctrl-C, cancelled tasks and a blocked loop, where the event loop itself sends and receives."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from operations import AGENT
from recording_server import held, json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import trillet
    from recording_server import RecordingServer, Reply

    Connect = Callable[..., trillet.AsyncTrillet]

NUMBER = "+12025550164"
# A cancellation acts at once; this is for a machine that is busy.
SOON = 2.0


def after(seconds: float, then: Reply) -> Reply:
    """An answer that comes so much later."""

    def reply(connection: object) -> bool:
        time.sleep(seconds)
        return then(connection)  # type: ignore[arg-type]

    return reply


@pytest.fixture
def ctrl_c() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Sends SIGINT to this thread once a condition is met."""
    started: list[threading.Thread] = []

    def send(wait: Callable[[], object]) -> None:
        def run() -> None:
            try:
                wait()
            finally:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        started.append(threading.Thread(target=run))
        started[-1].start()

    yield send
    for thread in started:
        thread.join(10)


def test_a_cancelled_task_with_many_calls_in_flight_ends_at_once_and_they_with_it(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.otherwise = silence()

    async def main() -> None:
        async with connect_async() as client:

            async def work() -> None:
                await asyncio.gather(*(client.calls.send(AGENT, NUMBER) for _ in range(64)))

            task = asyncio.create_task(work())
            await asyncio.to_thread(server.wait_for, 64)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - began < SOON
            while client.stats()["queue"]["inFlight"]:
                await asyncio.sleep(0.01)
                assert time.monotonic() - began < SOON
            assert client.stats()["total"]["errors"] == {"cancelled": 64}
            server.otherwise = json_answer({})
            await client.agents.list()

    asyncio.run(main())


def test_a_cancelled_map_with_64_in_flight_still_gives_every_result(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(*[json_answer({}) for _ in range(64)])
    server.otherwise = silence()

    async def main() -> None:
        async with connect_async(max_retries=0) as client:
            requests = ({"agentId": AGENT, "toNumber": NUMBER} for _ in range(1000))
            results = client.map("calls.send", requests, max_in_flight=64, ordered=False)
            told: list[trillet.Result] = []

            async def work() -> None:
                async for result in results:
                    told.append(result)

            task = asyncio.create_task(work())
            await asyncio.to_thread(server.wait_for, 128)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            results.cancel()
            await work()
            assert time.monotonic() - began < SOON
            assert sorted(result.index for result in told) == list(range(128))
            assert sorted(result.sent for result in told) == ["maybe"] * 64 + ["yes"] * 64

    asyncio.run(main())
    assert len(server.requests) == 128


def test_leaving_a_loop_over_results_cancels_what_is_in_flight(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(json_answer({}))
    server.otherwise = silence()

    async def main() -> None:
        async with connect_async() as client:
            began = time.monotonic()
            async with client.map("POST /x", ({} for _ in range(64)), ordered=False) as results:
                async for result in results:
                    assert result.ok
                    break
            while client.stats()["queue"]["inFlight"]:
                await asyncio.sleep(0.01)
                assert time.monotonic() - began < SOON
            assert [result async for result in results] == []
            server.otherwise = json_answer({})
            await client.agents.list()

    asyncio.run(main())


def test_ctrl_c_in_the_middle_of_a_call_ends_the_program_at_once(
    connect_async: Connect, server: RecordingServer, ctrl_c: Callable[..., None]
) -> None:
    server.otherwise = silence()
    clients: list[trillet.AsyncTrillet] = []
    began: list[float] = []

    async def main() -> None:
        async with connect_async() as client:
            clients.append(client)
            await client.calls.send(AGENT, NUMBER)

    def sent() -> None:
        server.wait_for(1)
        began.append(time.monotonic())

    ctrl_c(sent)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert time.monotonic() - began[0] < SOON
    assert clients[0].closed
    assert clients[0].stats()["total"]["errors"] == {"cancelled": 1}


def test_ctrl_c_during_a_map_leaves_results_that_a_cleanup_can_still_read(
    connect_async: Connect, server: RecordingServer, ctrl_c: Callable[..., None]
) -> None:
    server.script(*[json_answer({}) for _ in range(64)])
    server.otherwise = silence()
    told: list[trillet.Result] = []

    async def main() -> None:
        async with connect_async(max_retries=0) as client:
            results = client.map(
                "POST /x", ({} for _ in range(1000)), max_in_flight=64, ordered=False
            )
            try:
                async for result in results:
                    told.append(result)
            finally:
                results.cancel()
                async for result in results:
                    told.append(result)

    ctrl_c(lambda: server.wait_for(128))
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert sorted(result.index for result in told) == list(range(128))
    assert len(server.requests) == 128


def test_a_task_that_waits_for_a_batch_or_a_page_can_be_cancelled_at_once(
    connect_async: Connect, server: RecordingServer
) -> None:
    release = threading.Event()
    server.otherwise = held(release, json_answer({}))

    async def main() -> None:
        client = connect_async()
        for number, work in enumerate(
            (client.batch_calls.wait("batch_1"), client.agents.pages().__anext__()), 1
        ):
            task = asyncio.ensure_future(work)
            await asyncio.to_thread(server.wait_for, number)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - began < SOON
        release.set()
        await client.aclose()

    asyncio.run(main())
