"""The command ``trillet logs``: each call once as it comes, and once as it ends."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from homes import REASONABLE_SECONDS, Home
from recording_server import json_answer
from trillet._command.call_log import CallLog

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    import trillet
    from recording_server import RecordingServer, Request

START = 2_000_000_000


class History:
    """A call history that a test writes."""

    def __init__(self, server: RecordingServer) -> None:
        self.calls: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []
        server.respond = self._answer

    def add(self, call: str, begin: float, status: str = "in-progress", **others: Any) -> None:
        record = {"_id": f"r-{call}", "callId": call, "timestamp": START + begin, "status": status}
        self.calls.insert(0, {**record, **others})

    def end(self, call: str, status: str = "completed") -> None:
        for record in self.calls:
            if record["callId"] == call:
                record["status"] = status

    def _answer(self, request: Request) -> Any:
        query = dict(request.query)
        self.asked.append(query)
        found = self.calls
        if "callIds" in query:
            wanted = json.loads(query["callIds"])
            found = [each for each in found if each["callId"] in wanted]
        if "agentId" in query:
            found = [each for each in found if each.get("agentId") == query["agentId"]]
        size, page = int(query.get("limit", 10)), int(query.get("page", 1))
        return json_answer(found[(page - 1) * size : page * size])


@pytest.fixture
def history(server: RecordingServer) -> History:
    return History(server)


@pytest.fixture
def home(tmp_path: Path, server: RecordingServer) -> Home:
    variables = {"TRILLET_API_KEY": "k", "TRILLET_BASE_URL": server.url}
    return Home(tmp_path, **variables)


def told(client: trillet.Trillet, log: CallLog, agent: str | None = None) -> list[tuple[str, str]]:
    return [(each.change, each.record["callId"]) for each in log.look(client, agent)]


def test_a_call_is_told_as_it_comes_and_as_it_ends(
    client: trillet.Trillet, history: History
) -> None:
    log = CallLog(START)
    history.add("before", -100, "completed")
    history.add("a", 1)
    history.add("b", 2)
    assert told(client, log) == [("started", "a"), ("started", "b")]
    assert told(client, log) == []
    history.end("a")
    history.add("c", 3, "no-answer")
    assert told(client, log) == [("ended", "a"), ("ended", "c")]
    history.end("b", "failed")
    assert told(client, log) == [("ended", "b")]
    assert told(client, log) == []


def test_a_call_that_comes_late_is_told_between_others(
    client: trillet.Trillet, history: History
) -> None:
    log = CallLog(START)
    history.add("a", 100, "completed")
    assert told(client, log) == [("ended", "a")]
    history.add("late", 60, "completed")
    assert told(client, log) == [("ended", "late")]
    assert told(client, log) == []


def test_more_calls_than_a_page_holds_are_told_once_each(
    client: trillet.Trillet, history: History
) -> None:
    log = CallLog(START)
    for number in range(250):
        history.add(f"{number}", number * 10, "completed")
    assert told(client, log) == [("ended", f"{number}") for number in range(250)]
    assert log.requests == 3
    assert told(client, log) == []
    # The next look stops where it knows the rest.
    assert log.requests == 1
    assert len(log.told) < 10


def test_the_end_of_a_call_that_is_on_no_page_any_more_is_told(
    client: trillet.Trillet, history: History
) -> None:
    log = CallLog(START)
    history.add("long", 1)
    assert told(client, log) == [("started", "long")]
    for number in range(300):
        history.add(f"{number}", 1000 + number, "completed")
    assert len(told(client, log)) == 300
    history.end("long")
    assert told(client, log) == [("ended", "long")]
    assert "long" in history.asked[-1]["callIds"]


def test_a_log_that_begins_now_tells_what_comes_whatever_the_clock_says(
    client: trillet.Trillet, history: History
) -> None:
    log = CallLog(time.time())
    history.add("done", 1, "completed")
    history.add("open", 2)
    log.begin_now(client, None)
    assert told(client, log) == []
    history.end("open")
    history.add("new", 3)
    assert told(client, log) == [("ended", "open"), ("started", "new")]


def test_a_log_that_is_written_down_goes_on(client: trillet.Trillet, history: History) -> None:
    log = CallLog(START)
    history.add("a", 1)
    history.add("b", 2, "completed")
    told(client, log)
    history.end("a")
    history.add("c", 3)
    again = CallLog.of_json(json.loads(json.dumps(log.as_json())))
    assert told(client, again) == [("ended", "a"), ("started", "c")]


def lines(process: subprocess.Popen[str], count: int) -> list[dict[str, Any]]:
    assert process.stdout is not None
    return [json.loads(process.stdout.readline()) for _ in range(count)]


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit status after Ctrl-C, and what was said of it."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=REASONABLE_SECONDS)
    return process.returncode, said


def test_calls_are_followed_until_ctrl_c_which_says_how_to_go_on(
    home: Home, history: History
) -> None:
    history.add("old", -50_000, "completed")
    words = ("logs", "--follow", "--agent", "g", "--since", "2033-05-18T03:33:20Z")
    history.add("a", 1, agentId="g")
    history.add("other", 1, agentId="h")
    with home.start(*words, "--output", "json") as process:
        first = lines(process, 1)[0]
        assert (first["change"], first["call"]["callId"]) == ("started", "a")
        history.end("a")
        last = lines(process, 1)[0]
        assert (last["change"], last["call"]["status"]) == ("ended", "completed")
        status, said = ended(process)
    assert status == 130
    assert "Go on with: trillet logs --follow --agent g --since 2033-05-18T03:3" in said


def test_a_checkpoint_misses_nothing_and_repeats_nothing(
    home: Home, history: History, tmp_path: Path
) -> None:
    place = tmp_path / "calls.checkpoint"
    words = ("logs", "--follow", "--since", "2033-05-18", "--checkpoint", place)
    history.add("a", 1)
    history.add("b", 2, "completed")
    with home.start(*words, "--output", "json") as process:
        assert [each["call"]["callId"] for each in lines(process, 2)] == ["a", "b"]
        end = time.monotonic() + REASONABLE_SECONDS
        while not place.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        _, said = ended(process)
    assert f"--checkpoint {place}" in said
    history.end("a")
    history.add("c", 3)
    with home.start(*words, "--output", "json") as process:
        found = [(each["change"], each["call"]["callId"]) for each in lines(process, 2)]
        ended(process)
    assert found == [("ended", "a"), ("started", "c")]


def test_a_service_that_fails_for_a_while_ends_nothing(
    home: Home, history: History, server: RecordingServer
) -> None:
    server.script(*[json_answer({"error": "No"}, 500) for _ in range(6)])
    history.add("a", 1)
    words = ("logs", "--follow", "--since", "2033-05-18", "--output", "json")
    with home.start(*words) as process:
        assert lines(process, 1)[0]["call"]["callId"] == "a"
        status, said = ended(process)
    assert status == 130
    assert said.count("goes on") <= 2


def test_a_key_that_is_not_accepted_ends_it(home: Home, server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"error": "No"}, 401)
    assert home.run("logs", "--follow").returncode == 3


def test_it_asks_at_most_every_other_second(home: Home, history: History) -> None:
    history.add("a", 1)
    with home.start("logs", "--follow") as process:
        time.sleep(6)
        asked = len(history.asked)
        ended(process)
    assert 1 <= asked <= 4


def test_without_following_the_last_calls_are_told(home: Home, history: History) -> None:
    for number in range(5):
        history.add(f"{number}", number, "failed" if number == 3 else "completed", duration=7)
    since = ("--since", "2033-05-18")
    shown = home.run("logs", *since, "--limit", "2")
    assert [line.split("\t")[1] for line in shown.stdout.splitlines()] == ["3", "4"]
    assert "\t7 s\t" in shown.stdout
    failed = home.run("logs", *since, "--status", "failed", "--output", "json")
    assert json.loads(failed.stdout)["call"]["callId"] == "3"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--since", "yesterday"), "--since"),
        (("--since", "2033-13-01"), "--since"),
        (("--limit", "0"), "--limit"),
        (("--follow", "--limit", "3"), "--limit"),
        (("--checkpoint", "x"), "--checkpoint"),
        (("--follow", "--checkpoint", "/nowhere/x"), "/nowhere/x"),
        (("--follow", "--checkpoint", "/proc/self/cmdline"), "no checkpoint"),
    ],
    ids=repr,
)
def test_a_wrong_option_is_status_2_and_named(
    home: Home, history: History, words: tuple[str, ...], named: str
) -> None:
    done = home.run("logs", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
