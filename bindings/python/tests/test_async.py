"""The client for asyncio: its calls, what they raise, and how they are cancelled."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from operations import AGENT, OPERATIONS, Expected
from recording_server import held, json_answer, silence

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer

    Connect = Callable[..., trillet.AsyncTrillet]

RESOURCES = ("agents", "flows", "calls", "batch_calls")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_makes_the_request_that_it_makes_without_asyncio(
    operation: Expected,
    client: trillet.Trillet,
    connect_async: Connect,
    server: RecordingServer,
) -> None:
    call: Any = operation.call

    async def main() -> Any:
        async with connect_async() as asynchronous:
            return await call(asynchronous)

    assert asyncio.run(main()) == call(client) == {}
    made, expected = server.requests
    assert made.line == expected.line
    if operation.form is None:
        assert made.body == expected.body
    else:
        assert [part.content for part in made.parts] == [part.content for part in expected.parts]


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_has_the_same_methods_as_coroutines(resource: str) -> None:
    blocking = type(getattr(trillet.Trillet, resource).fget(trillet.Trillet("k")))
    coroutines = type(getattr(trillet.AsyncTrillet, resource).fget(None))
    names = [name for name in dir(blocking) if not name.startswith("_")]
    assert names == [name for name in dir(coroutines) if not name.startswith("_")]
    for name in names:
        method, coroutine = getattr(blocking, name), getattr(coroutines, name)
        asked, awaited = inspect.signature(method), inspect.signature(coroutine)
        assert asked.parameters == awaited.parameters
        if method.__module__ == "trillet._sync.resources":
            assert asked == awaited
            assert inspect.iscoroutinefunction(coroutine)
            assert method.__doc__ == coroutine.__doc__


def test_the_clients_have_the_same_options() -> None:
    assert inspect.signature(trillet.Trillet) == inspect.signature(trillet.AsyncTrillet)


def test_many_calls_are_under_way_at_once(connect_async: Connect, server: RecordingServer) -> None:
    release = threading.Event()
    server.respond = lambda request: held(release, json_answer(request.json))

    async def main() -> list[int]:
        async with connect_async() as client:
            calls = [client.call("POST /echo", {"number": number}) for number in range(30)]
            gathered = asyncio.gather(*calls)
            while len(server.requests) < 30:
                await asyncio.sleep(0.005)
            release.set()
            return [response.data["number"] for response in await gathered]

    assert asyncio.run(main()) == list(range(30))


def test_other_tasks_run_while_a_call_waits(
    connect_async: Connect, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({"late": True})))

    async def main() -> None:
        async with connect_async() as client:
            late = asyncio.create_task(client.call("GET /late"))
            while not server.requests:
                await asyncio.sleep(0.005)
            assert (await client.call("GET /quick")).data == {}
            assert not late.done()
            release.set()
            assert (await late).data == {"late": True}

    asyncio.run(main())


def test_a_response_tells_status_and_meta(connect_async: Connect, server: RecordingServer) -> None:
    server.script(json_answer({"id": 7}, 201, {"x-request-id": "r1"}))

    async def main() -> trillet.Response:
        async with connect_async() as client:
            return await client.call("POST /things", '{"name":"x"}')

    response = asyncio.run(main())
    assert (response.status, response.data) == (201, {"id": 7})
    assert response.meta["requestId"] == "r1"
    assert response.meta["operation"] == "POST /things"
    assert server.only_request.body == b'{"name":"x"}'


def test_a_failure_raises_what_it_raises_without_asyncio(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(json_answer({"error": "Agent not found"}, 404))
    unknown: Any = {"retries": 3}

    async def main() -> None:
        async with connect_async() as client:
            with pytest.raises(trillet.NotFoundError, match="Agent not found") as caught:
                await client.agents.get(AGENT)
            assert (caught.value.operation, caught.value.sent) == ("agents.get", "no")
            with pytest.raises(trillet.InvalidArgumentError) as refused:
                await client.calls.send(AGENT, "555")
            assert refused.value.field == "toNumber"
            with pytest.raises(trillet.InvalidArgumentError, match="no operation"):
                await client.call("agents.clone")
            with pytest.raises(trillet.InvalidArgumentError, match="no request option"):
                await client.agents.list(options=unknown)

    asyncio.run(main())
    assert len(server.requests) == 1


def test_a_cancelled_task_cancels_its_request(
    connect_async: Connect, server: RecordingServer
) -> None:
    server.script(silence())

    async def main() -> None:
        async with connect_async() as client:
            task = asyncio.create_task(client.calls.send(AGENT, "+12025550164"))
            while not server.requests:
                await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while client.stats()["queue"]["inFlight"]:
                await asyncio.sleep(0.005)
            assert client.stats()["total"]["errors"] == {"cancelled": 1}
            assert (await client.call("agents.list")).data == {}

    asyncio.run(main())


def test_wait_for_ends_a_call_in_time(connect_async: Connect, server: RecordingServer) -> None:
    server.script(silence())

    async def main() -> None:
        async with connect_async() as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.call("GET /slow"), 0.05)
            assert (await client.call("GET /quick")).status == 200

    asyncio.run(main())


def test_tasks_that_are_cancelled_at_any_moment_leave_nothing_behind(
    connect_async: Connect, server: RecordingServer
) -> None:
    async def main() -> None:
        async with connect_async() as client:
            for attempt in range(60):
                task = asyncio.create_task(client.call("GET /x"))
                for _ in range(attempt % 6):
                    await asyncio.sleep(0)
                if attempt % 3 == 0:
                    await asyncio.sleep(0.0005 * (attempt % 7))
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            assert (await client.call("GET /last")).status == 200
            stats = client.stats()
            assert stats["queue"]["completed"] == 0

    asyncio.run(main())


def test_a_request_option_holds_for_its_request(
    connect_async: Connect, server: RecordingServer
) -> None:
    async def main() -> None:
        async with connect_async() as client:
            await client.agents.list(options={"traceparent": "00-1-2-01", "routes": "published"})
            await client.agents.list()

    asyncio.run(main())
    first, second = server.requests
    assert (first.path, first.headers["traceparent"]) == ("/v1/api/agents", "00-1-2-01")
    assert second.path == "/api/v1/agents"
    assert "traceparent" not in second.headers
