"""How the verbs of ``trillet`` show what was answered."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from commanding import point_to, told
from conftest import KEY
from listing import asked_pages, serve_list
from recording_server import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer

    Answer = Callable[[Any], None]


@pytest.fixture(autouse=True)
def _here(server: RecordingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(monkeypatch, server.url)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def agents(server: RecordingServer) -> Answer:
    """Has the service answer a list of agents with these."""

    def answer(items: list[Any]) -> None:
        page = {"page": 1, "limit": 20, "total": len(items), "totalPages": 1, "hasNext": False}
        server.respond = lambda _: json_answer({"agents": items, "pagination": page})

    return answer


def columns(text: str) -> int:
    """How many columns a line takes, told by another way than the command's own."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


# MARK: Tables


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_a_table_fits_the_terminal_whatever_is_in_it(
    agents: Answer, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    names = ["Front Desk", "受付" * 40, "e\u0301" * 90, "a\x1b[2J\x07b\r\nc\u202e" * 9, "x" * 300]
    agents(
        [
            {"_id": f"6b0c7906ffe86e4c9491148{at}", "name": name, "llmModel": "gpt-4.1-mini"}
            for at, name in enumerate(names)
        ]
    )
    done = told("agents", "list", "--output", "table")
    assert done.status == 0
    lines = done.output.splitlines()
    assert len(lines) == 6
    assert max(map(columns, lines)) <= width
    assert lines[1].startswith("6b0c7906ffe86e4c94911480  Front")
    assert all(line.isprintable() for line in lines)
    # What stands below one another begins in one column.
    starts = {columns(line[: line.index("…")]) for line in lines if line.count("…") == 1}
    assert len(starts) <= 2


def test_columns_that_nobody_asked_for_are_left_out_where_they_do_not_fit_or_are_empty(
    agents: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [{"_id": "a", "name": "n" * 30, "llmModel": "m" * 30, "pathway": None}]
    agents(items)
    assert told("agents", "list", "--output", "table").output.split("\n")[0].split() == [
        "ID",
        "NAME",
        "LLM",
        "MODEL",
    ]
    monkeypatch.setenv("COLUMNS", "20")
    assert "LLM" not in told("agents", "list", "--output", "table").output


def test_columns_that_were_asked_for_are_all_there(agents: Answer) -> None:
    agents([{"_id": "a", "ttsModel": {"provider": "rime"}, "name": "n" * 200}])
    done = told(
        "agents", "list", "--output", "table", "--columns", "ttsModel.provider, name,nothing"
    )
    head, line = done.output.splitlines()
    assert head.split() == ["TTS", "MODEL.PROVIDER", "NAME", "NOTHING"]
    assert line.startswith("rime ")
    assert "…" in line


def test_a_time_is_one_for_people_in_a_table_alone(server: RecordingServer) -> None:
    server.respond = lambda _: json_answer([{"_id": "a", "timestamp": 1932109360}])
    assert "2031-03-24 09:02:40" in told("calls", "list", "--output", "table").output
    assert "1932109360" in told("calls", "list", "--output", "csv").output


def test_elsewhere_than_on_a_terminal_rows_are_fields_between_tabs(agents: Answer) -> None:
    agents([{"_id": "a", "name": "x\ty\nz", "status": "ready"}])
    assert told("agents", "list").output == "a\tx\\ty\\nz\tready\t\t\t\n"


def test_an_empty_list_is_nothing_in_each_form(agents: Answer) -> None:
    agents([])
    assert told("agents", "list") == (0, "", "")
    assert told("agents", "list", "--output", "table") == (0, "", "")
    assert told("agents", "list", "--output", "json").output == "[]\n"
    assert told("agents", "list", "--output", "jsonl").output == ""
    (head,) = csv.reader(io.StringIO(told("agents", "list", "--output", "csv").output))
    assert head[0] == "_id"


def test_one_answer_is_a_line_for_each_member(server: RecordingServer) -> None:
    server.respond = lambda _: json_answer(
        {"_id": "a", "n": None, "x": {"y": True, "z": [1, {"q": "\x1b"}]}, "e": {}}
    )
    assert told("agents", "get", "a").output == (
        '_id: a\nx.y: true\nx.z: [1,{"q":"\\u001b"}]\ne: {}\n'
    )


# MARK: For programs


def test_json_is_what_came(server: RecordingServer) -> None:
    sent = {"a": [1, 2.5, None, True, "é漢\x9b\u202e\u2028"], "b": {"c": {}}}
    server.respond = lambda _: json_answer(sent)
    for shape in (["--json"], ["--output", "json"], ["--output", "jsonl"]):
        done = told("agents", "get", "a", *shape)
        assert json.loads(done.output) == sent
        assert done.output.replace("\n", "").isprintable()
        assert "é漢" in done.output
    assert told("agents", "get", "a", "--output", "jsonl").output.count("\n") == 1


def test_a_list_is_an_array_or_lines(server: RecordingServer) -> None:
    serve_list(server, "agents", 250)
    expected = [f"{number:04}" for number in range(250)]
    array = told("agents", "list", "--all", "--output", "json")
    assert [each["_id"] for each in json.loads(array.output)] == expected
    lines = told("agents", "list", "--all", "--output", "jsonl")
    assert [json.loads(line)["_id"] for line in lines.output.splitlines()] == expected


def test_csv_is_that_of_the_rfc(agents: Answer) -> None:
    name = 'say "hi", now\r\nand then'
    agents([{"_id": "a", "name": name, "status": {"x": 1}}])
    text = told("agents", "list", "--output", "csv", "--columns", "_id,name,status").output
    assert text.endswith("\r\n")
    head, row = csv.reader(io.StringIO(text, newline=""))
    assert (head, row) == (["_id", "name", "status"], ["a", name, '{"x":1}'])


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+1+2", "'+1+2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("+12025550164", "+12025550164"),
        (-2.5, "-2.5"),
        ("a=1", "a=1"),
    ],
)
def test_no_cell_is_a_formula(agents: Answer, value: object, cell: str) -> None:
    agents([{"name": value}])
    text = told("agents", "list", "--output", "csv", "--columns", "name").output
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [cell]


