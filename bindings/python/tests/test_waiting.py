"""Following a batch to its end, blocking and for asyncio."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from conftest import KEY
from followed import FollowedBatch, look
from listing import page_of
from recording_server import json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer

    Connect = Callable[..., trillet.Trillet]
    ConnectAsync = Callable[..., trillet.AsyncTrillet]

LONG = 30_000


def test_the_last_state_is_returned(client: trillet.Trillet, server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 2), look(2, 2, status="completed"))
    end = client.batch_calls.wait("batch_1", min_interval_ms=10)
    assert (end["batchId"], end["state"], end["endedBy"]) == ("batch_1", "completed", "batch")
    assert (end["completed"], end["total"], end["looks"]) == (2, 2, 2)
    assert end["averageCallDuration"] == 33.5


def test_progress_is_told_of_each_look_on_the_thread_that_waits(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    FollowedBatch(server, look(0, 2), look(1, 2), look(2, 2, status="completed"))
    told: list[Any] = []
    threads = set()

    def progress(update: trillet.BatchProgressUpdate) -> None:
        told.append(update["completed"])
        threads.add(threading.current_thread())

    client.batch_calls.wait("batch_1", progress=progress, min_interval_ms=10)
    assert told == [0, 1, 2]
    assert threads == {threading.current_thread()}


def test_progress_may_end_the_wait(client: trillet.Trillet, server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 2))
    end = client.batch_calls.wait("batch_1", progress=lambda update: update["completed"] == 1)
    assert (end["endedBy"], end["state"]) == ("progress", "running")


def test_what_progress_raises_ends_the_wait_and_is_raised(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    batch = FollowedBatch(server, look(1, 2))

    def progress(update: object) -> None:
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        client.batch_calls.wait("batch_1", progress=progress, min_interval_ms=10)
    time.sleep(0.1)
    assert batch.looked == 1
    assert client.close(0)


def test_the_deadline_comes_in_time_with_the_last_state(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    FollowedBatch(server, look(1, 2))
    started = time.monotonic()
    with pytest.raises(trillet.RequestTimeoutError) as raised:
        client.batch_calls.wait("batch_1", deadline_ms=300, min_interval_ms=LONG)
    assert 0.2 < time.monotonic() - started < 2
    body: Any = raised.value.body
    assert body["completed"] == 1
    assert raised.value.operation == "batch_calls.wait"


def test_a_batch_that_does_not_move_is_stuck(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    FollowedBatch(server, look(1, 2))
    end = client.batch_calls.wait("b", stuck_ms=50, stop_when_stuck=True, min_interval_ms=20)
    assert (end["endedBy"], end["state"]) == ("stuck", "stuck")


def test_a_batch_that_is_not_there_is_told(connect: Connect, sandbox: dict[str, Any]) -> None:
    client = connect(base_url=sandbox["url"])
    with pytest.raises(trillet.NotFoundError):
        client.batch_calls.wait("batch_0")


def test_fields_are_checked_before_anything_is_sent(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    with pytest.raises(trillet.InvalidArgumentError) as raised:
        client.batch_calls.wait("batch_1", min_interval_ms=0)
    assert raised.value.field == "minIntervalMs"
    assert server.requests == []


def test_closing_the_client_ends_the_wait(client: trillet.Trillet, server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 2))
    threading.Timer(0.2, client.close).start()
    started = time.monotonic()
    with pytest.raises(trillet.RequestCancelledError):
        client.batch_calls.wait("batch_1", min_interval_ms=LONG)
    assert time.monotonic() - started < 3


def test_progress_may_use_the_client(client: trillet.Trillet, server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 2), calls=2)
    found: list[Any] = []

    def progress(update: object) -> bool:
        found.extend(client.batch_calls.list_all_calls("batch_1"))
        return True

    client.batch_calls.wait("batch_1", progress=progress)
    assert len(found) == 2


INTERRUPTED = """
import sys, time, trillet
client = trillet.Trillet(sys.argv[1], "w", base_url=sys.argv[2], env=False)
def progress(update):
    print("told", flush=True)
try:
    client.batch_calls.wait("batch_1", min_interval_ms=30000, progress=progress)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("is_answered", [True, False])
