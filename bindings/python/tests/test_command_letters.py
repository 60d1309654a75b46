"""Letters that are no print: JSON stays JSON, and no event is lost for one."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from commanding import point_to, told
from homes import Home
from listening import SECRET, Listening, posted
from recording_server import json_answer
from trillet._command.events.forms import signature_of

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer

# A space that holds words together, a mark that turns text round, a tag, an old control character.
TEXT = "10\u00a0Uhr \u202e \U000e0041 \x9b2J"


def deliver(listening: Listening, body: bytes, delivery: str = "evt_1") -> int:
    return posted(listening.url, body, dict([signature_of(body, SECRET, "hex")]), delivery)


def body_with(text: str) -> bytes:
    return json.dumps({"event": "call.completed", "data": {"callId": "c1", "note": text}}).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_each_line_of_a_listener_is_json(tmp_path: Path, encoding: str) -> None:
    with Listening(Home(tmp_path), PYTHONIOENCODING=encoding) as listening:
        assert deliver(listening, body_with(TEXT)) == 200
        event = listening.line()
        listening.end(signal.SIGTERM)
    assert event["body"]["data"]["note"] == TEXT


def test_the_answer_of_a_request_is_json(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({"note": TEXT})
    done = told("request", "agents.get", '{"agentId":"a"}')
    assert json.loads(done.output) == {"note": TEXT}
    assert all(each.isprintable() or each == "\n" for each in done.output)


def test_half_a_letter_loses_no_event(tmp_path: Path) -> None:
    home = Home(tmp_path)
    body = rb'{"event":"call.\ud800","data":{"callId":"c\ud800","status":"\udfff"}}'
    with Listening(home) as listening:
        assert deliver(listening, body) == 200
        assert listening.line()["type"] == "call.\\ud800"
        listening.end(signal.SIGTERM)
    assert home.run("events", "show", "1").returncode == 0


def test_an_event_is_found_by_an_id_of_any_length(tmp_path: Path) -> None:
    home = Home(tmp_path)
    delivery = f"evt_test_{'0123456789abcdef' * 4}"
    with Listening(home) as listening:
        assert deliver(listening, body_with("a"), delivery) == 200
        listening.line()
        listening.end(signal.SIGTERM)
    shown = home.run("events", "show", delivery)
    assert shown.returncode == 0, shown
    assert home.run("events", "show", delivery[:-1]).returncode == 4


@pytest.mark.parametrize("more", [(), ("--output", "json")], ids=["people", "programs"])
def test_what_the_service_says_of_an_error_steers_no_terminal(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({"message": "no \x1b[2J\x1b]0;x\x07 \u202e agent"}, 404)
    done = told("agents", "get", "a", *more)
    assert done.status == 4, done
    assert "agent" in done.errors
    assert all(each.isprintable() or each == "\n" for each in done.errors), repr(done.errors)


@pytest.mark.parametrize(
    "start", ["=", "@", "+A", "-A", "\t=", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_no_cell_is_a_formula(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({"name": f"{start}1+1"})
    done = told("agents", "get", "a", "--output", "csv")
    assert done.output.splitlines()[1].lstrip('"').startswith("'" + start[0])
