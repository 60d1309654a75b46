"""``trillet mcp``: what a model is offered, what it is refused, and what it is told."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp")

from mcp_sessions import Questions, Told, over_stdio, run, use
from recording_server import close_without_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from recording_server import RecordingServer

AGENT = "5d1c0a77e2b94f0013ab6c21"
NUMBER = "+12025550164"
CALL = {"agentId": AGENT, "toNumber": NUMBER}
NAMED = {"_id": AGENT, "name": "Front \x1b[2JDesk\u202e"}
CSV = f"phone_number,first_name\n{NUMBER},Ada\n"


def answers(server: RecordingServer, *documents: object) -> None:
    for document in documents:
        server.script(json_answer(document))


def names(flags: tuple[object, ...], url: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def look() -> None:
        async with over_stdio(url, *flags) as session:
            found.update({tool.name: tool for tool in (await session.list_tools()).tools})

    run(look)
    return found


def one(
    server: RecordingServer,
    flags: tuple[object, ...],
    tool: str,
    arguments: Mapping[str, object],
    person: Questions | None = None,
) -> Told:
    told: list[Told] = []

    async def ask() -> None:
        async with over_stdio(server.url, *flags, person=person) as session:
            told.append(await use(session, tool, **arguments))

    run(ask)
    return told[0]


def calls_of(server: RecordingServer) -> list[Any]:
    return [each for each in server.requests if each.method == "POST"]


def test_without_flags_every_tool_only_reads(server: RecordingServer) -> None:
    tools = names((), server.url)
    assert {"agents_list", "calls_history", "calls_find", "contacts_check"} <= set(tools)
    assert all(tool.annotations.readOnlyHint for tool in tools.values())
    assert not {"agents_create", "calls_send", "numbers_purchase", "calls_recording"} & set(tools)
    schema = tools["agents_get"].inputSchema
    assert schema["required"] == ["agentId"]
    assert "(Bearer" not in json.dumps(schema)


def test_each_flag_adds_its_own(server: RecordingServer) -> None:
    flags = ("--allow-changes", "--allow-calls", NUMBER, "--allow-purchases")
    tools = names(flags, server.url)
    assert {"agents_create", "agents_delete", "calls_send", "numbers_purchase"} <= set(tools)
    assert tools["agents_delete"].annotations.destructiveHint
    assert not tools["agents_create"].annotations.destructiveHint
    assert tools["calls_send"].annotations.idempotentHint is False
    assert "smartCallbackConfig" not in tools["batch_calls_start"].inputSchema["properties"]
    # Whom these reach stands in no list, or they take a secret.
    assert not {"conversations_act", "workspaces_invite", "numbers_register"} & set(tools)


def test_a_tool_that_is_not_allowed_is_refused_although_it_is_named(
    server: RecordingServer,
) -> None:
    told = one(server, ("--no-confirm",), "calls_send", CALL)
    assert told.is_error
    assert "--allow-calls" in told.text
    assert not server.requests


def test_a_read_answers_the_data(server: RecordingServer) -> None:
    answers(server, {"agents": [{"_id": AGENT, "name": "Front Desk"}], "pagination": {}})
    told = one(server, (), "agents_list", {"limit": 1})
    assert not told.is_error
    document, note = told.text.split("\n")
    assert json.loads(document)["agents"][0]["name"] == "Front Desk"
    assert "page=2" in note


@pytest.mark.parametrize("number", ["+12025550165", "+1202555016", "12025550164", "+1202555016٤"])
def test_a_number_that_is_not_on_the_list_is_never_called(
    server: RecordingServer, number: str
) -> None:
    flags = ("--allow-calls", NUMBER, "--no-confirm")
    told = one(server, flags, "calls_send", {"agentId": AGENT, "toNumber": number})
    assert told.is_error
    assert "list of numbers" in told.text
    assert not server.requests


def test_a_call_that_the_person_accepts_is_made(server: RecordingServer) -> None:
    person = Questions("accept")
    answers(server, NAMED, {"callId": "c1"})
    told = one(server, ("--allow-calls", "+1202*"), "calls_send", dict(CALL), person)
    assert not told.is_error
    assert json.loads(calls_of(server)[0].body)["toNumber"] == NUMBER
    question = person.asked[0]
    assert NUMBER in question
    assert "Front \\x1b[2JDesk\\u202e" in question


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_a_call_that_the_person_does_not_accept_is_not_made(
    server: RecordingServer, action: str
) -> None:
    answers(server, NAMED)
    told = one(server, ("--allow-calls", NUMBER), "calls_send", dict(CALL), Questions(action))
    assert told.is_error
    assert "said no" in told.text
    assert not calls_of(server)


def test_where_nobody_can_be_asked_no_call_is_made(server: RecordingServer) -> None:
    answers(server, NAMED)
    told = one(server, ("--allow-calls", NUMBER), "calls_send", dict(CALL))
    assert told.is_error
    assert "--no-confirm" in told.text
    assert not calls_of(server)


def test_no_more_calls_are_made_than_are_allowed(server: RecordingServer) -> None:
    answers(server, NAMED, {"callId": "c1"})

    async def twice() -> None:
        flags = ("--allow-calls", NUMBER, "--no-confirm", "--max-calls", 1)
        async with over_stdio(server.url, *flags) as session:
            assert not (await use(session, "calls_send", **CALL)).is_error
            told = await use(session, "calls_send", **CALL)
            assert told.is_error
            assert "--max-calls" in told.text

    run(twice)
    assert len(calls_of(server)) == 1


def test_after_maybe_nothing_is_sent_again(server: RecordingServer) -> None:
    answers(server, NAMED)
    server.script(close_without_answer())
    answers(server, NAMED)

    async def twice() -> None:
        async with over_stdio(server.url, "--allow-calls", NUMBER, "--no-confirm") as session:
            told = await use(session, "calls_send", **CALL)
            assert told.is_error
            assert "sent: maybe" in told.text
            assert "Do NOT call again" in told.text
            assert "calls_find" in told.text
            again = await use(session, "calls_send", **CALL)
            assert again.is_error
            assert "calls_find" in again.text

    run(twice)
    assert len(calls_of(server)) == 1


def test_a_batch_with_a_number_that_is_not_on_the_list_calls_nobody(
    server: RecordingServer,
) -> None:
    arguments = {"agentId": AGENT, "csv": f"{CSV}+12025550165,Bob\n"}
    flags = ("--allow-calls", NUMBER, "--no-confirm")
    told = one(server, flags, "batch_calls_start", arguments)
    assert told.is_error
    assert "1 of 2 numbers" in told.text
    assert "+12025550165" in told.text
    assert not server.requests


def test_a_batch_is_confirmed_and_sent_as_it_was_checked(server: RecordingServer) -> None:
    person = Questions("accept")
    answers(server, NAMED, {"batchId": "b1"})
    arguments = {"agentId": AGENT, "csv": CSV}
    told = one(server, ("--allow-calls", NUMBER), "batch_calls_start", arguments, person)
    assert not told.is_error
    assert f"Call 1 numbers ({NUMBER})" in person.asked[0]
    assert NUMBER.encode() in calls_of(server)[0].body


def test_files_are_read_from_one_folder_alone(server: RecordingServer, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "good.csv").write_text(CSV)
    (tmp_path / "secret.csv").write_text(CSV)
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")

    async def look() -> None:
        async with over_stdio(server.url, "--files", folder) as session:
            assert '"valid":true' in (await use(session, "contacts_check", file="good.csv")).text
            for name in ("../secret.csv", "link.csv", str(tmp_path / "secret.csv"), "none.csv"):
                told = await use(session, "contacts_check", file=name)
                assert told.is_error, name
                assert "no file of the folder" in told.text

    run(look)


def test_a_long_transcript_is_cut_and_an_argument_raises_the_limit(
    server: RecordingServer,
) -> None:
    said = [{"role": "agent", "content": f"{number} " + "x" * 300} for number in range(300)]
    document = {"_id": "c1", "transcript": said, "elevenLabsApiKey": "very-secret"}
    answers(server, document, document)

    async def look() -> None:
        async with over_stdio(server.url) as session:
            short = await use(session, "calls_get", callHistoryId="c1")
            assert len(short.text) < 21_000
            assert "transcript" in short.text.rpartition("\n")[2]
            assert "very-secret" not in short.text
            whole = await use(session, "calls_get", callHistoryId="c1", maxCharacters=200_000)
            assert len(json.loads(whole.text.partition("\n")[0])["transcript"]) == 300

    run(look)


def test_what_could_act_on_the_reader_is_shown_and_not_sent(server: RecordingServer) -> None:
    answers(server, {"_id": AGENT, "name": "a\x9b31m\u202eb\U000e0041c\x00"})
    told = one(server, (), "agents_get", {"agentId": AGENT})
    assert "\u202e" not in told.text
    assert "\x9b" not in told.text
    assert "\U000e0041" not in told.text
    assert "\\u202e" in told.text


def test_a_misspelt_argument_is_told_and_nothing_is_sent(server: RecordingServer) -> None:
    told = one(server, (), "agents_get", {"agentld": AGENT})
    assert told.is_error
    assert "agentld" in told.text
    assert "agentId" in told.text
    assert not server.requests


def test_a_failed_read_says_what_failed(server: RecordingServer) -> None:
    server.script(json_answer({"error": "Agent not found"}, status=404))
    told = one(server, (), "agents_get", {"agentId": AGENT})
    assert told.is_error
    assert "not_found" in told.text
    assert "It only reads" in told.text


def test_fifty_reads_at_once_are_answered(server: RecordingServer) -> None:
    answers(server, *({"_id": AGENT, "name": "Front Desk"} for _ in range(50)))

    async def all_at_once() -> None:
        async with over_stdio(server.url) as session:
            told = await asyncio.gather(
                *(use(session, "agents_get", agentId=AGENT) for _ in range(50))
            )
            assert not any(each.is_error for each in told)

    run(all_at_once)
    assert len(server.requests) == 50


def test_the_reference_is_a_resource(server: RecordingServer) -> None:
    async def read() -> None:
        async with over_stdio(server.url) as session:
            (resource,) = (await session.list_resources()).resources
            (content,) = (await session.read_resource(resource.uri)).contents
            assert "## calls.send" in getattr(content, "text", "")

    run(read)
