"""``trillet call --wait``: a number is called, and what became of it printed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from recording_server import json_answer
from test_command import environment, run

if TYPE_CHECKING:
    from recording_server import RecordingServer, Reply, Request

CALL = ("call", "a", "+12025550164", "--wait", "--output")
SAID = [
    {"role": "assistant", "content": "Hi Ada.\n"},
    {"role": "user", "content": "Yes, \x1b[2J please."},
]


def history(server: RecordingServer, *states: str | None, sent: Any = None) -> None:
    """Has calls stand so in one look after the other, for ever as in the last."""
    told = list(states)

    def respond(request: Request) -> Reply:
        if request.method == "POST":
            return json_answer({"callId": "call_1"} if sent is None else sent)
        state = told.pop(0) if len(told) > 1 else told[0]
        record = {"callId": "call_1", "status": state, "transcript": SAID}
        return json_answer([record] if state else [])

    server.respond = respond


def test_the_outcome_and_what_was_said_are_printed(server: RecordingServer) -> None:
    history(server, "ringing", "completed")
    done = run(server.url, *CALL, "table")
    assert done.returncode == 0
    assert done.stdout == "completed\nassistant: Hi Ada.\\n\nuser: Yes, \\x1b[2J please.\n"
    assert done.stderr.splitlines()[:2] == ["call_1", "call_1 ringing"]


def test_programs_get_the_whole_end(server: RecordingServer) -> None:
    history(server, "busy")
    done = run(server.url, *CALL, "json", "--quiet")
    assert (done.returncode, done.stderr) == (1, "call_1\n")
    assert json.loads(done.stdout)["record"]["transcript"] == SAID


@pytest.mark.parametrize(
    ("sent", "deadline", "words"),
    [(None, "0.3", "deadline"), ({"status": "queued"}, "5", "names no call")],
)
def test_a_wait_that_fails_does_not_say_that_nothing_was_done(
    server: RecordingServer, sent: Any, deadline: str, words: str
) -> None:
    history(server, "ringing", sent=sent)
    done = run(server.url, *CALL, "table", "--deadline", deadline)
    assert done.returncode == 7
    assert words in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--deadline", "5"), "--deadline needs --wait"),
        (("--wait", "--deadline", "-1"), "'--deadline' must be 0 to 31622400 seconds; got -1"),
        (("--wait", "--deadline", "nan"), "'--deadline' must be 0 to 31622400 seconds; got nan"),
    ],
)
def test_a_deadline_that_cannot_be_kept_is_refused_before_the_phone_rings(
    server: RecordingServer, arguments: tuple[str, ...], words: str
) -> None:
    history(server, "completed")
    done = run(server.url, "call", "a", "+12025550164", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert server.requests == []


def test_an_interrupted_wait_says_that_the_call_goes_on(server: RecordingServer) -> None:
    history(server, "ringing")
    process = subprocess.Popen(
        [sys.executable, "-m", "trillet", *CALL, "table"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(server.url),
    )
    with process:
        assert process.stderr is not None
        assert process.stderr.readline() == "call_1\n"
        assert process.stderr.readline() == "call_1 ringing\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 7
        said = process.stderr.read().splitlines()
    assert said == ["interrupted; the call goes on", "Go on with: trillet calls wait call_1"]
