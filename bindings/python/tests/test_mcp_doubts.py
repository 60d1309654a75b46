"""``trillet mcp`` where an answer is lost, with the sandbox behind it, and without its package."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp")

import anyio

from conftest import KEY, WORKSPACE
from mcp_sessions import Questions, environment, over_stdio, run, use
from recording_server import close_without_answer, json_answer
from trillet import Trillet

if TYPE_CHECKING:
    from recording_server import Connection, RecordingServer

AGENT = "5d1c0a77e2b94f0013ab6c21"
NUMBER = "+12025550164"
CALL = {"agentId": AGENT, "toNumber": NUMBER}
NAMED = {"_id": AGENT, "name": "Front Desk"}


def posts(server: RecordingServer) -> list[Any]:
    return [each for each in server.requests if each.method == "POST"]


def test_a_call_that_the_client_gives_up_is_known_and_not_made_twice(
    server: RecordingServer,
) -> None:
    release = threading.Event()

    def late(connection: Connection) -> bool:
        release.wait(20)
        return json_answer({"callId": "c1"})(connection)

    server.script(json_answer(NAMED), late, json_answer(NAMED))

    async def give_up() -> None:
        async with over_stdio(server.url, "--allow-calls", NUMBER, "--no-confirm") as session:
            with anyio.move_on_after(3):
                await use(session, "calls_send", **CALL)
            told = await use(session, "calls_send", **CALL)
            assert told.is_error
            assert "under way" in told.text
            release.set()
            # The client of these tests breaks where an answer comes while it ends.
            await use(session, "agents_get", agentId=AGENT)

    run(give_up)
    assert len(posts(server)) == 1


def test_two_requests_at_once_for_one_number_make_one_call(server: RecordingServer) -> None:
    server.respond = lambda request: json_answer(
        {"callId": "c1"} if request.method == "POST" else NAMED
    )

    async def both() -> None:
        flags = ("--allow-calls", NUMBER, "--no-confirm", "--max-calls", 1)
        async with over_stdio(server.url, *flags) as session:
            told = []

            async def one() -> None:
                told.append(await use(session, "calls_send", **CALL))

            async with anyio.create_task_group() as group:
                group.start_soon(one)
                group.start_soon(one)
            assert sorted(each.is_error for each in told) == [False, True]

    run(both)
    assert len(posts(server)) == 1


def test_a_purchase_is_confirmed_and_never_repeated_blindly(server: RecordingServer) -> None:
    server.script(close_without_answer())
    person = Questions("accept")

    async def buy() -> None:
        async with over_stdio(server.url, "--allow-purchases", person=person) as session:
            told = await use(
                session, "numbers_purchase", country="US", type="local", phoneNumber=NUMBER
            )
            assert told.is_error
            assert "sent: maybe" in told.text
            assert "Do NOT repeat it" in told.text

    run(buy)
    assert NUMBER in person.asked[0]
    assert len(posts(server)) == 1


def test_a_call_is_followed_to_its_end_with_what_was_said(sandbox: dict[str, Any]) -> None:
    with Trillet(KEY, WORKSPACE, base_url=sandbox["url"]) as client:
        agent = client.agents.create(
            name="Front Desk",
            tts_model={"provider": "rime", "voiceId": "mistv2_Brook"},
            llm_model="gpt-4o-mini",
        )["_id"]
        client.flows.create(
            name="Renewal", direction="outbound", prompt_type="simple", prompt="Hi.", agent=agent
        )

    async def follow() -> None:
        flags = ("--allow-calls", NUMBER, "--no-confirm")
        async with over_stdio(sandbox["url"], *flags) as session:
            told = await use(session, "calls_send", agentId=agent, toNumber=NUMBER)
            assert not told.is_error, told.text
            made = json.loads(told.text)
            call = made.get("callId") or made["roomName"]
            end = await use(session, "calls_wait", callId=call, deadlineSeconds=50)
            assert not end.is_error, end.text
            assert json.loads(end.text.partition("\n")[0])["record"]["transcript"]

    run(follow, 90)


def test_without_its_package_the_command_says_what_to_install(server: RecordingServer) -> None:
    program = (
        "import sys; sys.modules['mcp'] = None\n"
        "from trillet._command.command import main\n"
        "sys.exit(main(['mcp']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(server.url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "trillet[mcp]" in done.stderr
