"""Following calls to their end, and finding one whose answer was lost."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from conftest import KEY
from recording_server import close_without_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer, Reply, Request

    Connect = Callable[..., trillet.Trillet]
    ConnectAsync = Callable[..., trillet.AsyncTrillet]

AGENT = "5d1c0a77e2b94f0013ab6c21"
NUMBER = "+12025550164"
SENT = {"status": "success", "callId": "call_0", "roomName": "room_0"}


def record(number: int, status: str) -> dict[str, Any]:
    return {
        "_id": f"record_{number}",
        "callId": f"call_{number}",
        "toPhoneNumber": NUMBER,
        "agent": AGENT,
        "timestamp": time.time(),
        "status": status,
        "transcript": [{"role": "assistant", "content": "Hi Ada."}],
    }


class History:
    """Answers each look with the next of the states, for ever with the last."""

    def __init__(self, server: RecordingServer, *states: str | None, calls: int = 1) -> None:
        self.states = list(states)
        self.calls = calls
        self.looked = 0
        server.respond = self

    def __call__(self, request: Request) -> Reply:
        if request.method == "POST":
            return close_without_answer()
        state = self.states[min(self.looked, len(self.states) - 1)]
        self.looked += 1
        is_empty = state is None or dict(request.query)["page"] != "1"
        return json_answer([] if is_empty else [record(n, state or "") for n in range(self.calls)])


def test_a_call_is_followed_to_its_end(client: trillet.Trillet, server: RecordingServer) -> None:
    History(server, None, "ringing", "in-progress", "completed")
    told: list[str] = []
    end = client.calls.wait(
        SENT, progress=lambda update: told.append(update["state"]), min_interval_ms=10
    )
    assert (end["state"], end["outcome"], end["endedBy"]) == ("ended", "completed", "calls")
    assert end["record"] is not None
    assert end["record"]["transcript"] == [{"role": "assistant", "content": "Hi Ada."}]
    assert told == ["not_listed", "ringing", "talking", "ended"]


def test_an_answer_may_say_more_than_is_documented(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    History(server, "completed")
    answer = {**SENT, "setupMs": 5, "calls": 1}
    assert client.calls.wait(answer)["outcome"] == "completed"
    assert client.calls.wait({"ok": True, "data": answer})["outcome"] == "completed"
    assert client.calls.wait([answer])["calls"][0]["outcome"] == "completed"


def test_an_id_and_a_list_are_taken(client: trillet.Trillet, server: RecordingServer) -> None:
    History(server, "busy", calls=3)
    assert client.calls.wait("call_1")["outcome"] == "busy"
    ends = client.calls.wait(["call_0", {"callId": "call_2"}])
    assert [call["callId"] for call in ends["calls"]] == ["call_0", "call_2"]
    assert (ends["total"], ends["ended"]) == (2, 2)


def test_the_deadline_comes_with_the_state(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    History(server, "ringing")
    with pytest.raises(trillet.RequestTimeoutError, match="deadline_ms") as raised:
        client.calls.wait(SENT, deadline_ms=300, min_interval_ms=10)
    body: Any = raised.value.body
    assert body["state"] == "ringing"
    assert raised.value.operation == "calls.wait"


def test_what_progress_raises_ends_the_wait_and_is_raised(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    History(server, "ringing")

    def progress(update: object) -> None:
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        client.calls.wait(SENT, progress=progress)


def test_a_bar_is_drawn_for_calls(
    client: trillet.Trillet, server: RecordingServer, capsys: pytest.CaptureFixture[str]
) -> None:
    History(server, "ringing", "completed", calls=2)
    client.calls.wait(SENT, progress=True, min_interval_ms=10)
    client.calls.wait(["call_0", "call_1"], progress=True)
    shown = capsys.readouterr().err
    assert "call_0 ended: 1 of 1" in shown
    assert "calls ended: 2 of 2" in shown


def test_a_task_awaits_the_end(connect_async: ConnectAsync, server: RecordingServer) -> None:
    History(server, "ringing", "completed", calls=3)

    async def main() -> list[Any]:
        async with connect_async() as client:
            waits = (client.calls.wait(f"call_{n}", min_interval_ms=10) for n in range(3))
            ends: list[Any] = await asyncio.gather(*waits)
            return [*ends, await client.calls.wait(["call_0"])]

    assert {end["state"] for end in asyncio.run(main())} == {"ended"}


def test_a_task_that_is_cancelled_waits_no_more(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    history = History(server, "ringing")

    async def main() -> None:
        async with connect_async() as client:
            waiting = asyncio.create_task(client.calls.wait(SENT, min_interval_ms=50))
            while not history.looked:
                await asyncio.sleep(0.01)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await asyncio.sleep(0.1)
            looked = history.looked
            await asyncio.sleep(0.3)
            assert history.looked == looked

    asyncio.run(main())


def send_and_lose(client: trillet.Trillet) -> trillet.TrilletError:
    with pytest.raises(trillet.ConnectionFailedError) as lost:
        client.calls.send(AGENT, NUMBER, options={"max_retries": 0})
    assert lost.value.sent == "maybe"
    return lost.value


@pytest.mark.parametrize(("state", "found"), [("ringing", "yes"), (None, "no")])
def test_a_lost_answer_is_found_by_its_error(
    client: trillet.Trillet, server: RecordingServer, state: str | None, found: str
) -> None:
    History(server, state)
    error = send_and_lose(client)
    answer = client.calls.find(error, settle_ms=50)
    assert (answer["found"], answer["record"] is not None) == (found, state is not None)
    assert error.find is not None
    assert client.calls.find(error.find, settle_ms=0)["found"] == found
    assert pickle.loads(pickle.dumps(error)).find == error.find


def test_a_task_finds_it_too(
    connect: Connect, connect_async: ConnectAsync, server: RecordingServer
) -> None:
    History(server, None)
    with connect() as client:
        error = send_and_lose(client)

    async def main() -> trillet.CallFound:
        async with connect_async() as client:
            return await client.calls.find(error, settle_ms=50)

    assert asyncio.run(main())["found"] == "no"


def test_an_error_of_another_call_is_refused(client: trillet.Trillet) -> None:
    with pytest.raises(trillet.InvalidArgumentError, match="names no call"):
        client.calls.find(trillet.TrilletError("something else"))


INTERRUPTED = """
import sys, trillet
client = trillet.Trillet(sys.argv[1], "w", base_url=sys.argv[2], env=False)
print("begins", flush=True)
try:
    if sys.argv[3] == "wait":
        client.calls.wait("call_1", min_interval_ms=30000, max_interval_ms=30000)
    else:
        client.calls.find({"agentId": "a", "toNumber": "+12025550164", "since": 1932109360})
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("method", ["wait", "find"])
def test_ctrl_c_ends_it(server: RecordingServer, method: str) -> None:
    history = History(server, None)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, KEY, server.url, method],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        until = time.monotonic() + 10
        while not history.looked and time.monotonic() < until:
            time.sleep(0.01)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert time.monotonic() - started < 1
        assert process.wait(5) == 0


FORKED = """
import os, sys, trillet
client = trillet.Trillet(sys.argv[1], "w", base_url=sys.argv[2], env=False)
client.calls.wait("call_0", progress=lambda update: True)
child = os.fork()
if child == 0:
    lost = {"agentId": "a", "toNumber": "+12025550164", "since": 1932109360}
    for ask in (lambda: client.calls.wait("call_0"), lambda: client.calls.find(lost)):
        try:
            ask()
        except trillet.ForkedError:
            print("forked", flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_forked_process_is_told_so(server: RecordingServer) -> None:
    History(server, "ringing")
    done = subprocess.run(
        [sys.executable, "-c", FORKED, KEY, server.url],
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "forked\nforked\n"
