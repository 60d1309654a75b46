"""``trillet mcp`` over streamable HTTP, and how it ends on either transport."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("mcp")

import httpx

from mcp_sessions import TOKEN, Questions, command, environment, http_server, over_http, run, use
from recording_server import json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer

AGENT = "5d1c0a77e2b94f0013ab6c21"
NUMBER = "+12025550164"
NAMED = {"_id": AGENT, "name": "Front Desk"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def test_reads_and_confirmed_calls_work_over_http(server: RecordingServer) -> None:
    server.script(json_answer(NAMED), json_answer(NAMED), json_answer({"callId": "c1"}))
    person = Questions("accept")
    with http_server(server.url, "--allow-calls", NUMBER) as address:

        async def talk() -> None:
            async with over_http(address, person=person) as session:
                assert "Front Desk" in (await use(session, "agents_get", agentId=AGENT)).text
                told = await use(session, "calls_send", agentId=AGENT, toNumber=NUMBER)
                assert not told.is_error

        run(talk)
    assert person.asked == [f"Call {NUMBER} with the agent 'Front Desk' ({AGENT})?"]


def test_fifty_reads_at_once_are_answered_over_http(server: RecordingServer) -> None:
    server.otherwise = json_answer(NAMED)
    with http_server(server.url) as address:

        async def talk() -> None:
            async with over_http(address) as session:
                told = await asyncio.gather(
                    *(use(session, "agents_get", agentId=AGENT) for _ in range(50))
                )
                assert not any(each.is_error for each in told)

        run(talk)
    assert len(server.requests) == 50


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer another-token-of-tests"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Host": "attacker.example"}, 421),
        ({"Origin": "https://attacker.example"}, 403),
    ],
)
def test_only_programs_of_this_machine_that_know_the_token_get_in(
    server: RecordingServer, changed: dict[str, str], status: int
) -> None:
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json, text/event-stream",
        **changed,
    }
    with http_server(server.url) as address:
        assert address.startswith("http://127.0.0.1:")
        answer = httpx.post(address, json=HELLO, headers=headers, timeout=30)
        assert answer.status_code == status


def started(url: str, *flags: object, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command(*flags)],
        env={**environment(url), **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def greet(program: subprocess.Popen[str]) -> dict[str, object]:
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(json.dumps(HELLO) + "\n")
    program.stdin.flush()
    answer: dict[str, object] = json.loads(program.stdout.readline())
    return answer


def test_a_closed_standard_input_ends_it(server: RecordingServer) -> None:
    program = started(server.url)
    assert "result" in greet(program)
    out, error = program.communicate(timeout=20)
    assert (program.returncode, out, error) == (0, "", "")


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_although_standard_input_is_open(
    server: RecordingServer, which: signal.Signals
) -> None:
    program = started(server.url)
    greet(program)
    program.send_signal(which)
    assert program.wait(timeout=20) == 0
    out, error = program.communicate()
    assert (out, error) == ("", "ended\n")


def test_what_is_no_message_is_survived(server: RecordingServer) -> None:
    program = started(server.url)
    assert program.stdin is not None
    program.stdin.write("nonsense\n[1\n\n")
    first = greet(program)
    assert program.stdout is not None
    second = json.loads(program.stdout.readline())
    third = json.loads(program.stdout.readline())
    assert sorted("result" in each for each in (first, second, third)) == [False, False, True]
    assert program.communicate(timeout=20)[0] == ""


@pytest.mark.parametrize(
    ("flags", "piece"),
    [
        (("--allow-calls", ""), "cannot be read"),
        (("--allow-calls", "/none/numbers.txt"), "cannot be read"),
        (("--allow-calls", "+1202"), "+1202555*"),
        (("--allow-calls", "+12025550164,+*"), "+1202555*"),
        (("--allow-calls", "/dev/null"), "no number"),
        (("--max-calls", "0"), "1 or more"),
        (("--files", "/none"), "no folder"),
    ],
)
def test_a_flag_that_is_wrong_is_told(
    server: RecordingServer, flags: tuple[str, ...], piece: str
) -> None:
    program = started(server.url, *flags)
    out, error = program.communicate(timeout=20)
    assert program.returncode == 2
    assert out == ""
    assert piece in error


def test_a_token_that_is_easily_guessed_is_refused(server: RecordingServer) -> None:
    program = started(server.url, "--http", 0, TRILLET_MCP_TOKEN="short")
    _, error = program.communicate(timeout=20)
    assert program.returncode == 2
    assert "TRILLET_MCP_TOKEN" in error
    assert "short" not in error


def test_a_token_is_made_and_told_once_where_none_is_given(server: RecordingServer) -> None:
    program = started(server.url, "--http", 0, TRILLET_MCP_TOKEN="")
    assert program.stderr is not None
    program.stderr.readline()
    token = program.stderr.readline().partition("Bearer ")[2].strip()
    program.send_signal(signal.SIGINT)
    _, error = program.communicate(timeout=20)
    assert len(token) > 40
    assert token not in error
