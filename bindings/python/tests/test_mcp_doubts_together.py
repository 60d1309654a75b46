"""``trillet mcp`` where requests that concern one phone come together: calls, batches, searches."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp")

import anyio

from mcp_sessions import Told, over_stdio, run, use
from recording_server import close_without_answer, json_answer

if TYPE_CHECKING:
    from recording_server import Connection, RecordingServer

AGENT = "5d1c0a77e2b94f0013ab6c21"
NUMBER, OTHER = "+12025550164", "+12025550165"
CALL = {"agentId": AGENT, "toNumber": NUMBER}
NAMED = {"_id": AGENT, "name": "Front Desk"}
FLAGS = ("--allow-calls", f"{NUMBER},{OTHER}", "--no-confirm")


def posts(server: RecordingServer) -> list[Any]:
    """What could ring a phone."""
    return [each for each in server.requests if each.method == "POST" and "call" in each.path]


def answers(server: RecordingServer, post: Any) -> None:
    """The agent, an empty history, and `post` for what could ring a phone."""
    server.respond = lambda request: (
        json_answer({"history": [], "data": [], "total": 0})
        if "history" in request.path
        else post
        if request.method == "POST"
        else json_answer(NAMED)
    )


def test_a_search_while_the_call_is_under_way_settles_nothing(server: RecordingServer) -> None:
    release = threading.Event()

    def late(connection: Connection) -> bool:
        release.wait(20)
        return json_answer({"callId": "c1"})(connection)

    answers(server, late)

    async def look() -> None:
        async with over_stdio(server.url, *FLAGS) as session:
            made: list[Told] = []

            async def call() -> None:
                made.append(await use(session, "calls_send", **CALL))

            async with anyio.create_task_group() as group:
                group.start_soon(call)
                while not posts(server):
                    await anyio.sleep(0.05)
                told = await use(session, "calls_find", **CALL, since="2026-01-01T00:00:00Z")
                release.set()
            assert told.is_error
            assert "under way" in told.text
            assert [each.is_error for each in made] == [False], made
            assert "c1" in made[0].text

    run(look)
    assert len(posts(server)) == 1


@pytest.mark.parametrize(
    "contacts",
    [f"phone_number\n{NUMBER}\n", f"phone_number,first_name\n{OTHER},Ann\n{NUMBER},Bob\n"],
    ids=["alone", "among others"],
)
def test_no_batch_calls_a_number_whose_call_is_in_doubt(
    server: RecordingServer, contacts: str
) -> None:
    answers(server, close_without_answer())

    async def both() -> None:
        async with over_stdio(server.url, *FLAGS) as session:
            first = await use(session, "calls_send", **CALL)
            assert "sent: maybe" in first.text
            told = await use(session, "batch_calls_start", agentId=AGENT, csv=contacts)
            assert told.is_error
            assert NUMBER in told.text
            assert "calls_find" in told.text

    run(both)
    assert len(posts(server)) == 1


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("calls_send", CALL),
        ("batch_calls_start", {"agentId": AGENT, "csv": f"phone_number\n{NUMBER}\n"}),
        (
            "batch_calls_start",
            {"agentId": AGENT, "csv": f"phone_number\n{NUMBER}\n{OTHER}\n+12025550166\n"},
        ),
    ],
    ids=["a call", "a smaller batch", "a larger batch"],
)
def test_nothing_calls_a_number_of_a_batch_that_is_in_doubt(
    server: RecordingServer, tool: str, arguments: dict[str, Any]
) -> None:
    answers(server, close_without_answer())
    contacts = f"phone_number\n{NUMBER}\n{OTHER}\n"

    async def both() -> None:
        flags = ("--allow-calls", "+1202555*", "--no-confirm")
        async with over_stdio(server.url, *flags) as session:
            first = await use(session, "batch_calls_start", agentId=AGENT, csv=contacts)
            assert "sent: maybe" in first.text
            told = await use(session, tool, **arguments)
            assert told.is_error
            assert "Nothing further was sent" in told.text

    run(both)
    assert len(posts(server)) == 1


def test_a_call_whose_answer_cannot_be_shown_is_not_told_as_undone(
    server: RecordingServer,
) -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = {"a": deep}
    answers(server, json_answer({"callId": "c1", "deep": deep}))

    async def call() -> None:
        async with over_stdio(server.url, *FLAGS) as session:
            told = await use(session, "calls_send", **CALL)
            assert "c1" in told.text or "Do NOT repeat it" in told.text, told

    run(call)
    assert len(posts(server)) == 1


@pytest.mark.parametrize(
    ("contacts", "said"),
    [
        (f"phone_number\n{NUMBER}\n{OTHER}\n+1 (202) 555-0164\n", "more than one row"),
        (f"phone_number,note\n{NUMBER},{'x' * 200_000}\n", "cannot be read"),
    ],
    ids=["a number twice", "a huge cell"],
)
def test_a_batch_that_is_not_one_call_a_phone_calls_nobody(
    server: RecordingServer, contacts: str, said: str
) -> None:
    answers(server, json_answer({"batchId": "b1"}))

    async def start() -> None:
        async with over_stdio(server.url, *FLAGS) as session:
            told = await use(session, "batch_calls_start", agentId=AGENT, csv=contacts)
            assert told.is_error
            assert said in told.text
            assert "Nobody was called" in told.text

    run(start)
    assert posts(server) == []
