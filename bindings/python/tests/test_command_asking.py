"""``trillet`` asks before what cannot be taken back: on a terminal, with names and numbers."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import trillet
from commanding import point_to, told
from conftest import KEY, ROOT, WORKSPACE
from recording_server import json_answer
from trillet._command.verbs.asking import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recording_server import RecordingServer

CONTACTS = str(ROOT / "examples" / "contacts.csv")
ASKING = {
    "agents.delete": ["agents", "delete", "a"],
    "flows.delete": ["flows", "delete", "a"],
    "flows.delete_knowledge": ["flows", "delete-knowledge", "a", "prices.pdf"],
    "numbers.purchase": [
        "numbers", "purchase", "--country", "US", "--type", "local",
        "--phone-number", "+12025550123",
    ],
    "numbers.release": ["numbers", "release", "--phone-number-id", "a"],
    "conversations.generate": [
        "conversations", "generate", "--flow-id", "f", "--to", "+12025550123",
    ],
    "conversations.act": ["conversations", "act", "c", "m", "--metadata.action", "approve"],
    "workspaces.invite": [
        "workspaces", "invite", "w", "--email", "ada@example.com", "--role", "member",
    ],
    "voices.clone": ["voices", "clone", CONTACTS],
}  # fmt: skip


class Ended(NamedTuple):
    """A command on a terminal, after it has ended."""

    status: int
    screen: str


def on_terminal(url: str, *words: str, answer: bytes) -> Ended:
    """Runs the command where somebody sits, who answers when asked."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_API_KEY": KEY,
        "TRILLET_WORKSPACE_ID": WORKSPACE,
        "TRILLET_BASE_URL": url,
        "TERM": "xterm",
    }
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "trillet", *words],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
        # Ctrl-C is for who has the terminal.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    screen, has_answered, end = b"", False, time.monotonic() + 60
    while time.monotonic() < end and select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        screen += piece
        if b"[y/N]" in screen and not has_answered:
            os.write(ours, answer)
            has_answered = True
    os.close(ours)
    return Ended(process.wait(60), screen.decode().replace("\r\n", "\n"))


@pytest.fixture
def asked(server: RecordingServer, monkeypatch: pytest.MonkeyPatch) -> RecordingServer:
    """A service that keeps what it is asked."""
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({"_id": "a", "name": "Front Desk"})
    return server


def acts(server: RecordingServer) -> list[str]:
    """What was asked for, but for looking."""
    return [each.method for each in server.requests if each.method != "GET"]


def test_each_question_has_a_test() -> None:
    assert sorted(ASKING) == sorted(QUESTIONS)


@pytest.mark.parametrize("words", ASKING.values(), ids=ASKING)
def test_where_nobody_can_answer_it_needs_yes(asked: RecordingServer, words: list[str]) -> None:
    done = told(*words)
    assert (done.status, done.output, asked.requests) == (2, "", [])
    assert "add --yes, or --dry-run to see what it would send" in done.errors
    assert told(*words, "--yes").status == 0
    assert len(acts(asked)) == 1
    assert told(*words, "-y").status == 0
    assert len(asked.requests) == 2


@pytest.mark.parametrize("words", ASKING.values(), ids=ASKING)
def test_no_is_no(asked: RecordingServer, words: list[str]) -> None:
    ended = on_terminal(asked.url, *words, answer=b"n\n")
    assert ended.status == 130
    assert acts(asked) == []
    assert "This " in ended.screen
    assert ended.screen.endswith("nothing was done\n")


@pytest.mark.parametrize(
    ("answer", "status"),
    [(b"y\n", 0), (b"YES\n", 0), (b"\n", 130), (b"\x04", 130), (b"yep\n", 130), (b"\x03", 130)],
    ids=["y", "YES", "return", "end of input", "yep", "Ctrl-C"],
)
def test_only_yes_is_yes(asked: RecordingServer, answer: bytes, status: int) -> None:
    ended = on_terminal(asked.url, "agents", "delete", "a", answer=answer)
    assert ended.status == status, ended
    assert acts(asked) == (["DELETE"] if status == 0 else [])
    assert 'This deletes the agent "Front Desk" (a) for good.' in ended.screen


def test_a_name_steers_no_terminal(asked: RecordingServer) -> None:
    asked.respond = lambda _: json_answer({"_id": "a", "name": "x\x1b[2Jy"})
    ended = on_terminal(asked.url, "agents", "delete", "a", answer=b"n\n")
    assert "x\\x1b[2Jy" in ended.screen


