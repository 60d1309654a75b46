"""Signal handlers that raise while a call waits: it ends soon, and what became of it is known."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from libcurl import KEEPS_CONNECTIONS
from operations import AGENT
from recording_server import RecordingServer, answer, json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NUMBER = "+12025550164"
# The promise is 0.3 s; the rest is for a machine that is busy.
SOON = 1.5


class SoftLimit(BaseException):
    """What a task queue raises from a signal handler."""


def limit(_number: int, _frame: object) -> None:
    raise SoftLimit


@contextmanager
def alarm(seconds: float, handler: Callable[[int, Any], object] = limit) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def outcome(error: BaseException) -> trillet.TrilletError:
    cause = error.__cause__
    assert isinstance(cause, trillet.TrilletError)
    return cause


def test_a_handler_that_raises_ends_a_call_that_was_sent(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    start = time.monotonic()
    with alarm(0.3), pytest.raises(SoftLimit) as caught:
        client.calls.send(AGENT, NUMBER)
    assert time.monotonic() - start < 0.3 + SOON
    error = outcome(caught.value)
    assert isinstance(error, trillet.RequestCancelledError)
    assert error.sent == "maybe"
    assert error.attempts == 1
    assert error.operation == "calls.send"
    assert client.call("GET /after").data == {}


def test_ctrl_c_ends_a_call_though_another_thread_takes_the_signal(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())

    def interrupt() -> None:
        time.sleep(0.3)
        # To this thread alone: nothing wakes the one that waits.
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    start = time.monotonic()
    thread.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        client.calls.send(AGENT, NUMBER)
    thread.join()
    assert time.monotonic() - start < 0.3 + SOON
    assert outcome(caught.value).sent == "maybe"


@pytest.mark.parametrize("options", [{"max_in_flight": 1}, {"max_connections": 1}])
def test_a_wait_for_a_turn_or_a_connection_ends_and_nothing_was_sent(
    connect: Callable[..., trillet.Trillet], server: RecordingServer, options: dict[str, int]
) -> None:
    client = connect(**options)
    server.script(silence())
    thread = threading.Thread(target=lambda: _ignored(client.agents.list))
    thread.start()
    server.wait_for(1)
    start = time.monotonic()
    with alarm(0.3), pytest.raises(SoftLimit) as caught:
        client.calls.send(AGENT, NUMBER)
    assert time.monotonic() - start < 0.3 + SOON
    assert outcome(caught.value).sent == "no"
    client.close(0)
    thread.join(10)
    assert len(server.requests) == 1


def test_a_pause_between_attempts_ends(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    server.script(answer(503, headers={"Retry-After": "20"}))
    client = connect(max_retries=2)
    start = time.monotonic()
    with alarm(0.4), pytest.raises(SoftLimit) as caught:
        client.calls.send(AGENT, NUMBER)
    assert time.monotonic() - start < 0.4 + SOON
    assert outcome(caught.value).sent == "no"
    assert outcome(caught.value).attempts == 1


def test_a_handler_that_raises_nothing_does_not_disturb_the_call(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    seen: list[float] = []

    def note(_number: int, _frame: object) -> None:
        seen.append(time.monotonic())

    server.script(_late(1.0, json_answer({"ok": 1})))
    start = time.monotonic()
    with alarm(0.2, note):
        assert client.call("GET /echo").data == {"ok": 1}
    # It ran during the call, not after it.
    assert seen
    assert seen[0] - start < 0.9


def test_an_answer_that_had_arrived_is_not_lost(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    kept: list[object] = []
    read = client._data

    def interrupted(text: bytes, operation: str) -> Any:
        signal.raise_signal(signal.SIGALRM)
        return read(text, operation)

    client._data = interrupted
    server.script(json_answer({"callId": "c1"}))
    with alarm(60), pytest.raises(SoftLimit) as caught:
        kept.append(client.calls.send(AGENT, NUMBER))
    error = outcome(caught.value)
    assert not kept
    assert error.sent == "yes"
    assert error.body == {"callId": "c1"}
    assert error.status == 200


def test_answers_are_never_lost_wherever_the_signal_strikes(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    """One signal for each call, at any moment of it, and a record of what each call said."""
    told = []
    for turn in range(200):
        before = len(server.requests)
        try:
            with alarm(0.00002 * (turn + 1)):
                client.calls.send(AGENT, NUMBER)
                told.append("yes")
                time.sleep(0.02)
        except SoftLimit as error:
            if len(told) <= turn:
                cause = error.__cause__
                sent = cause.sent if isinstance(cause, trillet.TrilletError) else None
                told.append(sent or "outside")
        if told[-1] == "no":
            assert len(server.requests) == before
    assert len(told) == 200
    # Before the call begins and after it has returned a signal is none of its business.
    assert told.count("outside") < 100


def test_an_exception_keeps_the_cause_it_was_raised_with(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    def chained(_number: int, _frame: object) -> None:
        raise SoftLimit from ValueError("the reason")

    server.script(silence())
    with alarm(0.2, chained), pytest.raises(SoftLimit) as caught:
        client.agents.list()
    reason = caught.value.__cause__
    assert isinstance(reason, ValueError)
    assert outcome(reason).type == "cancelled"


def test_a_second_signal_while_the_first_is_raised_does_no_harm(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    client = connect(timeout_ms=2000)

    def twice(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGALRM, limit)
        signal.setitimer(signal.ITIMER_REAL, delay)
        raise SoftLimit

    for turn in range(60):
        delay = 0.000002 * (turn + 1)
        server.script(silence())
        with suppress(SoftLimit), alarm(0.02, twice):
            try:
                client.agents.list()
            finally:
                # Wherever the second one strikes, it is one of the two.
                time.sleep(0.005)
    # A call that was not sent has left its reply.
    with suppress(trillet.RequestTimeoutError):
        assert client.call("GET /after").data == {}


def test_a_handler_may_call_the_same_client_and_the_call_goes_on(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    client = connect(max_in_flight=1, max_connections=1)
    inner: list[object] = []

    def call(_number: int, _frame: object) -> None:
        inner.append(client.call("GET /inner").data)

    server.script(_late(1.0, json_answer("outer")), json_answer("inner"))
    with alarm(0.2, call):
        assert client.call("GET /outer").data == "outer"
    assert inner == ["inner"]


def test_a_call_inside_a_handler_is_interrupted_like_any_other(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    causes: list[str] = []

    def call(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGALRM, limit)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            client.call("GET /inner")
        except SoftLimit as error:
            causes.append(outcome(error).sent)
            raise

    server.script(silence(), silence())
    start = time.monotonic()
    with alarm(0.2, call), pytest.raises(SoftLimit) as caught:
        client.call("GET /outer")
    assert time.monotonic() - start < 0.4 + 2 * SOON
    assert causes == ["maybe"]
    assert outcome(caught.value).operation == "GET /outer"
    server.script(silence())
    with alarm(0.2), pytest.raises(SoftLimit):
        client.call("GET /again")


def test_a_handler_may_close_the_client(client: trillet.Trillet, server: RecordingServer) -> None:
    def close(_number: int, _frame: object) -> None:
        # It would wait for the call that waits for this.
        threading.Thread(target=client.close, args=(0,)).start()

    server.script(silence())
    with alarm(0.2, close), pytest.raises(trillet.RequestCancelledError) as caught:
        client.agents.list()
    assert caught.value.sent == "maybe"


def test_two_clients_are_interrupted_one_in_the_other(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    one, two = connect(), connect()

    def call(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGALRM, limit)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        two.call("GET /two")

    two.agents.list()
    server.script(silence(), silence())
    with alarm(0.2, call), pytest.raises(SoftLimit) as caught:
        one.call("GET /one")
    assert outcome(caught.value).type == "cancelled"
    for client in (one, two):
        server.script(silence())
        with alarm(0.2), pytest.raises(SoftLimit):
            client.agents.list()


@pytest.mark.skipif(
    not KEEPS_CONNECTIONS, reason="this libcurl opens a connection for each request"
)
def test_opening_connections_ends(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(silence(), silence())
    start = time.monotonic()
    with alarm(0.3), pytest.raises(SoftLimit) as caught:
        client.warm()
    assert time.monotonic() - start < 0.3 + SOON
    assert outcome(caught.value).sent == "no"


def test_a_list_goes_on_with_the_page_that_was_interrupted(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    pages = client.flows.pages()
    with alarm(0.3), pytest.raises(SoftLimit) as caught:
        next(pages)
    assert outcome(caught.value).type == "cancelled"
    server.script(json_answer({"flows": [{"_id": "f"}], "total": 1}))
    assert next(pages)["flows"] == [{"_id": "f"}]


def test_a_child_of_a_fork_is_interrupted_too(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    connect().agents.list()
    server.script(silence())
    # From another thread, which is the child's main thread.
    statuses: list[int] = []

    def fork() -> None:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                client = connect()
                with alarm(0.3):
                    client.agents.list()
            except SoftLimit:
                status = 0
            finally:
                os._exit(status)
        statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    thread = threading.Thread(target=fork)
    thread.start()
    thread.join(30)
    assert statuses == [0]


def test_other_threads_wait_as_before(client: trillet.Trillet, server: RecordingServer) -> None:
    client.agents.list()
    server.script(_late(0.6, json_answer({"late": 1})))
    results: list[Any] = []
    ended = threading.Event()

    def work() -> None:
        results.append(client.call("GET /late").data)
        ended.set()

    threading.Thread(target=work).start()
    with alarm(0.2), pytest.raises(SoftLimit):
        ended.wait(10)
    assert ended.wait(10)
    assert results == [{"late": 1}]


def test_ctrl_c_in_a_program_prints_what_became_of_the_call(server: RecordingServer) -> None:
    program = (
        f"import trillet; client = trillet.Trillet('key', 'w', base_url={server.url!r})\n"
        f"client.calls.send({AGENT!r}, {NUMBER!r})"
    )
    server.script(silence())
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        server.wait_for(1)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert time.monotonic() - start < SOON + 2
    assert "KeyboardInterrupt" in errors
    assert "The phone may be ringing" in errors


def _ignored(call: Callable[[], object]) -> None:
    with suppress(trillet.TrilletError):
        call()


def _late(seconds: float, then: Any) -> Any:
    def reply(connection: Any) -> bool:
        connection.stopping.wait(seconds)
        return bool(then(connection))

    return reply
