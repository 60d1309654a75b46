"""``trillet`` as the user of a service who has no home: HOME is not set, and no account known."""

from __future__ import annotations

import pwd
from typing import TYPE_CHECKING, NoReturn

import pytest

from commanding import point_to, told
from recording_server import json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer

VARIABLES = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")


def unknown(_: object) -> NoReturn:
    raise KeyError("no such account")


@pytest.fixture(autouse=True)
def _homeless(server: RecordingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({"_id": "a", "name": "Front Desk", "batches": []})


@pytest.mark.parametrize(
    "words", [("agents", "show", "a"), ("batch", "list"), ("profiles", "list")], ids=" ".join
)
def test_what_needs_no_file_goes_without_a_home(words: tuple[str, ...]) -> None:
    done = told(*words)
    assert (done.status, done.errors) == (0, ""), done


def test_without_a_key_it_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRILLET_API_KEY")
    done = told("agents", "show", "a")
    assert done.status == 3
    assert "set TRILLET_API_KEY" in done.errors


def test_the_doctor_goes_on(server: RecordingServer) -> None:
    done = told("doctor", "--json")
    assert '"checks"' in done.output, done


@pytest.mark.parametrize(
    ("words", "variable"),
    [
        (("login",), "XDG_CONFIG_HOME"),
        (("profiles", "use", "spring"), "XDG_CONFIG_HOME"),
        (("profiles", "remove", "spring"), "XDG_CONFIG_HOME"),
        (("events", "list"), "XDG_STATE_HOME"),
        (("listen", "--port", "0"), "XDG_STATE_HOME"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_what_needs_a_file_says_what_to_set(
    words: tuple[str, ...], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRILLET_WEBHOOK_SECRET", "whsec_test")
    done = told(*words)
    assert done.status == 2, done
    assert f"set HOME, or {variable} to an absolute path" in done.errors