# MARK: Pages


@pytest.mark.parametrize(
    ("words", "count", "pages"),
    [
        ([], 20, ["1"]),
        (["--limit", "5"], 5, ["1"]),
        (["--limit", "120"], 120, ["1", "2"]),
        (["--all"], 250, ["1", "2", "3"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_no_more_pages_are_asked_for_than_are_shown(
    server: RecordingServer, words: list[str], count: int, pages: list[str]
) -> None:
    serve_list(server, "agents", 250)
    done = told("agents", "list", "--output", "jsonl", *words)
    assert len(done.output.splitlines()) == count
    assert asked_pages(server) == pages


def test_who_reads_no_further_ends_the_walk_quietly(server: RecordingServer) -> None:
    serve_list(server, "agents", 1_000_000)
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = f"'{sys.executable}' -m trillet agents list --all --output jsonl | head -n 3"
    done = subprocess.run(
        ["bash", "-c", command],
        check=False, capture_output=True, text=True, env=variables, timeout=60,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == ""
    assert len(server.requests) < 200


def test_a_list_without_pages_has_a_limit_too(server: RecordingServer) -> None:
    server.respond = lambda _: json_answer([{"_id": str(number)} for number in range(9)])
    assert told("folders", "list", "--limit", "2").output.count("\n") == 2
    assert told("folders", "list").output.count("\n") == 9


def test_a_list_within_an_object_is_one(server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"numbers": [{"phoneNumber": "+12025550123"}]})
    assert told("numbers", "available").output == "+12025550123\n"


# MARK: Query


def test_a_query_takes_a_part(agents: Answer, server: RecordingServer) -> None:
    agents([{"_id": "a", "name": "x"}, {"_id": "b", "name": "y"}])

    def queried(expression: str, *shape: str) -> str:
        return told("agents", "list", "--query", expression, *shape).output

    assert queried("[].name") == "x\ny\n"
    assert queried("[0]._id") == "a\n"
    assert queried("[].[_id, name]") == "a\tx\nb\ty\n"
    assert queried("[].[_id, name]", "--output", "csv") == "a,x\r\nb,y\r\n"
    assert queried("[].{id: _id}", "--output", "csv") == "id\r\na\r\nb\r\n"
    assert json.loads(queried("[?name=='y'] | [0]", "--json")) == {"_id": "b", "name": "y"}
    assert queried("length(@)", "--output", "jsonl") == "2\n"
    assert queried("nothing") == "\n"


@pytest.mark.parametrize("expression", ["[", "foo(", "nofunction(@)", "abs(name)"])
def test_a_query_that_is_none_is_a_wrong_argument(
    agents: Answer, server: RecordingServer, expression: str
) -> None:
    agents([{"name": "x"}])
    done = told("agents", "list", "--query", expression)
    assert (done.status, done.output) == (2, "")
    assert f"--query {expression!r}" in done.errors


def test_a_query_that_cannot_be_read_sends_nothing(server: RecordingServer) -> None:
    done = told("numbers", "release", "--phone-number-id", "n", "--yes", "--query", "[")
    assert (done.status, server.requests) == (2, [])


def test_without_its_package_a_query_says_what_to_install(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    done = told("agents", "list", "--query", "[]")
    assert (done.status, server.requests) == (2, [])
    assert "pip install 'trillet[query]'" in done.errors


# MARK: Mistakes


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output", "xml"], "--output"),
        (["--output", "csv", "--json"], "not allowed with argument"),
        (["--columns", "a,,b"], "--columns"),
        (["--columns", "a", "--json"], "use --query"),
        (["--limit", "0"], "--limit"),
        (["--limit", "-1"], "--limit"),
        (["--limit", "x"], "--limit"),
        (["--color", "blue"], "--color"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_option_that_makes_no_sense_sends_nothing(
    server: RecordingServer, words: list[str], said: str
) -> None:
    done = told("agents", "list", *words)
    assert (done.status, done.output, server.requests) == (2, "", [])
    assert said in done.errors


def test_an_error_is_json_where_the_answer_would_be(server: RecordingServer) -> None:
    server.respond = lambda _: json_answer({"error": "gone"}, status=404)
    for shape in ("json", "jsonl"):
        done = told("agents", "get", "a", "--output", shape)
        assert (done.status, done.output) == (4, "")
        assert json.loads(done.errors)["error"]["type"] == "not_found"
    assert told("agents", "get", "a", "--output", "csv").errors.startswith("trillet: ")


# MARK: Colours


def test_colours_come_when_they_are_asked_for(
    agents: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    agents([{"_id": "a", "name": "completed \x1b[31m", "status": "failed"}])
    table = ["agents", "list", "--output", "table"]
    assert "\x1b" not in told(*table).output
    assert "\x1b" not in told(*table, "--color", "never").output
    coloured = told(*table, "--color", "always").output
    assert "\x1b[31mfailed" in coloured
    assert "completed \\x1b[31m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert told(*table, "--color", "always").output == coloured
    assert "\x1b" not in told("agents", "list", "--json", "--color", "always").output
    assert KEY not in coloured
