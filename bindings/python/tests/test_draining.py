"""Clients that are drained: nothing more starts, and what is being sent ends."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from operations import AGENT
from recording_server import RecordingServer, answer, held, json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NUMBER = "+12025550164"
SENT = 3
WAITING = 5
SOON = 5.0


@pytest.fixture
def release(server: RecordingServer) -> threading.Event:
    """The first requests are answered when this is set."""
    event = threading.Event()
    for _ in range(SENT):
        server.script(held(event, json_answer({"callId": "c"})))
    return event


def ends_of(calls: list[Future[Any]]) -> list[str]:
    """What each call came to: the data it returned, or how it failed."""
    ends = []
    for call in calls:
        error = call.exception(SOON)
        if isinstance(error, trillet.TrilletError):
            ends.append(f"{type(error).__name__} {error.sent}")
        else:
            assert error is None
            ends.append("answered")
    return sorted(ends)


def wait_until_under_way(client: trillet.Trillet, count: int) -> None:
    """A call that has not begun yet would find the client closed."""
    deadline = time.monotonic() + SOON
    while client.stats()["queue"]["inFlight"] < count and time.monotonic() < deadline:
        time.sleep(0.01)


def test_nothing_more_is_dialled_and_what_is_being_sent_ends(
    connect: Callable[..., trillet.Trillet], server: RecordingServer, release: threading.Event
) -> None:
    client = connect(max_connections=SENT)
    with ThreadPoolExecutor(SENT + WAITING + 1) as threads:
        calls = [threads.submit(client.calls.send, AGENT, NUMBER) for _ in range(SENT + WAITING)]
        server.wait_for(SENT)
        wait_until_under_way(client, SENT + WAITING)
        drained = threads.submit(client.drain, 10_000)
        deadline = time.monotonic() + SOON
        while sum(call.done() for call in calls) < WAITING and time.monotonic() < deadline:
            time.sleep(0.01)
        release.set()
        assert drained.result(SOON) is True
        ends = ends_of(calls)
    assert ends == ["RequestCancelledError no"] * WAITING + ["answered"] * SENT
    assert len(server.requests) == SENT


def test_what_does_not_end_in_time_is_cancelled(
    connect: Callable[..., trillet.Trillet], server: RecordingServer, release: threading.Event
) -> None:
    client = connect(max_connections=SENT)
    with ThreadPoolExecutor(SENT + WAITING) as threads:
        calls = [threads.submit(client.calls.send, AGENT, NUMBER) for _ in range(SENT + WAITING)]
        server.wait_for(SENT)
        wait_until_under_way(client, SENT + WAITING)
        assert client.drain(50) is False
        ends = ends_of(calls)
    release.set()
    assert ends.count("RequestCancelledError maybe") == SENT
    assert ends.count("RequestCancelledError no") == WAITING
    assert len(server.requests) == SENT


def test_a_drained_client_takes_no_call_and_closes_at_once(client: trillet.Trillet) -> None:
    client.agents.list()
    assert client.drain() is True
    assert client.drain() is True
    with pytest.raises(trillet.ClientClosedError):
        client.agents.list()
    with pytest.raises(trillet.ClientClosedError):
        client.warm()
    assert client.close() is True


def test_a_map_ends_with_what_was_cancelled(
    connect: Callable[..., trillet.Trillet], server: RecordingServer, release: threading.Event
) -> None:
    client = connect(max_connections=SENT)
    requests = ({"agentId": AGENT, "toNumber": NUMBER} for _ in range(SENT + WAITING))
    with ThreadPoolExecutor(1) as threads:
        results = threads.submit(list, client.map("calls.send", requests))
        server.wait_for(SENT)
        assert client.drain(50) is False
        release.set()
        errors = [result.error for result in results.result(SOON)]
    kinds = sorted((type(error).__name__, error.sent) for error in errors if error)
    assert kinds[:SENT] == [("RequestCancelledError", "maybe")] * SENT
    assert {sent for _, sent in kinds[SENT:]} == {"no"}
    assert len(server.requests) == SENT


def test_an_attempt_that_fails_meanwhile_is_not_repeated(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    client = connect(max_retries=3)
    release = threading.Event()
    server.script(held(release, answer(503, "{}", {})))
    with ThreadPoolExecutor(2) as threads:
        call = threads.submit(client.agents.list)
        server.wait_for(1)
        drained = threads.submit(client.drain, 10_000)
        time.sleep(0.3)
        release.set()
        assert drained.result(SOON) is True
        assert isinstance(call.exception(SOON), trillet.TrilletError)
    assert len(server.requests) == 1


@pytest.mark.parametrize("timeout", ["5", 1.5, None, True])
def test_a_timeout_of_another_type_is_refused(client: trillet.Trillet, timeout: object) -> None:
    with pytest.raises(TypeError, match="drain"):
        client.drain(timeout)  # type: ignore[arg-type]


def test_asyncio_results_tell_what_was_sent(
    connect_async: Callable[..., trillet.AsyncTrillet],
    server: RecordingServer,
    release: threading.Event,
) -> None:
    async def main() -> list[str]:
        async with connect_async(max_connections=SENT, max_retries=0) as client:
            calls = [
                asyncio.ensure_future(client.calls.send(AGENT, NUMBER))
                for _ in range(SENT + WAITING)
            ]
            while len(server.requests) < SENT:
                await asyncio.sleep(0.01)
            assert await client.drain(50) is False
            results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), SOON)
            with pytest.raises(trillet.ClientClosedError):
                await client.agents.list()
        return [getattr(result, "sent", "answered") for result in results]

    ends = asyncio.run(main())
    release.set()
    assert sorted(ends) == ["maybe"] * SENT + ["no"] * WAITING
    assert len(server.requests) == SENT


def test_asyncio_requests_that_are_being_sent_end(
    connect_async: Callable[..., trillet.AsyncTrillet],
    server: RecordingServer,
    release: threading.Event,
) -> None:
    async def main() -> None:
        async with connect_async() as client:
            calls = [asyncio.ensure_future(client.calls.send(AGENT, NUMBER)) for _ in range(SENT)]
            while len(server.requests) < SENT:
                await asyncio.sleep(0.01)
            asyncio.get_running_loop().call_later(0.1, release.set)
            assert await client.drain(10_000) is True
            assert await asyncio.gather(*calls) == [{"callId": "c"}] * SENT

    asyncio.run(main())


def test_an_unused_client_is_drained_at_once(
    connect_async: Callable[..., trillet.AsyncTrillet],
) -> None:
    async def main() -> None:
        async with connect_async() as client:
            assert await client.drain() is True

    asyncio.run(main())


ENDS = ["drain", "close"]


@pytest.mark.parametrize("end", ENDS)
def test_a_signal_handler_may_end_the_client_of_the_call_that_it_interrupts(
    client: trillet.Trillet, server: RecordingServer, end: str
) -> None:
    server.script(silence())
    with alarm(lambda: getattr(client, end)(300)), pytest.raises(trillet.TrilletError) as caught:
        client.calls.send(AGENT, NUMBER)
    assert isinstance(caught.value, trillet.RequestCancelledError)
    assert caught.value.sent == "maybe"
    with pytest.raises(trillet.ClientClosedError):
        client.agents.list()


@pytest.mark.parametrize("end", ENDS)
def test_a_call_whose_signal_handler_ended_the_client_is_answered_in_its_time(
    client: trillet.Trillet, server: RecordingServer, release: threading.Event, end: str
) -> None:
    def stop() -> None:
        assert getattr(client, end)(20_000) is True
        release.set()

    with alarm(stop):
        assert client.calls.send(AGENT, NUMBER)["callId"] == "c"


@contextmanager
def alarm(action: Callable[[], object]) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, lambda *_: action())
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_program_ends_although_a_cancelled_drain_goes_on(
    connect_async: Callable[..., trillet.AsyncTrillet], server: RecordingServer
) -> None:
    server.script(silence())

    async def main() -> None:
        client = connect_async()
        call = asyncio.ensure_future(client.calls.send(AGENT, NUMBER))
        while not server.requests:
            await asyncio.sleep(0.01)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.drain(-1), 0.1)
        await client.aclose(0)
        with pytest.raises(trillet.TrilletError):
            await call

    start = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - start < SOON
