"""What comes from elsewhere does not steer the terminal that shows it; a program gets all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commanding import point_to, told
from recording_server import answer, json_answer
from test_command_asking import on_terminal

if TYPE_CHECKING:
    from recording_server import RecordingServer

# Sets the title of a window, by either way to begin; and turns the text round.
EVIL = "Ada\x1b]0;title\x07\x9b2J\u202eBob\rEve"
PAGE = {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "hasNext": False}
AGENTS = {"agents": [{"_id": "a1", "name": EVIL, "x\x1b[2J": EVIL}], "pagination": PAGE}
CSV = f'name,city\r\n"{EVIL}",Rome\r\n'


def steering(text: str) -> list[str]:
    return [letter for letter in text if letter != "\n" and not letter.isprintable()]


@pytest.mark.parametrize(
    "words",
    [
        ("agents", "list", "--output", "csv"),
        ("agents", "list", "--output", "json"),
        ("agents", "list", "--output", "jsonl"),
        ("agents", "list", "--color", "never"),
        ("agents", "list", "--color", "never", "--query", "[*]"),
        ("agents", "list", "--color", "never", "--query", "[].name"),
        ("agents", "retrieve", "a1"),
        ("request", "agents.list"),
        ("agents", "update", "a1", "--name", EVIL, "--dry-run"),
    ],
    ids=lambda words: " ".join(words).replace(EVIL, "NAME"),
)
def test_an_answer_does_not_steer_the_terminal(
    server: RecordingServer, words: tuple[str, ...]
) -> None:
    pytest.importorskip("jmespath")
    server.respond = lambda _: json_answer(AGENTS)
    done = on_terminal(server.url, *words, answer=b"")
    assert "Ada" in done.screen, done
    assert steering(done.screen) == [], done


@pytest.mark.parametrize("words", [("calls", "export"), ("batch", "template")], ids=" ".join)
def test_a_text_does_not_steer_the_terminal_and_a_pipe_has_it_as_it_came(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    server.respond = lambda _: answer(200, CSV, {"Content-Type": "text/csv"})
    done = on_terminal(server.url, *words, answer=b"")
    assert done.screen.splitlines()[0] == "name,city"
    assert "Ada\\x1b]0;title\\x07" in done.screen
    assert steering(done.screen) == []
    point_to(monkeypatch, server.url)
    assert told(*words).output == CSV


def test_a_pipe_has_cells_as_they_are(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer(AGENTS)
    done = told("agents", "list", "--output", "csv", "--columns", "name")
    assert done.output == f'name\r\n"{EVIL}"\r\n'
