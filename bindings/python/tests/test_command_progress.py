"""What people see of long work on a terminal, and what Ctrl-C says there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT
from followed import FollowedBatch, look
from homes import Home, Terminal
from recording_server import json_answer
from test_magic_numbers import calling_agent
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer, Request

CONTACTS = ROOT / "examples" / "contacts.csv"
SOON = ("--min-interval", "0.1")


@pytest.fixture
def home(tmp_path: Path, server: RecordingServer) -> Home:
    return Home(tmp_path, TRILLET_API_KEY="k", TRILLET_BASE_URL=server.url)


def without(home: Home, *modules: str) -> None:
    """The command finds none of these modules."""
    folder = home.folder / "modules"
    folder.mkdir(exist_ok=True)
    for module in modules:
        (folder / f"{module}.py").write_text("raise ImportError")


def go_on(home: Home, text: str) -> Any:
    """Runs the command that a terminal has shown."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    found = re.findall(r"Go on with: trillet ([^\r\n]*)", plain)
    assert len(found) == 1, plain
    return home.run(*shlex.split(found[0]))


def test_a_wait_shows_a_bar_of_rich_with_rate_and_time_left(
    home: Home, server: RecordingServer
) -> None:
    FollowedBatch(server, *[look(done, 9) for done in range(1, 9)], look(9, 9, status="completed"))
    with Terminal(home, "batch", "wait", "b", *SOON) as terminal:
        assert terminal.end() == 0
    assert "b completed" in terminal.text
    assert "9/9" in terminal.text
    assert "calls/min" in terminal.text
    assert "0:00:0" in terminal.text


def test_a_wait_without_rich_shows_a_line_with_rate_and_time_left(
    home: Home, server: RecordingServer
) -> None:
    without(home, "rich", "tqdm")
    FollowedBatch(server, *[look(done, 9) for done in range(1, 9)], look(9, 9, status="completed"))
    with Terminal(home, "batch", "wait", "b", *SOON) as terminal:
        assert terminal.end() == 0
    assert re.search(r"b running: \d of 9, \d+ calls/min, \d+:\d\d left", terminal.text)


def test_who_wants_it_quiet_sees_no_bar(home: Home, server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 4), look(4, 4, status="completed"))
    with Terminal(home, "batch", "wait", "b", "--quiet", *SOON) as terminal:
        assert terminal.end() == 0
    assert "calls/min" not in terminal.text
    assert "\x1b" not in terminal.text


@pytest.mark.parametrize("missing", [(), ("rich",), ("rich", "tqdm")], ids=repr)
def test_ctrl_c_in_a_wait_says_what_was_done_and_how_to_go_on(
    home: Home, server: RecordingServer, missing: tuple[str, ...]
) -> None:
    without(home, *missing)
    batch = FollowedBatch(server, look(1, 4))
    with Terminal(home, "batch", "wait", "b", *SOON) as terminal:
        terminal.wait_for("b running")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "The batch goes on: 1 of 4 calls have ended." in terminal.text
    batch.looks = [look(4, 4, status="completed")]
    assert go_on(home, terminal.text).returncode == 0


def test_ctrl_c_in_results_keeps_the_file_which_the_next_run_completes(
    home: Home, server: RecordingServer, tmp_path: Path
) -> None:
    batch = FollowedBatch(server, look(1, 4), calls=4)
    file = tmp_path / "the results.csv"
    words = ("batch", "results", "b", "--wait", "--file", file, *SOON)
    with Terminal(home, *words) as terminal:
        terminal.wait_for("b running")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "kept as far as it came: 1 of 4 calls have ended." in terminal.text
    batch.looks = [look(4, 4, status="completed")]
    done = go_on(home, terminal.text)
    assert done.returncode == 0, done.stderr
    assert len(file.read_text().splitlines()) == 5


def test_ctrl_c_in_results_without_a_file_says_how_to_get_them_again(
    home: Home, server: RecordingServer
) -> None:
    FollowedBatch(server, look(1, 4), calls=4)
    with Terminal(home, "batch", "results", "b", "--wait", *SOON) as terminal:
        terminal.wait_for("b running")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "Go on with: trillet batch results b --wait" in terminal.text


def test_ctrl_c_in_a_call_says_that_it_goes_on_and_where_to_look(
    home: Home, server: RecordingServer
) -> None:
    record = {"_id": "r", "callId": "c1", "timestamp": 1, "status": "in-progress"}

    def respond(request: Request) -> Any:
        return json_answer({"callId": "c1"} if request.method == "POST" else [record])

    server.respond = respond
    with Terminal(home, "call", "a", "+12025550164", "--wait") as terminal:
        terminal.wait_for("c1 ")
        terminal.wait_for(", 0:0")
        terminal.type("\x03")
        assert terminal.end() == 7
    assert "the call goes on" in terminal.text
    record["status"] = "completed"
    done = go_on(home, terminal.text)
    assert (done.returncode, done.stdout) == (0, "completed\n")


def test_ctrl_c_in_a_wait_for_calls_says_how_many_have_ended(
    home: Home, server: RecordingServer
) -> None:
    calls = [
        {"_id": "1", "callId": "c1", "timestamp": 1, "status": "completed"},
        {"_id": "2", "callId": "c2", "timestamp": 1, "status": "in-progress"},
    ]
    server.respond = lambda _: json_answer(calls)
    with Terminal(home, "calls", "wait", "c1", "c2") as terminal:
        terminal.wait_for("calls running")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "The calls go on: 1 of 2 calls have ended." in terminal.text
    calls[1]["status"] = "completed"
    assert go_on(home, terminal.text).returncode == 0


def test_an_upload_is_told_on_a_terminal(home: Home, server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"batchId": "b"})
    with Terminal(home, "batch", "start", CONTACTS, "--agent", "a", "--yes") as terminal:
        assert terminal.end() == 0
    assert "uploading 100 calls, 0.0 MB" in terminal.text
    assert "uploading" not in home.run("batch", "start", CONTACTS, "--agent", "a").stderr


@pytest.mark.parametrize("missing", [(), ("rich",)], ids=repr)
def test_ctrl_c_in_a_campaign_says_how_to_go_on(tmp_path: Path, missing: tuple[str, ...]) -> None:
    with Sandbox(speed=1) as service, service.client() as client:
        home = Home(
            tmp_path,
            TRILLET_API_KEY=service.api_key,
            TRILLET_WORKSPACE_ID=service.workspace_id,
            TRILLET_BASE_URL=service.url,
        )
        without(home, *missing)
        database = tmp_path / "campaign.sqlite"
        agent = calling_agent(client)
        words = ("--agent", agent, "--file", CONTACTS, "--any-time", "--calls-per-minute", 600)
        made = home.run("campaign", "create", database, *words)
        assert made.returncode == 0, made.stderr
        with Terminal(home, "campaign", "run", database, "--yes") as terminal:
            terminal.wait_for("running")
            terminal.type("\x03")
            terminal.end()
        assert "Calls under way go on." in terminal.text
        done = go_on(home, terminal.text.replace("campaign run", "campaign status"))
        assert done.returncode == 0, done.stderr
