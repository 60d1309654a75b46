"""The help of every command of ``trillet``: it fits, and shows what can be typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import trillet
from commanding import examples, examples_that_send, parsers, point_to, told, with_files, words_of
from trillet._command.verbs.table import OPERATIONS
from trillet._command.verbs.words import flags, resource_word, verb_word

if TYPE_CHECKING:
    from pathlib import Path

    from trillet._command.verbs.described import Operation

PARSERS = dict(parsers())
EXAMPLES = examples()
SENDING = examples_that_send()
# Their arguments are older than the table.
BY_HAND = ("batch_calls.start", "batch_calls.cancel")
# What stripe-cli's users type every day, and what it is here.
EVERYDAY = [
    "agents list --limit 3 --dry-run",
    "agents create -h",
    "agents retrieve -h",
    "agents update -h",
    "agents delete -h",
    "calls list --help",
    "request -h",
    "doctor --help",
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the examples, and a service that is not there."""
    with_files(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    point_to(monkeypatch, "http://127.0.0.1:9")
    return tmp_path


@pytest.mark.parametrize("name", PARSERS)
def test_the_help_fits_80_columns_and_shows_an_example(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = told(*name.split(" ")[1:], "--help")
    assert done.status == 0
    assert [line for line in done.output.split("\n") if len(line) > 80] == []
    assert re.search(rf"^examples?:\n  {re.escape(name)}", done.output, re.M), done.output


@pytest.mark.parametrize("name", PARSERS)
def test_the_usage_alone_fits_80_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    usage = PARSERS[name].format_usage()
    assert [line for line in usage.split("\n") if len(line) > 80] == []


@pytest.mark.parametrize("example", SENDING)
def test_an_example_shows_its_request_in_a_dry_run(example: str, here: Path) -> None:
    before = sorted(here.iterdir())
    done = told(*words_of(example), "--dry-run")
    assert (done.status, done.errors) == (0, ""), done
    assert done.output.startswith("curl "), done
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each not in SENDING])
def test_an_example_of_what_sends_nothing_is_understood(example: str) -> None:
    parser = PARSERS["trillet"]
    _, rest = parser.parse_known_args(words_of(example))
    assert rest == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_has_a_verb(operation: Operation) -> None:
    assert f"trillet {resource_word(operation.resource)} {verb_word(operation)}" in PARSERS


def test_the_table_has_the_operations_of_the_library() -> None:
    assert [each.id for each in OPERATIONS] == [each["id"] for each in trillet.operations()]


@pytest.mark.parametrize(
    "operation",
    [each for each in OPERATIONS if each.id not in BY_HAND],
    ids=lambda operation: operation.id,
)
def test_every_field_has_a_place_in_the_help(operation: Operation) -> None:
    name = f"trillet {resource_word(operation.resource)} {verb_word(operation)}"
    text = PARSERS[name].format_help()
    for field in operation.fields:
        flag = flags((field.name,))[0]
        if field.place == "path":
            assert flag[2:].upper().replace("-", "_") in text
        elif field.place == "body" and field.name != "credentials":
            assert flag in text


@pytest.mark.parametrize("line", EVERYDAY)
def test_who_knows_stripe_cli_finds_the_verb(line: str, here: Path) -> None:
    done = told(*line.split(" "))
    assert (done.status, done.errors) == (0, ""), done


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["agnets", "list"], "agents"),
        (["knowledge_bases", "list"], "knowledge-bases"),
        (["agents", "lsit"], "list"),
        (["agents", "create", "--nmae", "x"], "--name"),
        (["agents", "create", "--llmModel", "x"], "--llm-model"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_a_word_that_is_none_is_answered_with_what_was_meant(words: list[str], meant: str) -> None:
    done = told(*words)
    assert done.status == 2
    assert done.output == ""
    if meant:
        assert f"did you mean {meant}?" in done.errors


def test_what_resembles_nothing_gets_no_suggestion() -> None:
    done = told("qqqq")
    assert done.status == 2
    assert "did you mean" not in done.errors


def test_a_flag_of_a_verb_is_not_abbreviated() -> None:
    done = told("agents", "create", "--nam", "x")
    assert (done.status, done.output) == (2, "")
    assert "unrecognized arguments: --nam" in done.errors


def test_a_secret_has_no_flag() -> None:
    for name in ("trillet numbers register", "trillet agents create"):
        text = PARSERS[name].format_help().lower()
        assert "--credentials" not in text
        assert "api-key" not in text
