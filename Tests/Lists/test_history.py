"""The history of calls, whose pages are bare arrays without a word on further ones."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from list_doors import ListClient, items
from recording_server import RecordingServer, Reply, Request, answer, json_answer
from started_batch import new_agent, start_batch
from trillet.testing import Sandbox

WAY = [False, True]


class History:
    """Serves calls, the newest first; ``arrivals`` are placed before the page of that number."""

    def __init__(self, count: int, most: int = 1000) -> None:
        self.calls = [f"call-{number}" for number in range(count, 0, -1)]
        self.most = most
        self.arrivals: dict[int, int] = {}
        self.asked: list[int] = []
        self.limits: set[str | None] = set()

    def __call__(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.target).query)
        number = int(query.get("page", ["1"])[0])
        given = query.get("limit", [None])[0]
        self.asked.append(number)
        self.limits.add(given)
        limit = min(int(given or 10), self.most)
        for _ in range(self.arrivals.pop(number, 0)):
            self.calls.insert(0, f"call-{len(self.calls) + 1}")
        start = (number - 1) * limit
        return json_answer([{"_id": name} for name in self.calls[start : start + limit]])


def walked(client: ListClient, request: dict[str, Any]) -> list[str]:
    return [call["_id"] for call in items(client.pages("calls.history", request), "")]


@pytest.mark.parametrize("prefetch", WAY)
@pytest.mark.parametrize("count", [9, 10, 11, 20, 45, 300])
def test_the_history_is_walked_to_its_end(
    server: RecordingServer, client: ListClient, count: int, prefetch: bool
) -> None:
    server.respond = history = History(count)
    calls = walked(client, {"prefetch": prefetch})
    assert calls == history.calls
    # A last page that is full cannot be told from one before the last.
    assert len(history.asked) == count // 10 + 1


def test_a_history_without_calls_is_one_empty_page(
    server: RecordingServer, client: ListClient
) -> None:
    server.respond = history = History(0)
    (page,) = client.pages("calls.history")
    assert (page["data"], history.asked) == ([], [1])


@pytest.mark.parametrize("most", [50, 100])
def test_a_limit_that_the_service_cuts_loses_no_call(
    server: RecordingServer, client: ListClient, most: int
) -> None:
    server.respond = history = History(230, most)
    assert walked(client, {"limit": 200}) == history.calls


@pytest.mark.parametrize("limit", [1, 7, 10, 100])
def test_the_limit_of_the_caller_is_the_size_of_a_page(
    server: RecordingServer, client: ListClient, limit: int
) -> None:
    server.respond = history = History(23)
    assert walked(client, {"limit": limit}) == history.calls
    assert history.limits == {str(limit)}


def test_the_filters_are_in_each_request(server: RecordingServer, client: ListClient) -> None:
    server.respond = History(15)
    client.pages("calls.history", {"agentId": "a1", "callIds": ["c1"], "status": "completed"})
    first, second = (parse_qs(urlsplit(request.target).query) for request in server.requests)
    assert second.pop("page") == ["2"]
    assert first == second == {"agentId": ["a1"], "callIds": ['["c1"]'], "status": ["completed"]}


@pytest.mark.parametrize("placed", [1, 9, 10, 11, 25])
def test_calls_placed_meanwhile_hide_none(
    server: RecordingServer, client: ListClient, placed: int
) -> None:
    server.respond = history = History(45)
    there = list(history.calls)
    history.arrivals = {2: placed, 4: placed}
    calls = dict.fromkeys(walked(client, {}))
    assert [call for call in calls if call in there] == there


def test_a_service_that_ignores_the_page_is_found_out(
    server: RecordingServer, client: ListClient
) -> None:
    server.otherwise = json_answer([{"_id": f"call-{number}"} for number in range(10)])
    pages = client.pages("calls.history")
    assert pages[-1]["error"]["type"] == "response"
    assert "does not page this list" in pages[-1]["error"]["message"]
    assert len(pages) == 3


def test_a_page_that_could_not_be_had_is_asked_for_again(
    server: RecordingServer, client: ListClient
) -> None:
    history = History(15)
    failures = [answer(500, "{}")]

    def respond(request: Request) -> Reply:
        return failures.pop() if "page=2" in request.target and failures else history(request)

    server.respond = respond
    with client.pager("calls.history", None, maxRetries=0) as pager:
        pages = pager.pages()
    good = [page["data"] for page in pages if page["ok"]]
    assert [len(page) for page in good] == [10, 5]
    assert [page["ok"] for page in pages] == [True, False, True]


@pytest.mark.parametrize("routes", ["overview", "published"])
def test_the_history_of_the_sandbox_is_walked_completely(sandbox: Sandbox, routes: str) -> None:
    with ListClient(sandbox.url, routes=routes) as client:
        batch = start_batch(client, new_agent(client, "history"), 25)
        sandbox.clock.advance(3600)
        calls = walked(client, {"batchId": batch})
        assert len(set(calls)) == len(calls) == 25
