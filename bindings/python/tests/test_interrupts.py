"""Signal handlers that raise: whatever the moment, no answer is lost and none is given twice."""

from __future__ import annotations

import asyncio
import dis
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from recording_server import json_answer, silence
from test_map import echo, numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    import trillet
    from recording_server import RecordingServer, Reply, Request


class Stop(BaseException):
    """What the handlers raise."""


# Python handles signals after these.
_BREAKS = ("CALL", "JUMP_BACKWARD", "RESUME")


def _moments(code: CodeType) -> set[int]:
    """Where in a function Python may run a signal handler: before these bytecodes."""
    found, after = set(), False
    for instruction in dis.get_instructions(code):
        if after and instruction.opname not in ("CACHE", "PRECALL"):
            found.add(instruction.offset)
        after = instruction.opname.startswith(_BREAKS) and "NO_INTERRUPT" not in instruction.opname
    return found


class Injector:
    """Raises at the n-th moment at which a signal handler could in the package's own code."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self._known: dict[CodeType, set[int]] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        code = frame.f_code
        if "/trillet/_" not in code.co_filename or code.co_name == "__del__":
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            if code not in self._known:
                self._known[code] = _moments(code)
            if frame.f_lasti in self._known[code]:
                self.seen += 1
                if self.seen == self.at:
                    raise Stop
        return self


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the table of bytecodes is of 3.11")
@pytest.mark.parametrize("ordered", [True, False])
def test_an_exception_at_any_moment_costs_no_result(
    ordered: bool, client: trillet.Trillet, server: RecordingServer
) -> None:
    echo(server)
    requests: list[Any] = [*numbered(12), {"x": b"1"}]
    moment = 0
    while True:
        moment += 1
        server.requests.clear()
        injector = Injector(moment)
        results = client.map("POST /echo", requests, max_in_flight=4, ordered=ordered)
        told: list[trillet.Result] = []
        interrupted = 0
        sys.settrace(injector)
        try:
            while True:
                try:
                    for result in results:
                        told.append(result)
                    break
                except Stop:
                    interrupted += 1
        finally:
            sys.settrace(None)
        assert sorted(result.index for result in told) == list(range(13)), moment
        assert sum(result.ok for result in told) == 12, moment
        assert all(result.data == result.request for result in told if result.ok), moment
        assert len(server.requests) == 12, moment
        if not interrupted:
            break
    assert moment > 100
    assert client.stats()["queue"]["completed"] == 0


def bombard(stop: threading.Event, every: Callable[[], float]) -> None:
    main = threading.main_thread().ident or 0
    while not stop.wait(every()):
        signal.pthread_kill(main, signal.SIGUSR1)


@pytest.fixture
def raising() -> Iterator[list[int]]:
    """Has SIGUSR1 raise, while it is armed."""
    armed = [0]

    def handler(_number: int, frame: FrameType | None) -> None:
        # In the package alone: the test itself could not catch it everywhere.
        if armed[0] and frame is not None and "/trillet/_" in frame.f_code.co_filename:
            armed[0] += 1
            raise Stop

    former = signal.signal(signal.SIGUSR1, handler)
    yield armed
    armed[0] = 0
    signal.signal(signal.SIGUSR1, former)


def test_thousands_of_interruptions_lose_nothing_and_hang_nobody(
    client: trillet.Trillet, server: RecordingServer, raising: list[int]
) -> None:
    echo(server)
    others: list[int] = []

    def other() -> None:
        requests = ({"number": number} for number in range(600))
        others.extend(r.data["number"] for r in client.map("POST /other", requests))

    beside = threading.Thread(target=other)
    stop = threading.Event()
    bombing = threading.Thread(target=bombard, args=(stop, lambda: 0.0003))
    beside.start()
    bombing.start()
    told: list[trillet.Result] = []
    amount, interruptions, end = 5000, 0, time.monotonic() + 90
    results = client.map("POST /echo", numbered(amount), max_in_flight=32, ordered=False)
    while len(told) < amount and time.monotonic() < end:
        try:
            raising[0] = raising[0] or 1
            # What the loop was given is stored by the one call that asks for more.
            told.extend(results)
        except Stop:
            interruptions += 1
    raising[0] = 0
    stop.set()
    bombing.join(10)
    beside.join(60)
    assert not beside.is_alive()
    assert others == list(range(600))
    assert sorted(result.index for result in told) == list(range(amount))
    assert all(result.data == result.request for result in told)
    assert len(server.requests) == amount + 600
    assert interruptions > 50


def test_after_ctrl_c_every_result_can_still_be_had(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(*[json_answer({}) for _ in range(64)])
    server.otherwise = silence()
    results = client.map("POST /x", numbered(1000), max_in_flight=64, ordered=False)
    told: list[trillet.Result] = []

    def interrupt() -> None:
        server.wait_for(128)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        told.extend(results)
    interrupting.join(10)
    results.cancel()
    told.extend(results)
    assert sorted(result.index for result in told) == list(range(128))
    assert len(server.requests) == 128
    assert sum(result.ok for result in told) == 64
    assert {result.sent for result in told if not result.ok} == {"maybe"}


def test_a_busy_map_reacts_to_ctrl_c_soon(client: trillet.Trillet, server: RecordingServer) -> None:
    echo(server)
    begun, ended = threading.Event(), threading.Event()
    sent: list[float] = []

    def begin() -> bool:
        begun.set()
        return True

    def interrupt() -> None:
        begun.wait(10)
        time.sleep(0.2)
        # Python drops what a signal raises within a finalizer, as of the server's threads here.
        for _ in range(3):
            sent.append(time.monotonic())
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            if ended.wait(5):
                return

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt), client.map("POST /x", numbered(10**6)) as results:
        all(begin() for _ in results)
    took = time.monotonic() - sent[-1]
    ended.set()
    interrupting.join(10)
    assert took < 0.5 * 4  # The promise, and room for a machine that is busy.


def test_an_iterable_that_was_interrupted_is_not_taken_for_complete(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    echo(server)

    def requests() -> Iterator[dict[str, object]]:
        yield from numbered(3)
        raise Stop

    told: list[trillet.Result] = []
    results = client.map("POST /echo", requests(), max_in_flight=2)
    with pytest.raises(Stop):
        told.extend(results)
    with pytest.raises(RuntimeError, match="Stop ended the iterable"):
        told.extend(results)
    assert [result.index for result in told] == [0, 1, 2]
    assert list(results) == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the table of bytecodes is of 3.11")
def test_an_exception_at_any_moment_costs_no_item_of_a_list(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    def respond(request: Request) -> Reply:
        page = int(dict(request.query).get("page", "1"))
        agents = [{"_id": f"{page}-{number}"} for number in range(2)]
        return json_answer({"agents": agents, "pagination": {"page": page, "limit": 2, "total": 6}})

    server.respond = respond
    moment = interrupted = 0
    while interrupted or not moment:
        moment += 1
        items = client.agents.list_all(limit=2)
        told: list[str] = []
        interrupted = 0
        sys.settrace(Injector(moment))
        try:
            while True:
                try:
                    for item in items:
                        told.append(item["_id"])
                    break
                except Stop:
                    interrupted += 1
        finally:
            sys.settrace(None)
        assert told == ["1-0", "1-1", "2-0", "2-1", "3-0", "3-1"], moment
    assert moment > 20


def test_a_cancelled_task_can_still_have_every_result(
    connect_async: Callable[..., trillet.AsyncTrillet], server: RecordingServer
) -> None:
    server.script(*[json_answer({}) for _ in range(4)])
    server.otherwise = silence()

    async def main() -> list[trillet.Result]:
        told: list[trillet.Result] = []
        async with connect_async() as client:
            results = client.map("POST /x", numbered(100), max_in_flight=4, ordered=False)

            async def run() -> None:
                async for result in results:
                    told.append(result)

            task = asyncio.create_task(run())
            while len(server.requests) < 8:
                await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            results.cancel()
            await run()
        return told

    told = asyncio.run(main())
    assert sorted(result.index for result in told) == list(range(8))
    assert [result.sent for result in told if not result.ok] == ["maybe"] * 4
