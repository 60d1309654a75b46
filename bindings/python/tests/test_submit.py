"""Single requests as futures, beside everything else on the same client."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import weakref
from concurrent.futures import Future, as_completed
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import ENGINE
from driving import wait_for
from operations import AGENT
from recording_server import RecordingServer, held, json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable

SEND = {"agentId": AGENT, "toNumber": "+12025550164"}


def test_a_future_has_the_response_or_the_error(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({"callId": "c1"}), json_answer({"error": "Agent not found"}, 404))
    future = client.submit("calls.send", SEND)
    assert isinstance(future, Future)
    response = future.result(10)
    assert (response.data, response.status) == ({"callId": "c1"}, 200)
    assert isinstance(
        client.submit("agents.get", {"agentId": AGENT}).exception(10), trillet.NotFoundError
    )


def test_a_program_waits_in_slices(client: trillet.Trillet, server: RecordingServer) -> None:
    release = threading.Event()
    server.script(held(release, json_answer("late")))
    future = client.submit("GET /late")
    with pytest.raises(NotYet):
        future.result(0.05)
    assert not future.done()
    release.set()
    assert future.result(10).data == "late"


def test_a_cancelled_future_still_says_what_became_of_the_request(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    future = client.submit("calls.send", SEND)
    wait_for(server, 1, meanwhile=future.done)
    assert future.cancel() is False
    error = future.exception(10)
    assert isinstance(error, trillet.RequestCancelledError)
    assert error.sent == "maybe"
    assert error.look_for
    assert future.cancel() is False


def test_futures_and_maps_share_a_client(client: trillet.Trillet) -> None:
    futures: list[Future[trillet.Response]] = []

    def submit() -> None:
        futures.extend(client.submit("POST /echo", {"n": n}) for n in range(200))

    thread = threading.Thread(target=submit)
    thread.start()
    results = list(client.map("POST /echo", ({"n": n} for n in range(400)), ordered=False))
    thread.join()
    assert len(results) == 400
    assert all(result.ok for result in results)
    ended = as_completed(futures, 20) if ENGINE == "thread" else futures
    assert sum(1 for future in ended if future.result(20).status == 200) == 200


def test_a_future_inside_a_running_map_is_not_held_up(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    results = client.map("GET /slow", [{}])
    thread = threading.Thread(target=lambda: next(results))
    thread.start()
    server.wait_for(1)
    start = time.monotonic()
    assert client.submit("GET /quick").result(10).status == 200
    assert time.monotonic() - start < 3
    client.close(0)
    thread.join(10)


def test_closing_ends_futures(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(silence())
    future = client.submit("calls.send", SEND)
    wait_for(server, 1, meanwhile=future.done)
    client.close(0)
    error = future.exception(10)
    assert isinstance(error, trillet.TrilletError)
    assert error.sent == "maybe"
    with pytest.raises(trillet.ClientClosedError):
        client.submit("calls.send", SEND)


def test_a_forgotten_client_answers_its_futures(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    future = trillet.Trillet("k", "w", base_url=server.url).submit("GET /echo")
    gc.collect()
    assert future.result(10).status == 200


def test_a_client_that_made_futures_goes_without_the_garbage_collector(
    server: RecordingServer,
) -> None:
    gc.disable()
    try:
        client = trillet.Trillet("k", "w", base_url=server.url)
        client.submit("GET /echo").result(10)
        forgotten = weakref.ref(client)
        del client
        end = time.monotonic() + 10
        # The thread that read the answer ends a moment after it.
        while forgotten() is not None and time.monotonic() < end:
            time.sleep(0.01)
        assert forgotten() is None
    finally:
        gc.enable()


def test_a_future_in_a_forked_process_does_not_wait_for_ever(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    future = client.submit("GET /slow")
    wait_for(server, 1, meanwhile=future.done)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            future.result(10)
        except trillet.ForkedError:
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    future.cancel()
    assert future.exception(10)


@pytest.mark.skipif(ENGINE == "caller", reason="the event loop does not drive the client")
def test_a_task_awaits_a_future(client: trillet.Trillet, server: RecordingServer) -> None:
    async def main() -> object:
        return (await asyncio.wrap_future(client.submit("GET /echo"))).data

    assert asyncio.run(main()) == {}


def test_a_mistake_in_the_request_is_raised_or_ends_the_future(client: trillet.Trillet) -> None:
    error = client.submit("calls.send", {"agentId": AGENT, "toNumber": "12"}).exception(10)
    assert isinstance(error, trillet.InvalidArgumentError)
    assert error.sent == "no"


def test_no_thread_is_left_when_no_future_is_under_way(client: trillet.Trillet) -> None:
    client.submit("GET /echo").result(10)
    end = time.monotonic() + 10
    while any(thread.name == "trillet-futures" for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)
