"""Pagers: every item once, in either shape of list, and an end that is told."""

from __future__ import annotations

import json
import os
import threading
import time

import pytest

import native
from list_doors import ListClient, items
from paged_service import PagedService, page_of
from recording_server import (
    RecordingServer,
    answer,
    close_without_answer,
    held,
    json_answer,
    silence,
)
from started_batch import new_agent, start_batch
from trillet.testing import Sandbox

STYLES = ("overview", "published")


def ids(found: list[dict[str, str]]) -> list[str]:
    return [item["_id"] for item in found]


@pytest.mark.parametrize("prefetch", [False, True])
def test_a_pager_brings_every_item_once(
    server: RecordingServer, client: ListClient, prefetch: bool
) -> None:
    service = PagedService(95)
    server.respond = service
    pages = client.pages("agents.list", {"limit": 10, "prefetch": prefetch})
    assert ids(items(pages, "agents")) == service.names
    assert len(pages) == len(server.requests) == 10
    assert all("prefetch" not in request.target for request in server.requests)
    assert all(page["meta"]["operation"] == "agents.list" for page in pages)


def test_the_first_page_is_left_to_the_service(server: RecordingServer, client: ListClient) -> None:
    server.respond = PagedService(15)
    client.pages("agents.list")
    assert [request.target for request in server.requests] == [
        "/api/v1/agents",
        "/api/v1/agents?page=2",
    ]


def test_a_pager_begins_with_the_page_it_is_told(
    server: RecordingServer, client: ListClient
) -> None:
    service = PagedService(40)
    server.respond = service
    pages = client.pages("agents.list", {"page": 3})
    assert ids(items(pages, "agents")) == service.names[20:]
    assert len(server.requests) == 2


def test_an_empty_list_has_one_empty_page(server: RecordingServer, client: ListClient) -> None:
    server.respond = PagedService(0)
    pages = client.pages("agents.list")
    assert [page["data"]["agents"] for page in pages] == [[]]


@pytest.mark.parametrize("routes", STYLES)
def test_a_bare_array_is_the_whole_list(
    server: RecordingServer, client: ListClient, routes: str
) -> None:
    everything = [{"_id": str(number)} for number in range(250)]
    server.respond = lambda request: json_answer(everything)
    pages = client.pages("flows.list", {"prefetch": True}, routes=routes)
    assert items(pages, "flows") == everything
    assert len(server.requests) == 1


