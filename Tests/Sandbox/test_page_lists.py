"""The lists behind the page: any part of them, filtered, sorted and counted by the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from conftest import StartSandbox
from sandbox import OTHER_KEY, OTHER_WORKSPACE, Sandbox, ready_agent, start_batch

BUSY = "+15005550001"
ANSWERED = "+15005550000"
RINGING_LONG = "+15005550005"


def send(sandbox: Sandbox, agent: str, number: str = ANSWERED, **fields: object) -> str:
    answer = sandbox.post("/api/v1/calls/call", {"agentId": agent, "toNumber": number, **fields})
    assert answer.status == 200, answer.body
    call: str = answer.json["callId"]
    return call


def ask(sandbox: Sandbox, what: str, **query: object) -> Any:
    answer = sandbox.request("GET", f"/sandbox/{what}?{urlencode(query)}")
    assert answer.status == 200, answer.body
    return answer.json


def ids(part: Any) -> list[str]:
    return [entry["id"] for entry in part["entries"]]


class Holdings:
    """A server whose time stands still, with calls in several states."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.agent = ready_agent(sandbox)
        self.other = ready_agent(sandbox)
        self.batch = start_batch(sandbox, self.other, 30)
        sandbox.steer(advanceMs=900_000)
        self.good = send(sandbox, self.agent, dynamicVariables={"first_name": "Ada"})
        sandbox.steer(advanceMs=1_000)
        self.bad = send(sandbox, self.agent, BUSY)
        sandbox.steer(advanceMs=60_000)
        self.rings = send(sandbox, self.agent, RINGING_LONG)
        sandbox.steer(advanceMs=10_000)
        self.queued = send(sandbox, self.agent)


@pytest.fixture(scope="module")
def held() -> Iterator[Holdings]:
    sandbox = Sandbox(
        "--requests-per-minute", "0", "--paused", "--account", f"{OTHER_KEY}:{OTHER_WORKSPACE}"
    )
    yield Holdings(sandbox)
    sandbox.stop()


def test_the_newest_calls_come_first_and_all_are_counted(held: Holdings) -> None:
    part = ask(held.sandbox, "calls", limit=3)
    assert ids(part) == [held.queued, held.rings, held.bad]
    assert part["total"] == 34
    assert part["entries"][0]["agentName"] == "Front Desk"


def test_pages_follow_each_other_without_a_gap(held: Holdings) -> None:
    whole = ids(ask(held.sandbox, "calls", limit=100))
    pages = [ids(ask(held.sandbox, "calls", limit=7, offset=offset)) for offset in range(0, 35, 7)]
    assert [call for page in pages for call in page] == whole
    assert len(set(whole)) == 34


def test_calls_are_filtered_by_state(held: Holdings) -> None:
    assert ids(ask(held.sandbox, "calls", state="queued")) == [held.queued]
    assert ids(ask(held.sandbox, "calls", state="ringing")) == [held.rings]
    assert ids(ask(held.sandbox, "calls", state="running")) == [held.queued, held.rings]
    assert ask(held.sandbox, "calls", state="talking")["entries"] == []
    successful = ask(held.sandbox, "calls", state="successful")
    failed = ask(held.sandbox, "calls", state="failed")
    assert successful["total"] + failed["total"] == 32
    assert held.good in ids(successful)
    assert held.bad in ids(failed)


def test_calls_are_filtered_by_agent_batch_reason_number_and_time(held: Holdings) -> None:
    sandbox = held.sandbox
    assert ask(sandbox, "calls", agentId=held.agent)["total"] == 4
    batch = ask(sandbox, "calls", batchId=held.batch)
    assert batch["total"] == 30
    assert {entry["batchId"] for entry in batch["entries"]} == {held.batch}
    reason = next(entry for entry in ask(sandbox, "calls")["entries"] if entry["id"] == held.bad)
    assert held.bad in ids(ask(sandbox, "calls", error=reason["error"]))
    assert ids(ask(sandbox, "calls", number="15005550001")) == [held.bad]
    at = reason["createdAt"]
    assert ids(ask(sandbox, "calls", since=at, until=at + 1)) == [held.bad]
    assert ask(sandbox, "calls", until=at - 1_000)["total"] == 30
    assert ask(sandbox, "calls", batchId="batch_9999999")["total"] == 0


def test_calls_are_searched_as_text(held: Holdings) -> None:
    assert ids(ask(held.sandbox, "calls", search="ADA")) == [held.good]
    assert ids(ask(held.sandbox, "calls", search=held.bad)) == [held.bad]
    assert ask(held.sandbox, "calls", search="%")["total"] == 0
    assert ask(held.sandbox, "calls", search="' OR 1=1 --")["total"] == 0


def test_what_a_call_will_say_is_not_found_before_it_has_ended(held: Holdings) -> None:
    said = ask(held.sandbox, "calls", search="Agent:")
    assert held.good in ids(said)
    assert held.queued not in ids(said)


@pytest.mark.parametrize("sort", ["created", "ended", "length", "number"])
def test_calls_are_sorted_in_both_directions(held: Holdings, sort: str) -> None:
    down = ids(ask(held.sandbox, "calls", sort=sort, limit=100))
    up = ids(ask(held.sandbox, "calls", sort=sort, direction="ascending", limit=100))
    assert down == up[::-1]


