"""Lists as iterators of pages and of what is on them, blocking and for asyncio."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from conftest import ENGINE
from listing import asked_pages, page_of, serve_list
from recording_server import held, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer

    Connect = Callable[..., trillet.Trillet]
    ConnectAsync = Callable[..., trillet.AsyncTrillet]


def test_every_item_comes_once_and_in_order(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)
    ids = [agent["_id"] for agent in client.agents.list_all(limit=20)]
    assert ids == [f"{number:04}" for number in range(45)]
    assert asked_pages(server) == ["1", "2", "3"]


def test_pages_come_one_after_the_other(client: trillet.Trillet, server: RecordingServer) -> None:
    serve_list(server, "flows", 45)
    sizes = [len(page["flows"]) for page in client.flows.pages(limit=20)]
    assert sizes == [20, 20, 5]
    assert [len(page["flows"]) for page in client.flows.pages(page=3, limit=20)] == [5]


def test_the_calls_of_a_batch_are_a_list_too(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "calls", 3)
    calls = client.batch_calls.list_all_calls("batch_1", limit=2, status="failed")
    assert [call["jobId"] for call in calls] == ["0000", "0001", "0002"]
    assert server.requests[0].path.endswith("/batch-calls/batch_1/calls")
    assert dict(server.requests[0].query)["status"] == "failed"
    assert len(list(client.batch_calls.call_pages("batch_1", limit=2))) == 2


def test_nothing_is_asked_before_the_first_step(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)
    with client.agents.pages(limit=20) as pages:
        assert server.requests == []
        next(pages)
        assert asked_pages(server) == ["1"]


@pytest.mark.skipif(ENGINE == "caller", reason="nobody drives the client meanwhile")
def test_the_next_page_is_fetched_ahead_when_asked_for(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)
    with client.agents.pages(limit=20, prefetch=True) as pages:
        next(pages)
        server.wait_for(2)
        assert asked_pages(server) == ["1", "2"]


def test_an_empty_list_is_one_empty_page_without_items(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 0)
    assert [page["agents"] for page in client.agents.pages(limit=20)] == [[]]
    assert list(client.agents.list_all(limit=20)) == []


def test_a_bare_list_is_one_page(client: trillet.Trillet, server: RecordingServer) -> None:
    server.respond = lambda _: json_answer([{"_id": "a"}, {"_id": "b"}])
    assert [agent["_id"] for agent in client.agents.list_all()] == ["a", "b"]
    assert len(server.requests) == 1


def test_an_error_that_passes_does_not_end_the_items(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 4)
    items = client.agents.list_all(limit=2)
    assert [next(items)["_id"], next(items)["_id"]] == ["0000", "0001"]
    server.script(json_answer({"error": "Busy"}, 503))
    with pytest.raises(trillet.ServerError):
        next(items)
    assert [item["_id"] for item in items] == ["0002", "0003"]


def test_an_error_that_does_not_pass_ends_them(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({"error": "No"}, 403))
    pages = client.agents.pages()
    with pytest.raises(trillet.PermissionDeniedError):
        next(pages)
    assert list(pages) == []


def test_a_service_that_repeats_its_pages_is_found_out(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.respond = lambda _: json_answer(page_of("agents", 45, 1, 20))
    with pytest.raises(trillet.ResponseError, match="earlier page again"):
        list(client.agents.list_all(limit=20))


def test_pages_that_are_closed_have_no_more(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)
    items = client.agents.list_all(limit=20)
    next(items)
    items.close()
    items.close()
    assert list(items) == []


def test_a_client_may_be_closed_before_its_pages(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)
    pages = client.agents.pages(limit=20, prefetch=True)
    next(pages)
    client.close(0)
    with pytest.raises(trillet.TrilletError):
        list(pages)
    with pytest.raises(trillet.ClientClosedError):
        client.agents.pages()


def test_threads_share_pages_without_missing_any(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 200)
    pages = client.agents.pages(limit=10)
    got: list[str] = []

    def work() -> None:
        for page in pages:
            got.extend(agent["_id"] for agent in page["agents"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == [f"{number:04}" for number in range(200)]


def test_asyncio_has_the_same_items_and_pages(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)

    async def main() -> tuple[list[str], list[int]]:
        async with connect_async() as client:
            ids = [agent["_id"] async for agent in client.agents.list_all(limit=20)]
            sizes = [len(page["agents"]) async for page in client.agents.pages(limit=20)]
            return ids, sizes

    ids, sizes = asyncio.run(main())
    assert ids == [f"{number:04}" for number in range(45)]
    assert sizes == [20, 20, 5]


def test_the_event_loop_runs_while_a_page_is_awaited(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer(page_of("flows", 1, 1, 20))))

    async def main() -> list[Any]:
        async with connect_async() as client:
            asyncio.get_running_loop().call_later(0.1, release.set)
            return [flow async for flow in client.flows.list_all()]

    assert len(asyncio.run(main())) == 1


def test_a_page_whose_task_was_cancelled_is_not_lost(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    serve_list(server, "calls", 3)
    release = threading.Event()
    server.script(held(release, json_answer(page_of("calls", 3, 1, 1))))

    async def main() -> list[str]:
        async with connect_async() as client:
            calls = client.batch_calls.list_all_calls("b", limit=1)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(calls.__anext__(), 0.1)
            release.set()
            return [call["jobId"] async for call in calls]

    assert asyncio.run(main()) == ["0000", "0001", "0002"]


def test_an_error_that_passes_does_not_end_the_items_of_asyncio(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    serve_list(server, "agents", 2)
    server.script(json_answer({"error": "Busy"}, 503))

    async def main() -> list[str]:
        async with connect_async(max_retries=0) as client:
            items = client.agents.list_all(limit=2)
            with pytest.raises(trillet.ServerError):
                await items.__anext__()
            return [item["_id"] async for item in items]

    assert asyncio.run(main()) == ["0000", "0001"]


def test_a_loop_that_is_left_ends_the_pages_of_asyncio(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)

    async def main() -> None:
        async with connect_async() as client:
            async with client.agents.pages(limit=20, prefetch=True) as pages:
                async for _ in pages:
                    break
            assert [page async for page in pages] == []

    asyncio.run(main())


@pytest.mark.skipif(ENGINE == "caller", reason="nobody drives the client meanwhile")
def test_pages_that_a_log_handler_drops_hold_nobody_up(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    serve_list(server, "agents", 45)
    release = threading.Event()
    kept: list[Any] = [client.agents.pages(limit=20, prefetch=True)]
    next(kept[0])
    server.wait_for(2)
    server.script(held(release, json_answer(page_of("agents", 45, 3, 20))))
    next(kept[0])
    server.wait_for(3)
    dropped = threading.Event()

    class Dropping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.clear()
            dropped.set()

    logger = logging.Logger("dropping")
    logger.addHandler(Dropping())
    client.log_to(logger, logging.INFO)
    client.calls.send("a", "+12025550164")
    assert dropped.wait(10)
    assert client.close(5000)
    release.set()