def test_a_page_behind_a_bare_array_is_an_error(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = lambda request: json_answer([{"_id": "1"}])
    (page,) = client.pages("agents.list", {"page": 2})
    assert page["error"]["type"] == "response"
    assert "page 2" in page["error"]["message"]


@pytest.mark.parametrize("name", ["data", "callFlows"])
def test_lists_under_other_names_are_found(
    server: RecordingServer, client: ListClient, name: str
) -> None:
    server.respond = lambda request: json_answer({"success": True, name: [{"_id": "1"}]})
    pages = client.pages("flows.list")
    assert items(pages, name) == [{"_id": "1"}]


@pytest.mark.parametrize("prefetch", [False, True])
def test_a_list_goes_on_behind_a_page_as_deep_as_the_library_reads(
    server: RecordingServer, client: ListClient, prefetch: bool
) -> None:
    service = PagedService(30)
    deepest = 512
    # The page is an object, and so is one level deep itself.
    nested = "[" * (deepest - 1) + "]" * (deepest - 1)
    page = json.dumps(service.page(1)).removesuffix("}") + f', "nested": {nested}}}\n'
    service.answers[1] = [answer(200, page, {"Content-Type": "application/json"})]
    server.respond = service
    pages = client.pages("agents.list", {"prefetch": prefetch})
    assert ids(items(pages, "agents")) == service.names


def test_an_answer_without_a_list_is_an_error_and_the_end(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = lambda request: json_answer({"message": "try later"})
    (page,) = client.pages("agents.list")
    assert page["error"]["type"] == "response"
    assert page["error"]["body"] == {"message": "try later"}


def test_a_page_that_comes_again_is_an_error_and_the_end(
    server: RecordingServer, client: ListClient
) -> None:
    service = PagedService(30)
    server.respond = lambda request: json_answer({**service.page(1), "stamp": len(server.requests)})
    first, second = client.pages("agents.list")
    assert first["ok"]
    assert second["error"]["type"] == "response"
    assert second["error"]["sent"] == "yes"
    assert "again" in second["error"]["message"]
    assert second["meta"]["operation"] == "agents.list"


def test_a_list_that_goes_in_circles_is_found_out(
    server: RecordingServer, client: ListClient
) -> None:
    service = PagedService(1000)
    server.respond = lambda request: json_answer(service.page((page_of(request) - 1) % 3 + 1))
    pages = client.pages("agents.list")
    assert [page["ok"] for page in pages] == [True, True, True, False]


def test_a_list_that_shrinks_is_an_error_with_the_page_in_it(
    server: RecordingServer, client: ListClient
) -> None:
    service = PagedService(30)
    service.pagination[2] = {"total": 29}
    server.respond = service
    first, second = client.pages("agents.list")
    assert first["ok"]
    assert second["error"]["type"] == "response"
    assert "from 30 to 29" in second["error"]["message"]
    assert second["error"]["body"] == service.page(2)


def test_a_list_that_grows_is_followed(server: RecordingServer, client: ListClient) -> None:
    service = PagedService(20)

    def respond(request: object) -> object:
        if len(server.requests) == 2:
            service.names += ["late-1", "late-2"]
        return service(request)  # type: ignore[arg-type]

    server.respond = respond  # type: ignore[assignment]
    assert ids(items(client.pages("agents.list"), "agents")) == service.names


def test_a_page_that_denies_a_next_one_is_not_believed_against_the_total(
    server: RecordingServer, client: ListClient
) -> None:
    service = PagedService(30)
    for number in (1, 2):
        service.pagination[number] = {"hasNext": False, "totalPages": number}
    server.respond = service
    assert ids(items(client.pages("agents.list"), "agents")) == service.names


def test_a_next_page_that_is_promised_in_vain_ends_quietly(
    server: RecordingServer, client: ListClient
) -> None:
    service = PagedService(20)
    service.pagination[2] = {"hasNext": True}
    server.respond = service
    assert ids(items(client.pages("agents.list"), "agents")) == service.names
    assert len(server.requests) == 3


def test_items_that_never_come_are_told(server: RecordingServer, client: ListClient) -> None:
    service = PagedService(20)
    for number in (1, 2, 3):
        service.pagination[number] = {"total": 25, "totalPages": 3}
    server.respond = service
    pages = client.pages("agents.list")
    assert [page["ok"] for page in pages] == [True, True, False]
    assert "20 of 25" in pages[2]["error"]["message"]


@pytest.mark.parametrize("number", [-(2**63), -1, 2**63 - 1, 2**70])
@pytest.mark.parametrize("name", ["total", "totalPages"])
def test_numbers_that_no_list_can_have_end_it_all_the_same(
    server: RecordingServer, client: ListClient, name: str, number: int
) -> None:
    service = PagedService(20)
    for page in (1, 2, 3):
        service.pagination[page] = {name: number}
    server.respond = service
    good = [page for page in client.pages("agents.list") if page["ok"]]
    assert ids(items(good, "agents")) == service.names


@pytest.mark.parametrize("prefetch", [False, True])
def test_an_error_that_passes_does_not_end_the_pager(
    server: RecordingServer, client: ListClient, prefetch: bool
) -> None:
    service = PagedService(30)
    service.answers[2] = [
        answer(503, "{}", {"Content-Type": "application/json"}),
        close_without_answer(),
    ]
    server.respond = service
    pages = client.pages("agents.list", {"prefetch": prefetch})
    assert [page["ok"] for page in pages] == [True, False, False, True, True]
    assert [page["error"]["type"] for page in pages[1:3]] == ["server", "connection"]
    good = [page for page in pages if page["ok"]]
    assert ids(items(good, "agents")) == service.names


def test_an_error_that_stays_ends_the_pager(server: RecordingServer, client: ListClient) -> None:
    server.respond = lambda request: json_answer({"error": "Forbidden"}, 403)
    (page,) = client.pages("agents.list")
    assert page["error"]["type"] == "permission"


@pytest.mark.parametrize(
    ("operation", "request_text", "field"),
    [
        ("agents.get", b"{}", "operation"),
        ("agents.list", b'{"page":0}', "page"),
        ("agents.list", b'{"page":"2"}', "page"),
        ("agents.list", b'{"prefetch":1}', "prefetch"),
        ("batch_calls.list_calls", b"{}", "batchId"),
        ("agents.list", b'{"limit":', None),
        ("agents.list", b"[]", None),
    ],
)
def test_a_mistake_is_the_answer_of_the_first_page(
    client: ListClient, operation: str, request_text: bytes, field: str | None
) -> None:
    (page,) = client.pages(operation, request_text)
    assert page["error"]["type"] == "invalid_argument"
    assert page["error"].get("field") == field
    assert page["meta"]["attempts"] == 0


def test_a_mistake_in_the_options_is_told_too(client: ListClient) -> None:
    (page,) = client.pages("agents.list", {}, timeoutMs=0)
    assert page["error"]["type"] == "invalid_argument"
    assert page["error"]["field"] == "timeoutMs"


def test_the_next_page_is_fetched_while_the_caller_works(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = PagedService(20)
    with client.pager("agents.list", {"prefetch": True}) as pager:
        assert pager.next()
        server.wait_for(2)
        assert pager.next()
        assert pager.next() is None
    assert len(server.requests) == 2


def test_without_prefetch_nothing_is_asked_ahead(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = PagedService(20)
    with client.pager("agents.list") as pager:
        assert pager.next()
        time.sleep(0.05)
        assert len(server.requests) == 1


def test_a_client_that_the_caller_drives_asks_nothing_ahead(server: RecordingServer) -> None:
    server.respond = PagedService(20)
    with (
        ListClient(server.url, maxRetries=0, engine="caller") as client,
        client.pager("agents.list", {"prefetch": True}) as pager,
    ):
        assert pager.next()
        time.sleep(0.05)
        assert len(server.requests) == 1
        assert pager.next()
        assert pager.next() is None
    assert len(server.requests) == 2


def test_freeing_a_pager_cancels_the_page_being_fetched(
    server: RecordingServer, client: ListClient
) -> None:
    service = PagedService(20)
    service.answers[2] = [silence()]
    server.respond = service
    start = time.monotonic()
    with client.pager("agents.list", {"prefetch": True}) as pager:
        assert pager.next()
        server.wait_for(2)
    assert time.monotonic() - start < 5
    assert client.stats()["queue"]["inFlight"] == 0


def test_closing_the_client_ends_the_wait_for_a_page(
    server: RecordingServer, client: ListClient
) -> None:
    service = PagedService(20)
    service.answers[2] = [silence()]
    server.respond = service
    with client.pager("agents.list", {"prefetch": True}) as pager:
        assert pager.next()
        server.wait_for(2)
        closing = threading.Timer(0.1, client.close, (0,))
        closing.start()
        page = pager.next()
        closing.join()
        assert page is not None
        assert page["error"]["type"] == "cancelled"
        assert pager.next() is None


def test_a_full_queue_does_not_keep_a_pager_from_its_pages(server: RecordingServer) -> None:
    service = PagedService(30)
    release = threading.Event()
    blocked = held(release, json_answer({}))

    def respond(request: object) -> object:
        if "flows" in request.target:  # type: ignore[attr-defined]
            return blocked
        return service(request)  # type: ignore[arg-type]

    server.respond = respond  # type: ignore[assignment]
    with ListClient(server.url, maxRetries=0, maxInFlight=2, maxQueued=0) as client:
        for _ in range(1):
            assert client.submit("flows.list")
        server.wait_for(1)
        assert client.submit("flows.list")
        with client.pager("agents.list", {"prefetch": True}) as pager:
            release_later = threading.Timer(0.2, release.set)
            release_later.start()
            assert ids(items(pager.pages(), "agents")) == service.names
            release_later.join()


def test_a_pager_of_null_has_no_pages_and_is_freed() -> None:
    assert not native.call("trillet_pager_next", None)
    native.call("trillet_pager_free", None)


def test_a_pager_without_a_client_says_so() -> None:
    pager = native.call("trillet_pager_new", None, b"agents.list", None, None)
    assert native.answer("trillet_pager_next", pager)["error"]["type"] == "invalid_argument"
    native.call("trillet_pager_free", pager)


def test_in_a_forked_child_a_pager_answers_forked(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = PagedService(30)
    with client.pager("agents.list", {"prefetch": True}) as pager:
        assert pager.next()
        child = os.fork()
        if child == 0:
            try:
                page = pager.next()
                pager.free()
                good = page is not None and page["error"]["type"] == "forked"
                os._exit(0 if good else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len(pager.pages()) == 2


@pytest.mark.parametrize("routes", STYLES)
@pytest.mark.parametrize("prefetch", [False, True])
def test_the_sandbox_lists_agents_flows_and_calls_completely(
    sandbox: Sandbox, routes: str, prefetch: bool
) -> None:
    with ListClient(sandbox.url, routes=routes) as client:
        agents = [new_agent(client, f"agent {number}") for number in range(45)]
        batch = start_batch(client, agents[0], 250)
        request = {"limit": 20, "prefetch": prefetch}
        assert ids(items(client.pages("agents.list", request), "agents")) == agents
        flows = items(client.pages("flows.list", request), "flows")
        assert len(set(ids(flows))) == len(flows) == 45
        calls = items(
            client.pages("batch_calls.list_calls", {**request, "batchId": batch}), "calls"
        )
        assert len({call["jobId"] for call in calls}) == len(calls) == 250
