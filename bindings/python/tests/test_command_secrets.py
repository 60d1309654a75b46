"""Secrets in the fields of a verb: never an argument, and never in an error."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from commanding import point_to, told
from recording_server import json_answer

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer

SECRET = "marked-5e21"
REGISTER = ["numbers", "register", "--phone-number", "+12025550170", "--provider", "twilio"]
CREDENTIALS = json.dumps({"credentials": {"accountSid": "AC1", "authToken": SECRET}})


@pytest.fixture
def asked(server: RecordingServer, monkeypatch: pytest.MonkeyPatch) -> RecordingServer:
    """A service that keeps what it is asked."""
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({"_id": "a"})
    return server


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ([*REGISTER, "--data", CREDENTIALS], "credentials"),
        (["agents", "update", "a", "--settings.elevenLabsApiKey", SECRET],
         "settings.elevenLabsApiKey"),
        (["agents", "update", "a", "--settings.eleven-labs-api-key", SECRET],
         "settings.eleven-labs-api-key"),
        (["agents", "update", "a", f"--tts-model.apiKey={SECRET}"], "ttsModel.apiKey"),
        (["agents", "update", "a", "--settings", json.dumps({"b": [{"token": SECRET}]})],
         "settings.b.token"),
        (["agents", "update", "a", "--settings", json.dumps({"openAI_API_KEY": SECRET})],
         "settings.openAI_API_KEY"),
        (["agents", "update", "a", "--settings", json.dumps({"tools": {"crm.token": SECRET}})],
         "settings.tools.crm.token"),
        (["agents", "update", "a", "--data", json.dumps({"apiKey": SECRET})], "apiKey"),
    ],
    ids=["data", "further member", "with hyphens", "member", "within JSON", "odd", "somebody's",
         "named as the command's own key"],
)  # fmt: skip
def test_a_secret_is_no_argument(asked: RecordingServer, words: list[str], name: str) -> None:
    done = told(*words)
    assert done.status == 2, done
    assert f"{name} is a secret" in done.errors
    assert "--data -" in done.errors
    assert SECRET not in done.errors + done.output
    assert asked.requests == []


def test_a_secret_comes_from_a_file_or_standard_input(
    asked: RecordingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "number.json"
    file.write_text(CREDENTIALS)
    assert told(*REGISTER, "--data", file).status == 0
    # As programs of Windows begin it.
    given = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + CREDENTIALS.encode()))
    monkeypatch.setattr(sys, "stdin", given)
    assert told(*REGISTER, "--data", "-").status == 0
    assert [each.json["credentials"]["authToken"] for each in asked.requests] == [SECRET] * 2


@pytest.mark.parametrize(
    "words",
    [
        ("numbers.register", CREDENTIALS),
        ("POST /v1/numbers", json.dumps({"body": {"settings": [{"openAiApiKey": SECRET}]}})),
        (f"GET /v1/numbers?limit=1&access_token={SECRET}",),
    ],
    ids=["field", "within", "query"],
)
def test_a_secret_is_no_argument_of_a_request(
    asked: RecordingServer, words: tuple[str, ...]
) -> None:
    done = told("request", *words)
    assert done.status == 2, done
    assert "everybody on this machine can read" in done.errors
    assert "standard input" in done.errors
    assert SECRET not in done.errors + done.output
    assert asked.requests == []


def test_a_path_is_read_by_the_service_alone(asked: RecordingServer) -> None:
    assert told("request", "GET //[x?limit=1").status == 0
    assert [each.target for each in asked.requests] == ["//[x?limit=1"]


def test_a_request_takes_a_secret_from_standard_input(
    asked: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys,
        "stdin",
        io.StringIO(
            json.dumps(
                {"phoneNumber": "+12025550170", "provider": "twilio", **json.loads(CREDENTIALS)}
            )
        ),
    )
    done = told("request", "numbers.register", "-")
    assert done.status == 0, done
    assert asked.requests[0].json["credentials"]["authToken"] == SECRET


def test_a_file_that_is_no_json_is_not_quoted(asked: RecordingServer, tmp_path: Path) -> None:
    file = tmp_path / "number.json"
    file.write_text(f'{{"authToken":"{SECRET}"')
    done = told(*REGISTER, "--data", file)
    assert done.status == 2, done
    assert "number.json is no JSON: " in done.errors
    assert SECRET not in done.errors
    assert asked.requests == []