def test_what_is_not_there_is_not_asked_about(asked: RecordingServer) -> None:
    asked.respond = lambda _: json_answer({"error": "Agent not found"}, status=404)
    ended = on_terminal(asked.url, "agents", "delete", "a", answer=b"y\n")
    assert ended.status == 4
    assert "[y/N]" not in ended.screen


def test_a_name_that_cannot_be_looked_up_keeps_nobody_from_deciding(
    asked: RecordingServer,
) -> None:
    asked.respond = lambda request: (
        json_answer({"error": "no"}, status=403)
        if request.method == "GET"
        else json_answer({"status": "success"})
    )
    ended = on_terminal(asked.url, "agents", "delete", "a", answer=b"y\n")
    assert ended.status == 0, ended
    assert "cannot be looked up now" in ended.screen


@pytest.fixture
def agent(sandbox: dict[str, Any]) -> Iterator[str]:
    with trillet.Trillet(KEY, WORKSPACE, base_url=sandbox["url"]) as client:
        voice: Any = {"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"}
        created = client.agents.create(name="Front Desk", tts_model=voice, llm_model="gpt-4o-mini")
        flow = client.flows.create(
            name="Renewal", direction="outbound", prompt_type="simple", agent=created["_id"]
        )
        yield created["_id"]
        client.flows.delete(flow["_id"])


def test_a_batch_tells_how_many_when_and_with_whom(sandbox: dict[str, Any], agent: str) -> None:
    words = ["batch", "start", CONTACTS, "--agent", agent]
    told_now = on_terminal(sandbox["url"], *words, answer=b"n\n")
    assert told_now.status == 130
    assert f'This calls 100 numbers now with the agent "Front Desk" ({agent}).' in told_now.screen
    later = on_terminal(sandbox["url"], *words, "--at", "2031-04-02T09:15:00Z", answer=b"n\n")
    assert "at 2031-04-02T09:15:00Z" in later.screen
    started = on_terminal(sandbox["url"], *words, answer=b"y\n")
    assert started.status == 0
    assert "batch_" in started.screen
    unasked = on_terminal(sandbox["url"], *words, "--yes", answer=b"")
    assert unasked.status == 0
    assert "[y/N]" not in unasked.screen


def test_a_batch_tells_what_it_may_cost_by_the_last_calls(asked: RecordingServer) -> None:
    asked.respond = lambda request: (
        json_answer([{"cost": 0.1}, {"cost": 0.2}, {"cost": None}])
        if "call-history" in request.target
        else json_answer({"_id": "a", "name": "Front Desk"})
    )
    ended = on_terminal(asked.url, "batch", "start", CONTACTS, "--agent", "a", answer=b"n\n")
    assert ended.status == 130, ended
    assert "Its last 2 calls cost 0.15 each, so that these cost about 15." in ended.screen


def test_a_batch_of_a_script_starts_without_a_question(
    sandbox: dict[str, Any], agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, sandbox["url"])
    done = told("batch", "start", CONTACTS, "--agent", agent)
    assert done.status == 0
    assert done.output.startswith("batch_")


def test_a_campaign_tells_how_many_before_it_calls(
    sandbox: dict[str, Any], agent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, sandbox["url"])
    database = str(tmp_path / "spring.db")
    made = told("campaign", "create", database, "--agent", agent, "--file", CONTACTS, "--any-time")
    assert made.status == 0, made
    ended = on_terminal(sandbox["url"], "campaign", "run", database, answer=b"n\n")
    assert ended.status == 130, ended
    assert "This calls 100 contacts, at most 300 calls" in ended.screen
    plan = told("campaign", "run", database, "--dry-run")
    assert plan.status == 0
    assert plan.output.startswith("100 contacts are called")
    assert '"state": "draft"' in told("campaign", "status", database, "--output", "json").output


def test_a_table_on_a_terminal_is_coloured_and_fits(asked: RecordingServer) -> None:
    items = [{"_id": "a" * 24, "name": "n" * 200, "status": "ready"}]
    asked.respond = lambda _: json_answer({"agents": items})
    ended = on_terminal(asked.url, "agents", "list", "--limit", "1", answer=b"")
    assert ended.status == 0, ended
    assert "\x1b[1mID" in ended.screen
    assert "\x1b[32mready" in ended.screen
    assert "the first 1; --limit N or --all lists more" in ended.screen
