"""``trillet mcp`` where the answer to a purchase is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp")

from conftest import KEY, WORKSPACE
from mcp_sessions import over_stdio, run, use
from recording_server import close_without_answer, json_answer
from trillet import AsyncTrillet
from trillet._command.model_context import purchases
from trillet._command.model_context.access import Access
from trillet._command.model_context.running import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import Connection, RecordingServer

NUMBER, ID = "+12025550188", "5d1c0b90e2b94f0013ab6d77"
PURCHASE = {"country": "US", "type": "local", "phoneNumber": NUMBER}
OWNED = {"_id": ID, "phoneNumber": NUMBER}
FLAGS = ("--allow-purchases", "--no-confirm")


def posts(server: RecordingServer) -> list[Any]:
    return [each for each in server.requests if each.method == "POST"]


def lost(server: RecordingServer, listed: Callable[[Connection], bool]) -> None:
    """Answers to what changes numbers are lost; `listed` answers which there are."""
    server.respond = lambda request: close_without_answer() if request.method == "POST" else listed


@pytest.mark.parametrize(
    ("tool", "arguments", "listed"),
    [
        ("numbers_purchase", PURCHASE, []),
        ("numbers_release", {"phoneNumberId": ID}, [OWNED]),
    ],
)
def test_what_may_have_been_done_is_not_done_again_before_the_numbers_decide(
    server: RecordingServer, tool: str, arguments: dict[str, Any], listed: list[Any]
) -> None:
    lost(server, json_answer(listed))

    async def twice() -> None:
        async with over_stdio(server.url, *FLAGS) as session:
            assert "sent: maybe" in (await use(session, tool, **arguments)).text
            told = await use(session, tool, **arguments)
            assert told.is_error
            assert "may have been done" in told.text
            assert "numbers_list" in told.text

    run(twice)
    assert len(posts(server)) == 1


@pytest.mark.parametrize(
    ("tool", "arguments", "listed", "told"),
    [
        ("numbers_purchase", PURCHASE, [OWNED], "the number is now in"),
        ("numbers_purchase", PURCHASE, OWNED, "the number is now in"),
        ("numbers_release", {"phoneNumberId": ID}, [], "the number is no longer in"),
    ],
)
def test_what_the_numbers_show_as_done_is_told_and_not_done_again(
    server: RecordingServer, tool: str, arguments: dict[str, Any], listed: Any, told: str
) -> None:
    lost(server, json_answer(listed))

    async def twice() -> None:
        async with over_stdio(server.url, *FLAGS) as session:
            assert "sent: maybe" in (await use(session, tool, **arguments)).text
            assert told in (await use(session, tool, **arguments)).text

    run(twice)
    assert len(posts(server)) == 1


@pytest.mark.parametrize("answer", [json_answer({"message": "soon"}), json_answer({}, 403)])
def test_numbers_that_cannot_be_looked_up_decide_nothing(
    server: RecordingServer, answer: Callable[[Connection], bool]
) -> None:
    lost(server, answer)

    async def twice() -> None:
        async with over_stdio(server.url, *FLAGS) as session:
            await use(session, "numbers_purchase", **PURCHASE)
            told = await use(session, "numbers_purchase", **PURCHASE)
            assert told.is_error
            assert "may have been done" in told.text
            assert "Nothing further was sent." in told.text

    run(twice)
    assert len(posts(server)) == 1


def test_what_the_numbers_never_show_can_be_bought_again(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(purchases, "monotonic", lambda: now)
    lost(server, json_answer([]))

    async def ask(_: str) -> str:
        raise AssertionError("--no-confirm")

    async def thrice() -> None:
        nonlocal now
        access = Access(purchases=True, confirms=False)
        async with AsyncTrillet(KEY, WORKSPACE, base_url=server.url) as client:
            runner = Runner(client, access)
            for after, requests in ((0, 1), (59, 1), (2, 2), (0, 2)):
                now += after
                _, is_error = await runner.run("numbers_purchase", PURCHASE, ask)
                assert is_error
                assert len(posts(server)) == requests

    run(thrice)
