"""Clients for asyncio over time: closed, forgotten, in other loops, threads and processes."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import KEY
from operations import AGENT
from recording_server import RecordingServer, held, json_answer, silence
from test_lifecycle import in_a_child

if TYPE_CHECKING:
    from collections.abc import Callable

    Connect = Callable[..., trillet.AsyncTrillet]


def io_threads() -> int:
    """How many threads of the library this process has."""
    names = []
    for task in os.listdir("/proc/self/task"):
        try:
            names.append(Path(f"/proc/self/task/{task}/comm").read_text().strip())
        except OSError:
            continue
    return names.count("trillet-io")


def test_a_with_block_closes_its_client(connect_async: Connect, server: RecordingServer) -> None:
    async def main() -> trillet.AsyncTrillet:
        async with connect_async() as client:
            await client.agents.list()
            assert io_threads() == 0
        return client

    client = asyncio.run(main())
    assert client.closed
    assert "closed" in repr(client)
    assert io_threads() == 0
    assert client.stats()["total"]["calls"] == 1


def test_a_closed_client_takes_no_calls(connect_async: Connect, server: RecordingServer) -> None:
    async def main() -> None:
        used, unused = connect_async(), connect_async()
        await used.agents.list()
        for client in (used, unused):
            assert await client.aclose()
            assert await client.aclose()
            with pytest.raises(trillet.ClientClosedError) as caught:
                await client.agents.get(AGENT)
            assert (caught.value.operation, caught.value.sent) == ("agents.get", "no")

    asyncio.run(main())
    assert len(server.requests) == 1


def test_closing_waits_for_running_calls_and_refuses_new_ones(
    connect_async: Connect, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({"callId": "c"})))

    async def main() -> None:
        client = connect_async()
        running = asyncio.create_task(client.calls.send(AGENT, "+12025550164"))
        while not server.requests:
            await asyncio.sleep(0.005)
        closing = asyncio.create_task(client.aclose(10_000))
        await asyncio.sleep(0)
        with pytest.raises(trillet.ClientClosedError):
            await client.agents.list()
        also_closing = asyncio.create_task(client.aclose())
        await asyncio.sleep(0)
        assert not closing.done()
        release.set()
        assert await running == {"callId": "c"}
        assert await closing is True
        assert await also_closing is True

    asyncio.run(main())


def test_closing_cancels_running_calls_when_the_time_is_up(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(silence(), silence())

    async def main() -> None:
        for timeout in (0, 20):
            client = connect_async()
            running = asyncio.create_task(client.calls.send(AGENT, "+12025550164"))
            while not running.done() and len(server.requests) < 1 + bool(timeout):
                await asyncio.sleep(0.005)
            assert await client.aclose(timeout) is False
            with pytest.raises(trillet.RequestCancelledError) as caught:
                await running
            assert caught.value.sent == "maybe"

    asyncio.run(main())


def test_a_cancelled_aclose_still_closes(connect_async: Connect, server: RecordingServer) -> None:
    server.script(silence())

    async def main() -> None:
        client = connect_async()
        running = asyncio.create_task(client.call("GET /slow"))
        while not server.requests:
            await asyncio.sleep(0.005)
        closing = asyncio.create_task(client.aclose(60_000))
        await asyncio.sleep(0.01)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert client.closed
        with pytest.raises(trillet.RequestCancelledError):
            await running

    asyncio.run(main())
    assert io_threads() == 0


def test_many_event_loops_one_after_another(
    connect_async: Connect, server: RecordingServer
) -> None:
    async def main() -> int:
        async with connect_async() as client:
            return (await client.call("GET /x")).status

    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        assert asyncio.run(main()) == 200
    # The recording server's ends close a moment after the client's.
    for channel in list(server._threads)[1:]:
        channel.join(10)
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 2
    assert io_threads() == 0


def test_many_event_loops_at_the_same_time(connect_async: Connect, server: RecordingServer) -> None:
    async def main() -> int:
        async with connect_async() as client:
            calls = [client.call("GET /x") for _ in range(10)]
            return sum(response.status == 200 for response in await asyncio.gather(*calls))

    with ThreadPoolExecutor(4) as pool:
        loops = [pool.submit(asyncio.run, main()) for _ in range(4)]
        assert [loop.result(20) for loop in loops] == [10] * 4


def test_a_client_belongs_to_the_loop_it_was_used_in_first(
    connect_async: Connect, server: RecordingServer
) -> None:
    client = connect_async()

    async def use() -> int:
        return (await client.call("GET /x")).status

    assert asyncio.run(use()) == 200
    with pytest.raises(RuntimeError, match="belongs to another event loop"):
        asyncio.run(use())

    async def map_it() -> None:
        async for _ in client.map("GET /x", [{}]):
            pass

    with pytest.raises(RuntimeError, match="belongs to another event loop"):
        asyncio.run(map_it())
    assert asyncio.run(client.aclose())
    assert client.closed
    assert len(server.requests) == 1


def test_a_client_needs_a_running_loop(connect_async: Connect) -> None:
    client = connect_async()
    with pytest.raises(RuntimeError, match="asyncio only; await this in a task"):
        client.call("GET /x").send(None)
    asyncio.run(client.aclose())


@pytest.mark.parametrize("place", ["in the loop", "after the loop", "in another thread"])
def test_a_forgotten_client_warns_and_goes(
    place: str, connect_async: Connect, server: RecordingServer
) -> None:
    kept: list[trillet.AsyncTrillet] = []

    async def main() -> None:
        kept.append(connect_async())
        await kept[0].call("GET /x")
        if place == "in the loop":
            kept.clear()
        elif place == "in another thread":
            with ThreadPoolExecutor(1) as pool:
                pool.submit(kept.clear).result(10)
            while io_threads():
                await asyncio.sleep(0.005)

    def run() -> None:
        asyncio.run(main())
        kept.clear()
        gc.collect()

    with pytest.warns(ResourceWarning, match="was not closed: use 'async with'"):
        run()
    assert io_threads() == 0


def test_a_forgotten_client_does_not_disturb_its_loop(
    connect_async: Connect, server: RecordingServer
) -> None:
    complaints: list[object] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
        for _ in range(10):
            client = connect_async()
            await client.call("GET /x")
            del client
            # Whatever descriptor was free is in use again, and must not be watched.
            reading, writing = os.pipe()
            os.write(writing, b"x")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            os.close(reading)
            os.close(writing)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        asyncio.run(main())
    assert complaints == []
    assert io_threads() == 0


def test_a_client_that_is_forgotten_with_a_call_under_way_goes_too(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(silence())

    def run() -> None:
        loop = asyncio.new_event_loop()
        client = connect_async()
        task = loop.create_task(client.call("GET /slow"))
        while not server.requests:
            loop.run_until_complete(asyncio.sleep(0.005))
        assert not task.done()
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        loop.close()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        run()
        gc.collect()
    assert io_threads() == 0


PROGRAMS = {
    "open": "await client.call('GET /x'); kept.append(client)",
    "with a call under way": (
        "kept.append(asyncio.create_task(client.call('GET /x')));"
        "kept.append(client); await asyncio.sleep(0.05)"
    ),
    "with a log": "client.log_to(logging.getLogger(), 'DEBUG'); kept.append(client)",
}


@pytest.mark.parametrize("state", PROGRAMS)
def test_a_program_ends_well_with_a_client(state: str, server: RecordingServer) -> None:
    program = (
        "import asyncio, logging, sys, trillet\n"
        "kept = []\n"
        "async def main():\n"
        f"    client = trillet.AsyncTrillet({KEY!r}, base_url={server.url!r})\n"
        f"    {PROGRAMS[state]}\n"
        "asyncio.run(main())\n"
        "print('ended')\n"
    )
    source = str(Path(trillet.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_child_is_told_to_make_its_own_client(
    connect_async: Connect, server: RecordingServer
) -> None:
    used, unused = connect_async(), connect_async()

    async def use() -> None:
        await used.call("GET /x")

    loop = asyncio.new_event_loop()
    loop.run_until_complete(use())

    def call() -> str:
        told = []
        for client in (used, unused):
            try:
                asyncio.run(client.call("GET /child"))
            except trillet.ForkedError as error:
                told.append(f"{error.type} {error.sent}")
        return ", ".join(told)

    assert in_a_child(call) == "forked no, forked no"
    loop.run_until_complete(use())
    loop.run_until_complete(used.aclose())
    loop.run_until_complete(unused.aclose())
    loop.close()
    assert len(server.requests) == 2


def test_it_works_under_uvloop(connect_async: Connect, server: RecordingServer) -> None:
    uvloop = pytest.importorskip("uvloop")

    async def main() -> int:
        async with connect_async() as client:
            calls = [client.call("GET /x") for _ in range(50)]
            return sum(response.status == 200 for response in await asyncio.gather(*calls))

    loop = uvloop.new_event_loop()
    try:
        assert loop.run_until_complete(main()) == 50
    finally:
        loop.close()


def test_a_pickled_client_is_opened_anew(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pickle

    monkeypatch.setenv("TRILLET_API_KEY", KEY)

    async def main() -> int:
        async with trillet.AsyncTrillet(base_url=server.url) as client:
            opened = pickle.loads(pickle.dumps(client))
        async with opened:
            return int((await opened.call("GET /x")).status)

    assert asyncio.run(main()) == 200


def test_under_trio_it_says_what_to_use_there(connect_async: Connect) -> None:
    trio = pytest.importorskip("trio")
    client = connect_async()

    async def main() -> None:
        await client.agents.list()

    with pytest.raises(RuntimeError, match=r"asyncio only; under trio use trio\.to_thread"):
        trio.run(main)
    with pytest.raises(RuntimeError, match="asyncio only; await this in a task"):
        client.agents.list().send(None)
    asyncio.run(client.aclose())


def test_trio_calls_the_other_client_on_a_thread(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    trio = pytest.importorskip("trio")
    client = connect()

    async def main() -> object:
        return await trio.to_thread.run_sync(client.call, "GET /echo")

    assert trio.run(main).data == {}
