"""The event loop does all the work of a client for asyncio: no thread of the package does."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from followed import FollowedBatch, look
from listing import asked_pages, page_of, serve_list
from operations import AGENT
from recording_server import held, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from recording_server import RecordingServer

    Connect = Callable[..., trillet.AsyncTrillet]

NUMBER = "+12025550164"
LONG = 30_000
SOON = 10.0


def names_of_threads() -> list[str]:
    """What this process runs, by the names that the kernel and Python know."""
    names = [each.name for each in threading.enumerate()]
    for task in Path("/proc/self/task").iterdir():
        try:
            names.append((task / "comm").read_text().strip())
        except OSError:
            continue
    return [name for name in names if name.startswith("trillet")]


@contextmanager
def without_threads() -> Iterator[list[str]]:
    """Looks for threads again and again, in the loop that is running."""
    found: list[str] = []
    loop = asyncio.get_running_loop()
    handle: asyncio.Handle = loop.call_soon(names_of_threads)

    def watch() -> None:
        nonlocal handle
        found.extend(names_of_threads())
        handle = loop.call_later(0.002, watch)

    handle = loop.call_soon(watch)
    try:
        yield found
        found.extend(names_of_threads())
    finally:
        handle.cancel()
    assert found == []


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


async def cancelled(work: Coroutine[Any, Any, Any], once: Callable[[], object]) -> None:
    """Cancels a task that waits since something has happened."""
    task = asyncio.ensure_future(work)
    await until(once)
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("prefetch", [False, True])
def test_no_thread_fetches_pages(
    connect_async: Connect, server: RecordingServer, prefetch: bool
) -> None:
    serve_list(server, "agents", 45)

    async def main() -> list[str]:
        async with connect_async() as client:
            with without_threads():
                items = client.agents.list_all(limit=20, prefetch=prefetch)
                return [agent["_id"] async for agent in items]

    assert asyncio.run(main()) == [f"{number:04}" for number in range(45)]
    assert asked_pages(server) == ["1", "2", "3"]


def test_the_next_page_comes_while_the_caller_reads_this_one(
    connect_async: Connect, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)

    async def main() -> None:
        async with connect_async() as client:
            pages = client.agents.pages(limit=20, prefetch=True)
            await pages.__anext__()
            await until(lambda: len(server.requests) == 2)
            await asyncio.sleep(0.05)
            assert len(server.requests) == 2
            assert len([page async for page in pages]) == 2

    asyncio.run(main())
    assert asked_pages(server) == ["1", "2", "3"]


def test_no_thread_follows_a_batch(connect_async: Connect, server: RecordingServer) -> None:
    FollowedBatch(server, look(0, 2), look(1, 2), look(2, 2, status="completed"))

    async def main() -> trillet.BatchEnd:
        async with connect_async() as client:
            with without_threads():
                return await client.batch_calls.wait("b", min_interval_ms=20)

    end = asyncio.run(main())
    assert (end["endedBy"], end["completed"], end["looks"]) == ("batch", 2, 3)


def test_no_thread_writes_results(
    connect_async: Connect, server: RecordingServer, tmp_path: Path
) -> None:
    file = tmp_path / "results.jsonl"

    async def main() -> list[str]:
        async with connect_async() as client:
            with without_threads():
                FollowedBatch(server, look(120, 250), look(250, 250, status="completed"), calls=250)
                calls = client.batch_calls.results("b", wait=True, min_interval_ms=20)
                ids = [call["jobId"] async for call in calls]
                FollowedBatch(server, look(250, 250, status="completed"), calls=250)
                await client.batch_calls.results("b", file)
                return ids

    assert asyncio.run(main()) == [f"{number:04}" for number in range(250)]
    assert len(file.read_text().splitlines()) == 250


def test_no_thread_drains(connect_async: Connect, server: RecordingServer) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({"callId": "c"})))

    async def main() -> None:
        async with connect_async() as client:
            with without_threads():
                call = asyncio.ensure_future(client.calls.send(AGENT, NUMBER))
                await until(lambda: server.requests)
                asyncio.get_running_loop().call_later(0.1, release.set)
                assert await client.drain(LONG) is True
                assert (await call)["callId"] == "c"

    asyncio.run(main())


def test_a_cancelled_wait_leaves_its_client_usable(
    connect_async: Connect, server: RecordingServer
) -> None:
    batch = FollowedBatch(server, look(0, 2))

    async def main() -> None:
        async with connect_async() as client:
            with without_threads():
                wait = client.batch_calls.wait("b", min_interval_ms=LONG)
                await cancelled(wait, lambda: batch.looked == 1)
                assert batch.looked == 1
                batch.looks.append(look(2, 2, status="completed"))
                assert (await client.batch_calls.wait("b"))["state"] == "completed"

    asyncio.run(main())


def test_cancelled_results_can_be_resumed(
    connect_async: Connect, server: RecordingServer, tmp_path: Path
) -> None:
    batch = FollowedBatch(server, look(120, 250), calls=250)
    file = tmp_path / "results.csv"

    async def main() -> trillet.ResultsEnd:
        async with connect_async() as client:
            with without_threads():
                results = client.batch_calls.results("b", file, wait=True, min_interval_ms=LONG)
                await cancelled(results, lambda: len(server.requests) == 3)
                batch.looks.append(look(250, 250, status="completed"))
                return await client.batch_calls.results("b", file, resume=True)

    end = asyncio.run(main())
    assert (end["written"], end["inFile"], end["isComplete"]) == (130, 250, True)


def test_a_cancelled_page_is_there_for_the_next_task(
    connect_async: Connect, server: RecordingServer
) -> None:
    release = threading.Event()
    serve_list(server, "agents", 3)
    server.script(held(release, json_answer(page_of("agents", 3, 1, 1))))

    async def main() -> list[str]:
        async with connect_async() as client:
            with without_threads():
                pages = client.agents.pages(limit=1)
                await cancelled(pages.__anext__(), lambda: server.requests)
                release.set()
                return [page["agents"][0]["_id"] async for page in pages]

    assert asyncio.run(main()) == ["0000", "0001", "0002"]
    assert asked_pages(server) == ["1", "2", "3"]


def test_a_cancelled_drain_loses_no_answer(connect_async: Connect, server: RecordingServer) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({"callId": "c"})))

    async def main() -> None:
        async with connect_async() as client:
            with without_threads():
                call = asyncio.ensure_future(client.calls.send(AGENT, NUMBER))
                await until(lambda: server.requests)
                await cancelled(client.drain(LONG), lambda: server.requests)
                with pytest.raises(trillet.ClientClosedError):
                    await client.agents.list()
                release.set()
                assert (await asyncio.wait_for(call, SOON))["callId"] == "c"

    asyncio.run(main())


def test_closing_ends_a_wait_at_once(connect_async: Connect, server: RecordingServer) -> None:
    FollowedBatch(server, look(0, 2))

    async def main() -> float:
        client = connect_async()
        wait = asyncio.ensure_future(client.batch_calls.wait("b", min_interval_ms=LONG))
        await until(lambda: server.requests)
        await asyncio.sleep(0.05)
        start = time.monotonic()
        await client.aclose(LONG)
        with pytest.raises(trillet.RequestCancelledError):
            await wait
        return time.monotonic() - start

    assert asyncio.run(main()) < SOON