def test_a_list_that_is_read_stays_and_counts_what_is_newer(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--paused")
    agent = ready_agent(sandbox)
    old = [send(sandbox, agent) for _ in range(3)]
    last = ask(sandbox, "calls")["last"]
    send(sandbox, agent)
    send(sandbox, agent, BUSY)
    part = ask(sandbox, "calls", upTo=last)
    assert ids(part) == old[::-1]
    assert (part["total"], part["newer"]) == (3, 2)
    assert ask(sandbox, "calls", upTo=last, number="5550001")["newer"] == 1


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("offset=-1", "offset"),
        ("state=lost", "state"),
        ("sort=price", "sort"),
        ("direction=up", "direction"),
        ("since=yesterday", "since"),
        ("upTo=x", "upTo"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(held: Holdings, query: str, named: str) -> None:
    answer = held.sandbox.get(f"/sandbox/calls?{query}")
    assert answer.status == 400
    assert answer.json["error"]["message"].startswith(named)


def test_the_summary_counts_what_the_lists_have(held: Holdings) -> None:
    summary = ask(held.sandbox, "summary")
    counts = summary["calls"]
    assert (counts["total"], counts["queued"], counts["ringing"], counts["talking"]) == (
        34,
        1,
        1,
        0,
    )
    for state in ("successful", "failed"):
        assert counts[state] == ask(held.sandbox, "calls", state=state)["total"]
    assert summary["totals"]["agents"] == 2
    assert summary["totals"]["batches"] == 1
    assert summary["workspaces"] == [OTHER_WORKSPACE, "sandbox-workspace"]


def test_workspaces_share_no_list(held: Holdings) -> None:
    for what in ("calls", "batches", "agents", "flows"):
        assert ask(held.sandbox, what, workspaceId=OTHER_WORKSPACE)["total"] == 0
    elsewhere = ask(held.sandbox, "calls", workspaceId=OTHER_WORKSPACE, batchId=held.batch)
    assert elsewhere["total"] == 0


def test_only_the_key_that_everybody_knows_is_told(held: Holdings) -> None:
    about = ask(held.sandbox, "about")
    assert about["apiKey"] == "sandbox-key"
    assert about["baseUrl"] == f"http://127.0.0.1:{held.sandbox.port}"
    assert "calls.send" in about["operations"]
    other = held.sandbox.get(f"/sandbox/about?workspaceId={OTHER_WORKSPACE}")
    assert other.json["apiKey"] is None
    assert OTHER_KEY.encode() not in other.body


def test_a_batch_tells_why_calls_failed_and_lists_its_rows(held: Holdings) -> None:
    batch = ask(held.sandbox, f"batches/{held.batch}")
    assert batch["completed"] + batch["failed"] == 30
    assert sum(reason["calls"] for reason in batch["reasons"]) == batch["failed"]
    assert batch["columns"] == ["phone_number", "first_name"]
    rows = ask(held.sandbox, f"batches/{held.batch}/rows", limit=10, offset=25)
    assert [row["row"] for row in rows["entries"]] == list(range(26, 31))
    failed = ask(held.sandbox, f"batches/{held.batch}/rows", state="failed")
    assert failed["total"] == batch["failed"]
    assert all(row["error"] for row in failed["entries"])
    assert ask(held.sandbox, "batches", search=held.batch)["total"] == 1
    assert ask(held.sandbox, "batches", state="queued")["total"] == 0


def test_agents_and_flows_tell_everything_that_is_set(held: Holdings) -> None:
    agent = ask(held.sandbox, f"agents/{held.agent}")
    assert agent["calls"] == 4
    assert agent["document"]["llmModel"] == "gpt-4o-mini"
    flow = ask(held.sandbox, f"flows/{agent['flows'][0]['id']}")
    assert flow["agentId"] == held.agent
    assert "Greet {first_name}" in flow["document"]["prompt"]
    assert ask(held.sandbox, "agents", search="front")["total"] == 2
    assert ask(held.sandbox, "flows", agentId=held.other)["total"] == 1


@pytest.mark.parametrize("path", ["agents/none", "flows/none", "batches/none", "batches/none/rows"])
def test_what_is_not_there_is_404(held: Holdings, path: str) -> None:
    answer = held.sandbox.get(f"/sandbox/{path}")
    assert answer.status == 404
    assert "none" in answer.json["error"]["message"]


def test_the_plot_shows_the_states_over_time(held: Holdings) -> None:
    now = ask(held.sandbox, "summary")["clock"]["now"]
    plot = ask(held.sandbox, "plot", since=now - 60_000, until=now, points=60)
    assert (plot["queued"][-1], plot["ringing"][-1], plot["talking"][-1]) == (1, 1, 0)
    # The call that rings was sent ten seconds ago.
    assert plot["ringing"][-12:-9] == [0, 0, 1]
    assert plot["width"] == 1_000
    whole = ask(held.sandbox, "plot", points=20)
    counts = ask(held.sandbox, "summary")["calls"]
    assert sum(whole["successful"]) == counts["successful"]
    assert sum(whole["failed"]) == counts["failed"]


def test_nothing_is_drawn_of_the_future(held: Holdings) -> None:
    now = ask(held.sandbox, "summary")["clock"]["now"]
    plot = ask(held.sandbox, "plot", since=now - 30_000, until=now + 30_000, points=60)
    assert plot["ringing"][30] == 1
    assert set(plot["ringing"][31:]) == {0}
    assert ask(held.sandbox, "plot", workspaceId=OTHER_WORKSPACE)["talking"] == [0] * 60


def test_deliveries_are_searched_and_counted(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--paused")
    agent = ready_agent(sandbox)
    calls = [send(sandbox, agent, callbackUrl="http://127.0.0.1:9/hook") for _ in range(3)]
    part = ask(sandbox, "deliveries", search=calls[0], workspaceId="sandbox-workspace", limit=1)
    assert part["matching"] > 1
    assert part["entries"][0]["callId"] == calls[0]
    second = ask(sandbox, "deliveries", search=calls[0], limit=1, offset=1)
    assert second["entries"][0]["sequence"] < part["entries"][0]["sequence"]
    assert ask(sandbox, "deliveries", workspaceId="nobody")["matching"] == 0
