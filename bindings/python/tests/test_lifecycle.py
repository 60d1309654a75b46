"""Clients over time: shared by threads, closed, freed, forked."""

from __future__ import annotations

import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import KEY
from libcurl import KEEPS_CONNECTIONS
from operations import AGENT
from recording_server import RecordingServer, held, json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable


def error_of_calls(client: trillet.Trillet) -> trillet.TrilletError:
    """Calls until a call fails, and gives its error."""
    while True:
        try:
            client.agents.list()
        except trillet.TrilletError as error:
            return error


def test_calls_one_after_another_share_a_connection(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    for _ in range(20):
        client.agents.list()
    client.calls.send(AGENT, "+12025550164")
    connections = {request.connection for request in server.requests}
    assert len(connections) == (1 if KEEPS_CONNECTIONS else 21)


def test_eight_threads_share_one_client(client: trillet.Trillet, server: RecordingServer) -> None:
    together = threading.Barrier(8)

    def work(number: int) -> list[object]:
        together.wait(10)
        return [client.call("POST /echo", {"number": number}).data for _ in range(25)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    assert results == [[{}] * 25] * 8
    sent = sorted(request.json["number"] for request in server.requests)
    assert sent == [number for number in range(8) for _ in range(25)]
    assert not KEEPS_CONNECTIONS or server.connections <= 8


def test_a_call_does_not_hold_other_python_threads(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({"late": True})))
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(client.call, "GET /late")
        server.wait_for(1)
        assert client.call("GET /quick").data == {}
        assert not late.done()
        release.set()
        assert late.result(10).data == {"late": True}


def test_a_closed_client_takes_no_calls(client: trillet.Trillet, server: RecordingServer) -> None:
    client.agents.list()
    assert not client.closed
    assert client.close()
    assert client.close()
    assert client.closed
    with pytest.raises(trillet.ClientClosedError) as caught:
        client.agents.get(AGENT)
    assert (caught.value.operation, caught.value.sent) == ("agents.get", "no")
    assert len(server.requests) == 1
    assert "closed" in repr(client)


def test_a_with_block_closes_its_client(server: RecordingServer) -> None:
    with trillet.Trillet(KEY, base_url=server.url) as client:
        client.agents.list()
    assert client.closed


def test_closing_cancels_a_running_call_when_the_time_is_up(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(silence())
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.calls.send, AGENT, "+12025550164")
        server.wait_for(1)
        assert client.close(0) is False
        error = running.exception(10)
    assert isinstance(error, trillet.RequestCancelledError)
    assert error.sent == "maybe"


def test_closing_waits_for_a_running_call_and_refuses_new_ones(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({"callId": "c"})))
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(client.calls.send, AGENT, "+12025550164")
        server.wait_for(1)
        closing = pool.submit(client.close, 10_000)
        assert type(error_of_calls(client)) is trillet.ClientClosedError
        assert not running.done()
        release.set()
        assert running.result(10) == {"callId": "c"}
        assert closing.result(10) is True


def test_many_threads_may_close_while_others_call(server: RecordingServer) -> None:
    for _ in range(10):
        client = trillet.Trillet(KEY, base_url=server.url)
        together = threading.Barrier(6)

        def call(
            client: trillet.Trillet = client, together: threading.Barrier = together
        ) -> type[trillet.TrilletError]:
            together.wait(10)
            return type(error_of_calls(client))

        def close(client: trillet.Trillet = client, together: threading.Barrier = together) -> bool:
            together.wait(10)
            return client.close(0)

        with ThreadPoolExecutor(6) as pool:
            calls = [pool.submit(call) for _ in range(4)]
            closes = [pool.submit(close) for _ in range(2)]
            ended = {call.result(10) for call in calls}
            assert all(isinstance(done.result(10), bool) for done in closes)
        assert ended <= {trillet.ClientClosedError, trillet.RequestCancelledError}


def test_clients_that_are_dropped_leave_no_descriptor_behind(server: RecordingServer) -> None:
    def use_one() -> None:
        client = trillet.Trillet(KEY, base_url=server.url)
        client.agents.list()
        del client
        gc.collect()

    def sockets() -> int:
        return sum(_is_socket(name) for name in os.listdir("/proc/self/fd"))

    # Other tests of this process may have some, such as connections to a database.
    before = sockets()
    use_one()
    for _ in range(30):
        use_one()
    # The recording server's own ends are in this process too; they close when the client's do.
    for channel in list(server._threads)[1:]:
        channel.join(10)
    assert sockets() <= before + 4


def _is_socket(name: str) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    except OSError:
        return False


def test_a_resource_keeps_its_client_alive(server: RecordingServer) -> None:
    agents = trillet.Trillet(KEY, base_url=server.url).agents
    gc.collect()
    agents.get(AGENT)
    assert len(server.requests) == 1


def in_a_child(work: Callable[[], str]) -> str:
    """What a function answers in a forked child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            text = work()
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"
        os.write(writing, text.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        text = answer.read().decode()
    assert os.waitpid(child, 0)[1] == 0
    return text


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_child_is_told_to_make_its_own_client(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.agents.list()

    def call() -> str:
        try:
            client.agents.list()
        except trillet.ForkedError as error:
            client.close()
            return f"{error.type} {error.sent}"
        return "the call went through"

    assert in_a_child(call) == "forked no"
    client.agents.list()
    assert len(server.requests) == 2


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_new_client_works_in_a_forked_child(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.agents.list()

    def call() -> str:
        with trillet.Trillet(KEY, base_url=server.url) as own:
            return str(own.call("GET /from-the-child").status)

    assert in_a_child(call) == "200"
    assert [request.path for request in server.requests] == ["/api/v1/agents", "/from-the-child"]
