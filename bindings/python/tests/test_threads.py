"""How many threads a program has: clients whose engine is "caller" add none."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING

import pytest

from conftest import KEY, ROOT
from followed import FollowedBatch, look
from listing import serve_list
from recording_server import held, json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer

BEGIN = """
import asyncio, logging, os, sys, threading, trillet
from operations import AGENT
KEY, URL = sys.argv[1:]
NUMBER = "+12025550164"

class Counted(logging.Handler):
    def emit(self, record):
        counts.add(threads())

def threads():
    return len(os.listdir("/proc/self/task"))

counts = {threads()}
logger = logging.Logger("counted", logging.DEBUG)
logger.addHandler(Counted())
"""


def most_threads(server: RecordingServer, program: str) -> int:
    """The most threads that a program has seen itself have."""
    source = BEGIN + textwrap.dedent(program) + "\nprint(max(counts))\n"
    arguments = [sys.executable, "-c", source, KEY, server.url]
    places = os.pathsep.join(str(ROOT / "bindings" / "python" / name) for name in ("src", "tests"))
    ended = subprocess.run(
        arguments,
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return int(ended.stdout)


def test_calls_maps_and_the_end_of_an_asyncio_client_need_no_thread(
    server: RecordingServer,
) -> None:
    assert (
        most_threads(
            server,
            """
        async def main():
            async with trillet.AsyncTrillet(KEY, base_url=URL) as client:
                client.log_to(logger)
                await client.calls.send(AGENT, NUMBER)
                await asyncio.gather(*(client.agents.list() for _ in range(50)))
                requests = ({"n": n} for n in range(200))
                async for result in client.map("POST /x", requests, ordered=False):
                    counts.add(threads())
                counts.add(threads())
            counts.add(threads())

        asyncio.run(main())
        """,
        )
        == 1
    )


@pytest.mark.parametrize(
    "work",
    [
        "sending = asyncio.create_task(client.agents.list()); "
        "await asyncio.sleep(0.1); assert await client.drain(5000); await sending",
        "await client.warm(2)",
        "[page async for page in client.agents.pages(limit=20)]",
        "await client.batch_calls.wait('batch_1', min_interval_ms=10)",
    ],
)
def test_what_waits_inside_of_the_library_has_at_most_one_thread_meanwhile(
    work: str, server: RecordingServer
) -> None:
    if "drain" in work:
        release = threading.Event()
        threading.Timer(1, release.set).start()
        server.script(held(release, json_answer({})))
    if "pages" in work:
        serve_list(server, "agents", 45)
    if "batch" in work:
        FollowedBatch(server, look(1, 2), look(2, 2, status="completed"))
    assert (
        most_threads(
            server,
            f"""
        async def watch():
            while True:
                counts.add(threads())
                await asyncio.sleep(0)

        async def main():
            async with trillet.AsyncTrillet(KEY, base_url=URL) as client:
                watching = asyncio.create_task(watch())
                await asyncio.sleep(0.01)
                {work}
                watching.cancel()
                await asyncio.sleep(0.1)
                assert threads() == 1, threads()

        asyncio.run(main())
        """,
        )
        <= 2
    )


def test_a_blocking_client_that_is_driven_needs_no_thread(server: RecordingServer) -> None:
    serve_list(server, "agents", 45)
    assert (
        most_threads(
            server,
            """
        with trillet.Trillet(KEY, base_url=URL, engine="caller") as client:
            client.log_to(logger)
            client.warm(2)
            client.agents.get(AGENT)
            assert len(list(client.agents.list_all(limit=20, prefetch=True))) == 45
            for result in client.map("POST /x", ({"n": n} for n in range(200))):
                counts.add(threads())
            futures = [client.submit("POST /x") for _ in range(20)]
            assert all(future.result(10).status == 200 for future in futures)
            counts.add(threads())
            client.drain()
        counts.add(threads())
        """,
        )
        == 1
    )


def test_a_hundred_driven_clients_are_still_one_thread(server: RecordingServer) -> None:
    server.otherwise = json_answer({})
    assert (
        most_threads(
            server,
            """
        clients = [trillet.Trillet(KEY, base_url=URL, engine="caller") for _ in range(100)]
        futures = [client.submit("POST /x") for client in clients]
        assert all(future.result(10).status == 200 for future in futures)
        counts.add(threads())
        for client in clients:
            client.close()
        """,
        )
        == 1
    )
