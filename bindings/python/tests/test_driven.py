"""The blocking client without a thread of its own: whoever waits drives."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import pickle
import signal
import sys
import threading
import time
import weakref
from concurrent.futures import TimeoutError as NotYet
from concurrent.futures import as_completed
from concurrent.futures import wait as wait_for_all
from typing import TYPE_CHECKING

import pytest

import trillet
from followed import FollowedBatch, look
from operations import AGENT
from recording_server import held, json_answer, silence
from test_lifecycle import in_a_child
from test_log import Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recording_server import RecordingServer

    Connect = Callable[..., trillet.Trillet]


@pytest.fixture
def client(connect: Connect) -> trillet.Trillet:
    return connect(engine="caller")


def test_an_engine_that_does_not_exist_is_refused(connect: Connect) -> None:
    with pytest.raises(trillet.ConfigurationError, match="engine") as caught:
        connect(engine="steam")
    assert caught.value.field == "engine"


def test_the_engine_goes_with_a_pickle(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRILLET_API_KEY", "sandbox-key")
    with trillet.Trillet(base_url=server.url, engine="caller") as client:
        copy = pickle.loads(pickle.dumps(client))
    with copy:
        future = copy.submit("POST /x")
        with pytest.raises(RuntimeError, match="engine='caller'"):
            wait_for_all([future], 10)
        assert future.result(10).status == 200


# MARK: Futures


def test_a_program_that_only_asks_whether_a_future_is_done_drives_it(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    future = client.submit("calls.send", {"agentId": AGENT, "toNumber": "+12025550164"})
    end = time.monotonic() + 10
    while not future.done():
        assert time.monotonic() < end
        time.sleep(0.001)
    assert future.result(0).status == 200
    assert not future.running()


def test_a_future_whose_time_is_up_can_be_asked_again(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer("late")))
    future = client.submit("GET /late")
    began = time.monotonic()
    with pytest.raises(NotYet):
        future.result(0.25)
    assert 0.25 <= time.monotonic() - began < 2
    release.set()
    assert future.result().data == "late"


def test_waiting_for_several_futures_at_once_is_refused_and_not_endless(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    futures = [client.submit("POST /x") for _ in range(3)]
    with pytest.raises(RuntimeError, match=r"use result\(\) of each future, or map"):
        wait_for_all(futures, 10)
    with pytest.raises(RuntimeError, match="engine='caller'"):
        next(as_completed(futures, 10))
    assert [future.result(10).status for future in futures] == [200] * 3
    assert len(wait_for_all(futures, 10).done) == 3


def test_a_task_that_would_await_a_future_for_ever_is_told(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({})))

    async def main() -> None:
        future = client.submit("POST /x")
        with pytest.raises(RuntimeError, match="use AsyncTrillet"):
            asyncio.wrap_future(future)
        release.set()
        future.result(10)
        assert (await asyncio.wrap_future(future)).status == 200

    asyncio.run(main())


def test_a_callback_of_a_future_runs_on_the_thread_that_waits(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    threads = []
    first, second = client.submit("POST /a"), client.submit("POST /b")
    for future in (first, second):
        future.add_done_callback(lambda _: threads.append(threading.current_thread()))
    first.add_done_callback(lambda _: second.result(10))
    first.result(10)
    assert second.result(10).status == 200
    assert threads == [threading.current_thread()] * 2


def test_many_threads_wait_for_futures_of_one_client(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    futures = [client.submit("POST /x", {"n": n}) for n in range(200)]
    failures: list[object] = []

    def work(part: int) -> None:
        try:
            for future in futures[part::4]:
                assert future.result(20).status == 200
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    results = list(client.map("POST /y", ({"n": n} for n in range(200)), ordered=False))
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert sum(result.ok for result in results) == 200


def test_a_thread_that_waits_goes_on_when_the_one_that_drove_has_its_answer(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    quick, slow = threading.Event(), threading.Event()
    server.respond = lambda request: held(slow if "slow" in request.path else quick, json_answer(1))
    first, second = client.submit("GET /quick"), client.submit("GET /slow")
    driving = threading.Thread(target=first.result, args=(10,))
    driving.start()
    server.wait_for(2)
    threading.Timer(0.1, quick.set).start()
    threading.Timer(0.3, slow.set).start()
    assert second.result(10).data == 1
    driving.join(10)
    assert first.done()


def test_futures_keep_their_answers_when_the_client_closes(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(*[json_answer(1) for _ in range(100)])
    server.otherwise = silence()
    futures = [client.submit("POST /x", {"n": n}) for n in range(100)]
    results = client.map("POST /y", ({"n": n} for n in range(100)), max_in_flight=100)
    assert next(results).ok or True
    stuck = client.submit("POST /z")
    assert not client.close(300)
    ended = [future.exception(10) for future in futures]
    assert all(e is None or isinstance(e, trillet.RequestCancelledError) for e in ended)
    assert sum(e is None for e in ended) >= 1
    assert isinstance(stuck.exception(10), trillet.RequestCancelledError)


def test_a_future_of_a_client_that_nobody_has_any_more_still_ends(
    connect: Connect, server: RecordingServer
) -> None:
    client = trillet.Trillet("sandbox-key", base_url=server.url, engine="caller")
    future = client.submit("POST /x")
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None
    assert future.result(10).status == 200


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_future_in_a_forked_child_says_so(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    future = client.submit("POST /x")

    def ask() -> str:
        future.result(10)
        return "no error"

    assert in_a_child(ask).startswith("ForkedError")
    future.cancel()
    assert isinstance(future.exception(10), trillet.RequestCancelledError)


# MARK: Interruptions


@pytest.fixture
def alarm() -> Iterator[Callable[[float], None]]:
    """Has KeyboardInterrupt raised on this thread in so many seconds."""
    timers: list[threading.Timer] = []

    def begin(seconds: float) -> None:
        main = threading.main_thread().ident or 0
        timers.append(threading.Timer(seconds, signal.pthread_kill, (main, signal.SIGINT)))
        timers[-1].start()

    yield begin
    for timer in timers:
        timer.cancel()


def test_ctrl_c_ends_waiting_for_a_future_and_not_the_future(
    client: trillet.Trillet, server: RecordingServer, alarm: Callable[[float], None]
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer("late")))
    future = client.submit("GET /late")
    alarm(0.1)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        future.result(10)
    assert time.monotonic() - began < 2
    release.set()
    assert future.result(10).data == "late"


def test_a_signal_handler_that_raises_while_the_log_is_written_is_not_swallowed(
    client: trillet.Trillet, server: RecordingServer, alarm: Callable[[float], None]
) -> None:
    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            time.sleep(0.01)

    logger = logging.Logger("slow", logging.DEBUG)
    logger.addHandler(Slow())
    client.log_to(logger)
    results = client.map("POST /x", ({"n": n} for n in range(100)), ordered=False)
    told: list[trillet.Result] = []
    alarm(0.3)
    with pytest.raises(KeyboardInterrupt):
        told.extend(results)
    client.log_to(None)
    told.extend(results)
    assert sorted(result.index for result in told) == list(range(100))
    assert len(server.requests) == 100


def test_a_signal_while_the_log_of_a_call_is_written_tells_what_became_of_the_call(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    class Stopping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    logger = logging.Logger("stopping", logging.INFO)
    logger.addHandler(Stopping())
    client.log_to(logger)
    server.script(json_answer({"callId": "c1"}))
    with pytest.raises(KeyboardInterrupt) as caught:
        client.calls.send(AGENT, "+12025550164")
    outcome = caught.value.__cause__
    assert isinstance(outcome, trillet.TrilletError)
    assert (outcome.sent, outcome.body) == ("yes", {"callId": "c1"})


# MARK: The log


def test_lines_are_written_on_the_thread_that_calls_before_the_call_returns(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    threads = set()

    class Watching(Records):
        def emit(self, record: logging.LogRecord) -> None:
            threads.add(threading.current_thread())
            super().emit(record)

    records = Watching()
    logger = logging.Logger("watching", logging.INFO)
    logger.addHandler(records)
    client.log_to(logger)
    client.call("GET /one")
    assert "GET /one" in records.records[-1].getMessage()
    assert records.records[-1].levelno == logging.INFO
    list(client.map("POST /two", [{}, {}]))
    assert sum("POST /two" in r.getMessage() for r in records.records) == 2
    client.submit("GET /three").result(10)
    assert "GET /three" in records.records[-1].getMessage()
    FollowedBatch(server, look(2, 2, status="completed"))
    client.batch_calls.wait("batch_1")
    assert "batch_calls" in records.records[-1].getMessage()
    assert {thread.name for thread in threads} <= {"MainThread", "trillet-follow"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_error_of_a_handler_is_not_that_of_the_call(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(logging.Handler):
        def handle(self, record: logging.LogRecord) -> bool:
            raise LookupError("broken handler")

    logger = logging.Logger("broken", logging.INFO)
    logger.addHandler(Broken())
    client.log_to(logger)
    complaints = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: complaints.append(what.exc_type))
    assert client.call("GET /one").status == 200
    assert all(result.ok for result in client.map("POST /x", [{}, {}]))
    assert complaints == [LookupError] * 3


def test_a_handler_may_end_the_program_and_the_call_is_accounted_for(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    class Ending(logging.Handler):
        def handle(self, record: logging.LogRecord) -> bool:
            raise SystemExit(3)

    logger = logging.Logger("ending", logging.INFO)
    logger.addHandler(Ending())
    client.log_to(logger)
    with pytest.raises(SystemExit) as caught:
        client.calls.send(AGENT, "+12025550164")
    assert isinstance(caught.value.__cause__, trillet.TrilletError)
    assert caught.value.__cause__.sent == "yes"
    client.log_to(None)
