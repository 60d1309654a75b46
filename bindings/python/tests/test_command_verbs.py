"""The verbs of ``trillet``: what their flags become, and what the sandbox answers."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from commanding import point_to, told
from recording_server import json_answer

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer

VOICE = ["--tts-model.provider", "rime", "--tts-model.voice-id", "mistv2_Brook"]
AGENT = ["agents", "create", "--name", "Front Desk", "--llm-model", "gpt-4.1-mini", *VOICE]


@pytest.fixture
def asked(server: RecordingServer, monkeypatch: pytest.MonkeyPatch) -> RecordingServer:
    """A service that keeps what it is asked."""
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({"_id": "a"})
    return server


@pytest.fixture
def there(sandbox: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """The sandbox, as the service of the command."""
    point_to(monkeypatch, sandbox["url"])
    return str(sandbox["url"])


# MARK: Flags


@pytest.mark.parametrize(
    ("flags", "field", "value"),
    [
        (["--system-prompt", "Be kind."], "systemPrompt", "Be kind."),
        (["--system-prompt="], "systemPrompt", ""),
        (["--system-prompt", "12"], "systemPrompt", "12"),
        (["--smart-callback", "true"], "smartCallback", True),
        (["--max-attempts-for-smart-callback", "3"], "maxAttemptsForSmartCallback", 3),
        (["--settings.speed", "0.6"], "settings", {"speed": 0.6}),
        (["--settings.speed=1", "--settings.volume", "0"], "settings", {"speed": 1, "volume": 0}),
        (["--settings", '{"speed":1}'], "settings", {"speed": 1}),
        (["--settings.speed", "2", "--settings", '{"speed":1,"a":[]}'], "settings",
         {"speed": 2, "a": []}),
        (["--settings.newOne", "3"], "settings", {"newOne": 3}),
        (["--settings.new.deep=a b"], "settings", {"new": {"deep": "a b"}}),
        (["--settings.newOne", "0012"], "settings", {"newOne": "0012"}),
        (["--variables.branch", "north"], "variables", {"branch": "north"}),
        (["--phone-number-ids", "a", "--phone-number-ids", "b"], "phoneNumberIds", ["a", "b"]),
        (["--phone-number-ids", '["a","b"]'], "phoneNumberIds", ["a", "b"]),
        (["--gap-between-each-attempt-for-smart-callback", '{"hours":4}'],
         "gapBetweenEachAttemptForSmartCallback", [{"hours": 4}]),
        (["--pathway", "null"], "pathway", None),
        (["--pathway", "nullable"], "pathway", "nullable"),
    ],
    ids=lambda value: " ".join(map(str, value))[:40] if isinstance(value, list) else "",
)  # fmt: skip
def test_a_flag_is_the_field(
    asked: RecordingServer, flags: list[str], field: str, value: object
) -> None:
    done = told("agents", "update", "a", *flags)
    assert done.status == 0, done
    assert asked.requests[0].json == {field: value}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--smart-callback", "yes"], "argument --smart-callback: 'yes' is neither true nor false"),
        (["--settings.speed", "fast"], "argument --settings.speed: 'fast' is no number"),
        (["--max-attempts-for-smart-callback", "1.5"], "is no whole number"),
        (["--max-attempts-for-smart-callback", "true"], "is no whole number"),
        (["--settings", "[1]"], "argument --settings: '[1]' is no JSON object"),
        (["--settings", "{"], "argument --settings: '{' is no JSON"),
        (["--settings", '{"a":NaN}'], "JSON has no NaN"),
        (["--settings", "[" * 100_000], "nested too deeply"),
        (["--type", "robot"], "argument --type: invalid choice: 'robot'"),
        (["--settings.", "1"], "a name is missing between its dots"),
        (["--settings.a..b", "1"], "a name is missing between its dots"),
        (["--settings.new"], "expected one argument"),
        (["--name"], "expected one argument"),
        (["--nothing.at.all", "1"], "unrecognized arguments: --nothing.at.all"),
        (["--merge"], ""),
    ],
    ids=lambda value: " ".join(map(str, value))[:40] if isinstance(value, list) else "",
)
def test_a_flag_that_is_wrong_is_named_and_nothing_is_sent(
    asked: RecordingServer, flags: list[str], said: str
) -> None:
    done = told("agents", "update", *flags)
    assert (done.status, done.output, asked.requests) == (2, "", [])
    assert said in done.errors


def test_what_is_missing_is_named_by_its_flags(asked: RecordingServer) -> None:
    done = told("agents", "create", "--name", "x")
    assert (done.status, asked.requests) == (2, [])
    assert done.errors == "trillet: --tts-model and --llm-model are missing\n"
    assert "--to-number is missing" in told("calls", "send", "--agent", "a").errors
    assert "AGENT_ID" in told("agents", "get").errors
    assert "credentials in --data are missing" in told(
        "numbers", "register", "--phone-number", "+12025550164", "--provider", "twilio"
    ).errors  # fmt: skip


def test_a_mistake_that_the_library_finds_names_the_flag(asked: RecordingServer) -> None:
    done = told("calls", "send", "--agent", "a", "--to-number", "0301234")
    assert (done.status, asked.requests) == (2, [])
    assert "'--to-number' must be a phone number" in done.errors
    assert "'AGENT_ID' must be an id; got '..'" in told("agents", "get", "..").errors
    assert "toNumber" not in done.errors


def test_an_id_with_a_slash_stays_one(asked: RecordingServer) -> None:
    assert told("agents", "get", "a/../b").status == 0
    assert asked.requests[0].path.endswith("/agents/a%2F..%2Fb")


# MARK: --data


def test_data_lies_below_the_flags(asked: RecordingServer, tmp_path: Path) -> None:
    data = tmp_path / "agent.json"
    data.write_text('\ufeff{"name":"a","settings":{"speed":1,"volume":1},"newField":[1]}', "utf-8")
    assert told("agents", "update", "x", "--data", data, "--settings.speed", "0.5").status == 0
    assert asked.requests[0].json == {
        "name": "a",
        "settings": {"speed": 0.5, "volume": 1},
        "newField": [1],
    }


def test_digits_are_sent_as_they_were_typed(asked: RecordingServer) -> None:
    data = '{"variables":{"a":0.10,"b":1e400,"c":123456789012345678901234567890}}'
    assert told("agents", "update", "x", "--data", data, "--settings.speed", "0.60").status == 0
    body = asked.requests[0].body
    for digits in (b"0.10", b"1E+400", b"123456789012345678901234567890", b"0.60"):
        assert digits in body or digits.lower().replace(b"+", b"") in body, body


def test_data_comes_from_standard_input_and_from_the_line(
    asked: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO('{"name":"é"}'.encode())))
    assert told("agents", "update", "x", "--data", "-").status == 0
    assert told("agents", "update", "x", "--data", '{"name":"b"}').status == 0
    assert [each.json["name"] for each in asked.requests] == ["é", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is no JSON"),
        (b'{"a":', "is no JSON"),
        (b"[1]", "has JSON of type list; the fields are one object"),
        (b'"x"', "has JSON of type str"),
        (b'{"a":"\xff"}', "is no UTF-8: byte 6"),
        (b'{"settings":1}', "--settings.speed is a member of --settings"),
        (b'{"a":Infinity}', "JSON has no Infinity"),
    ],
)
def test_data_that_is_no_object_is_a_wrong_argument(
    asked: RecordingServer, tmp_path: Path, text: bytes, said: str
) -> None:
    data = tmp_path / "data.json"
    data.write_bytes(text)
    done = told("agents", "update", "x", "--data", data, "--settings.speed", "1")
    assert (done.status, done.output, asked.requests) == (2, "", [])
    assert said in done.errors


def test_data_that_is_not_there_is_a_wrong_argument(asked: RecordingServer) -> None:
    done = told("agents", "update", "x", "--data", "nowhere.json")
    assert (done.status, asked.requests) == (2, [])
    assert done.errors == "trillet: --data: nowhere.json: No such file or directory\n"


def test_a_request_takes_a_query_too(asked: RecordingServer) -> None:
    assert told("request", "agents.get", '{"agentId":"a"}', "--query", "_id").output == '"a"\n'


# MARK: Files


def test_a_file_comes_from_standard_input(
    asked: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"%PDF")))
    assert told("knowledge-bases", "upload", "k", "-", "--file-name", "prices.pdf").status == 0
    part = asked.requests[0].parts[0]
    assert (part.file_name, part.content) == ("prices.pdf", b"%PDF")


def test_a_file_that_is_not_there_is_a_wrong_argument(asked: RecordingServer) -> None:
    done = told("knowledge-bases", "upload", "k", "nowhere.pdf")
    assert (done.status, done.output, asked.requests) == (2, "", [])
    assert "nowhere.pdf" in done.errors


def test_an_answer_that_is_a_file_is_printed_as_it_came_or_written(
    there: str, tmp_path: Path
) -> None:
    printed = told("batch", "template")
    assert printed.status == 0
    assert printed.output.startswith("phone_number,")
    target = tmp_path / "template.csv"
    written = told("batch", "template", "--file", target)
    assert (written.status, written.output) == (0, "")
    assert target.read_text() == printed.output
    assert json.loads(told("batch", "template", "--json").output)["contentType"] == "text/csv"
    missing = told("batch", "template", "--file", tmp_path / "no" / "where")
    assert missing.status == 2
    assert "--file: " in missing.errors


def test_a_recording_needs_a_file(there: str) -> None:
    done = told("calls", "recording", "x")
    assert (done.status, done.output) == (2, "")
    assert "--file" in done.errors


# MARK: Against the sandbox


def test_a_resource_lives_from_create_to_delete(there: str) -> None:
    created = told(*AGENT, "--settings.speed", "0.7", "--json")
    assert created.status == 0, created
    agent = json.loads(created.output)["_id"]
    assert told("agents", "show", agent, "--query", "settings.speed").output == "0.7\n"
    changed = told("agents", "update", agent, "--name", "Night Desk", "--merge")
    assert "name: Night Desk\n" in changed.output
    assert told("agents", "retrieve", agent, "--query", "settings.speed").output == "0.7\n"
    assert agent in told("agents", "list", "--all", "--query", "[]._id").output
    assert told("agents", "delete", agent, "--yes").status == 0
    gone = told("agents", "get", agent)
    assert gone.status == 4
    assert agent in gone.errors


@pytest.mark.parametrize(
    "text", ["yesterday", "1y", "", "2031-13-01", "2031-03-04T25:00:00Z", "-1h", "9999999d"]
)
def test_a_time_that_is_none_sends_nothing(asked: RecordingServer, text: str) -> None:
    done = told("calls", "list", f"--since={text}")
    assert (done.status, asked.requests) == (2, [])
    assert "is no time; write 90m, 1h, 2d" in done.errors


def test_times_are_those_of_utc(asked: RecordingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.respond = lambda _: json_answer([])
    for since in ("2031-03-04", "2031-03-04T15:00:00Z", "2031-03-04T15:00:00+02:00"):
        assert told("calls", "list", "--since", since).status == 0
    ranges = [json.loads(dict(each.query)["dateRange"])["from"] for each in asked.requests]
    assert ranges == ["2031-03-04", "2031-03-04T15:00:00Z", "2031-03-04T13:00:00Z"]
    both = told("calls", "list", "--since", "1h", "--date-range", "{}")
    assert both.status == 2
