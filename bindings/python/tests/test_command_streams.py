"""The command where its standard streams are closed, full, or take not every letter."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from conftest import KEY, WORKSPACE
from homes import REASONABLE_SECONDS, Home, command
from recording_server import json_answer

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer

AGENT, NUMBER = "5d1c0a77e2b94f0013ab6c21", "+12025550164"
CREATE = ("agents", "create", "--data", "-")


@pytest.fixture
def asked(server: RecordingServer) -> RecordingServer:
    """A service whose answers have letters of every kind."""
    server.respond = lambda _: json_answer({"callId": "c1", "_id": "a1", "name": "Zoë 😀"})
    return server


@pytest.fixture
def home(asked: RecordingServer, tmp_path: Path) -> Home:
    return Home(
        tmp_path,
        TRILLET_BASE_URL=asked.url,
        TRILLET_API_KEY=KEY,
        TRILLET_WORKSPACE_ID=WORKSPACE,
    )


def in_shell(
    home: Home, redirections: str, *words: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The command as a shell starts it."""
    return subprocess.run(
        ["sh", "-c", f'"$@" {redirections}', "sh", *command(*words)],
        env={**home.variables, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=REASONABLE_SECONDS,
        check=False,
    )


def test_a_call_whose_id_cannot_be_written_is_told_and_not_called_undone(
    home: Home, asked: RecordingServer
) -> None:
    done = in_shell(home, ">/dev/full", "call", AGENT, NUMBER)
    assert len(asked.requests) == 1
    assert done.returncode == 7, done
    assert "c1" in done.stderr
    assert "No space left on device. The service may have acted" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_verb_whose_answer_cannot_be_written_is_told(home: Home) -> None:
    made = in_shell(home, ">/dev/full", "calls", "send", "--agent", AGENT, "--to-number", NUMBER)
    assert made.returncode == 7, made
    read = in_shell(home, ">/dev/full", "agents", "get", AGENT)
    assert read.returncode == 6, read
    for done in (made, read):
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_call_is_made_once_where_streams_are_closed(
    home: Home, asked: RecordingServer, closed: str
) -> None:
    done = in_shell(home, closed, "call", AGENT, NUMBER)
    assert done.returncode == 0, done
    assert len(asked.requests) == 1


@pytest.mark.parametrize(
    "words",
    [
        CREATE,
        ("request", "agents.create", "-"),
        ("batch", "start", "-", "--agent", AGENT, "--yes"),
        ("check", "-"),
    ],
    ids=lambda words: words[0],
)
def test_what_reads_a_closed_standard_input_says_that_it_is_empty(
    home: Home, asked: RecordingServer, words: tuple[str, ...]
) -> None:
    done = in_shell(home, "<&-", *words)
    assert done.returncode in (1, 2), done
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert asked.requests == []


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("more", [(), ("--output", "csv"), ("--json",)], ids=lambda more: more[-1:])
def test_letters_that_the_output_does_not_have_are_escapes(
    home: Home, encoding: str, more: tuple[str, ...]
) -> None:
    done = in_shell(home, "", "agents", "get", AGENT, *more, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done
    assert "a1" in done.stdout
    assert "\\U0001f600" in done.stdout or "\\ud83d\\ude00" in done.stdout
