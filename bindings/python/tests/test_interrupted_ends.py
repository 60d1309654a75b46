"""Signal handlers that raise while a client ends: what runs is cancelled, and it ends soon."""

from __future__ import annotations

import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from driving import wait_for
from operations import AGENT
from recording_server import RecordingServer, silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NUMBER = "+12025550164"
# The promise is 0.3 s; the rest is for a machine that is busy.
SOON = 1.5


class Stop(BaseException):
    """What a handler raises."""


def stop(_number: int, _frame: object) -> None:
    raise Stop


@contextmanager
def alarm(seconds: float, handler: Callable[[int, Any], object] = stop) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def close(client: trillet.Trillet) -> None:
    client.close(20_000)


def drain(client: trillet.Trillet) -> None:
    client.drain(20_000)


def leave(client: trillet.Trillet) -> None:
    with client:
        pass


def call(client: trillet.Trillet, threads: ThreadPoolExecutor) -> Future[Any]:
    return threads.submit(client.calls.send, AGENT, NUMBER)


def submit(client: trillet.Trillet, _threads: ThreadPoolExecutor) -> Future[Any]:
    return client.submit("calls.send", {"agentId": AGENT, "toNumber": NUMBER})


@pytest.mark.parametrize("begin", [call, submit])
@pytest.mark.parametrize("end", [close, drain, leave])
def test_a_handler_that_raises_ends_it_and_what_runs_may_have_been_done(
    client: trillet.Trillet,
    server: RecordingServer,
    begin: Callable[[trillet.Trillet, ThreadPoolExecutor], Future[Any]],
    end: Callable[[trillet.Trillet], None],
) -> None:
    server.script(silence())
    with ThreadPoolExecutor(1) as threads:
        running = begin(client, threads)
        wait_for(server, 1, meanwhile=running.done)
        start = time.monotonic()
        with alarm(0.3), pytest.raises(Stop):
            end(client)
        assert time.monotonic() - start < 0.3 + SOON
        error = running.exception(SOON)
    assert isinstance(error, trillet.RequestCancelledError)
    assert error.sent == "maybe"


def test_a_handler_that_raises_nothing_leaves_the_calls_their_time(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    seen: list[int] = []
    server.script(silence())
    with ThreadPoolExecutor(1) as threads:
        call(client, threads)
        server.wait_for(1)
        start = time.monotonic()
        with alarm(0.1, lambda number, _frame: seen.append(number)):
            assert client.close(800) is False
        assert time.monotonic() - start >= 0.8
    assert seen == [signal.SIGALRM]


@pytest.mark.parametrize("end", [close, drain])
def test_a_second_signal_ends_what_a_handler_ends_within_a_call(
    client: trillet.Trillet, server: RecordingServer, end: Callable[[trillet.Trillet], None]
) -> None:
    ended: list[float] = []

    def ending(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        try:
            end(client)
        finally:
            ended.append(time.monotonic())

    for _ in range(2):
        server.script(silence())
    with ThreadPoolExecutor(1) as threads:
        other = call(client, threads)
        server.wait_for(1)
        start = time.monotonic()
        with alarm(0.3, ending), pytest.raises(Stop):
            client.calls.send(AGENT, NUMBER)
        assert ended[0] - start < 0.6 + SOON
        assert time.monotonic() - start < 0.6 + 2 * SOON
        assert isinstance(other.exception(SOON), trillet.RequestCancelledError)