def test_ctrl_c_ends_the_wait_within_a_second(server: RecordingServer, is_answered: bool) -> None:
    FollowedBatch(server, look(1, 2))
    if not is_answered:
        server.script(silence())
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, KEY, server.url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    if is_answered:
        assert process.stdout.readline() == "told\n"
    else:
        server.wait_for(1)
    time.sleep(0.1)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    assert time.monotonic() - started < 1
    assert process.wait(5) == 0
    assert time.monotonic() - started < 3


def test_a_task_awaits_the_end(connect_async: ConnectAsync, server: RecordingServer) -> None:
    FollowedBatch(server, look(0, 2), look(1, 2), look(2, 2, status="completed"))
    told: list[Any] = []

    async def progress(update: trillet.BatchProgressUpdate) -> None:
        await asyncio.sleep(0)
        told.append(update["completed"])

    async def main() -> trillet.BatchEnd:
        async with connect_async() as client:
            return await client.batch_calls.wait("b", progress=progress, min_interval_ms=10)

    end = asyncio.run(main())
    assert (end["state"], end["endedBy"]) == ("completed", "batch")
    assert told == [0, 1, 2]


def test_a_task_that_is_cancelled_waits_no_more(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    batch = FollowedBatch(server, look(1, 2))

    async def main() -> float:
        async with connect_async() as client:
            waiting = asyncio.create_task(client.batch_calls.wait("b", min_interval_ms=50))
            while not batch.looked:
                await asyncio.sleep(0.01)
            started = time.monotonic()
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            took = time.monotonic() - started
            await asyncio.sleep(0.1)
            looked = batch.looked
            await asyncio.sleep(0.3)
            assert batch.looked == looked
            return took

    assert asyncio.run(main()) < 0.5


def test_what_progress_raises_in_a_task_is_raised_there(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    FollowedBatch(server, look(1, 2))

    def progress(update: object) -> None:
        raise LookupError("no")

    async def main() -> None:
        async with connect_async() as client:
            await client.batch_calls.wait("b", progress=progress)

    with pytest.raises(LookupError):
        asyncio.run(main())


def test_many_batches_are_awaited_at_once(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    FollowedBatch(server, *[look(1, 2)] * 20, look(2, 2, status="completed"))

    async def main() -> list[trillet.BatchEnd]:
        async with connect_async() as client:
            waits = (client.batch_calls.wait(f"b{n}", min_interval_ms=10) for n in range(20))
            return await asyncio.gather(*waits)

    assert {end["state"] for end in asyncio.run(main())} == {"completed"}


def test_no_thread_is_left_behind(client: trillet.Trillet, server: RecordingServer) -> None:
    FollowedBatch(server, look(2, 2, status="completed"))
    client.batch_calls.wait("batch_1")
    end = time.monotonic() + 5
    while any(each.name == "trillet-follow" for each in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)


LEFT_OPEN = """
import sys, trillet
client = trillet.Trillet(sys.argv[1], "w", base_url=sys.argv[2], env=False)
results = client.batch_calls.results("batch_1", wait=True)
print(next(results)["jobId"])
"""


def test_a_program_ends_while_results_are_half_read(server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 2), calls=2)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", LEFT_OPEN, KEY, server.url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0000\n", "")
    assert time.monotonic() - started < 5


FORKED = """
import os, sys, trillet
client = trillet.Trillet(sys.argv[1], "w", base_url=sys.argv[2], env=False)
def progress(update):
    return True
client.batch_calls.wait("batch_1", progress=progress)
pages = client.agents.pages(limit=1)
next(pages)
child = os.fork()
if child == 0:
    for ask in (lambda: client.batch_calls.wait("batch_1"), lambda: next(pages)):
        try:
            ask()
        except trillet.ForkedError:
            print("forked", flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_forked_process_is_told_so(server: RecordingServer) -> None:
    batch = FollowedBatch(server, look(1, 2), calls=2)
    answered = server.respond
    assert answered is not None
    server.respond = lambda request: (
        json_answer(page_of("agents", 3, 1, 1)) if "/agents" in request.path else answered(request)
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED, KEY, server.url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "forked\nforked\n"), done
    assert batch.looked == 1
