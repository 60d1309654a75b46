"""``--query`` that does not fit the answer: what was done is told, and never looks undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commanding import point_to, told
from recording_server import json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer

CALL = ["calls", "send", "--agent", "5d1c0a77e2b94f0013ab6c21", "--to-number", "+12025550164"]
MISFITS = ["sum(callId)", "callId[::0]", "ceil(to_number('1e999'))", "nope(@)"]


@pytest.fixture
def asked(server: RecordingServer, monkeypatch: pytest.MonkeyPatch) -> RecordingServer:
    """A service that answers each request with a call."""
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({"callId": ["c1"]})
    return server


@pytest.mark.parametrize("query", MISFITS)
def test_a_call_that_was_made_is_told_although_the_query_does_not_fit(
    asked: RecordingServer, query: str
) -> None:
    done = told(*CALL, "--query", query)
    assert len(asked.requests) == 1
    assert done.status == 7, done
    assert done.output == ""
    assert "was done" in done.errors
    assert f"--query {query!r}" in done.errors
    assert '{"callId":["c1"]}' in done.errors
    assert "Traceback" not in done.errors


@pytest.mark.parametrize("query", MISFITS)
def test_a_query_that_does_not_fit_what_was_read_is_a_mistake(
    asked: RecordingServer, query: str
) -> None:
    done = told("calls", "get", "c1", "--query", query)
    assert done.status == 2, done
    assert done.output == ""
    assert "--query" in done.errors


@pytest.mark.parametrize(
    "query",
    ["(" * 3000 + "a" + ")" * 3000, "[", "a b", "!" * 5000],
    ids=["nested", "open", "two words", "long"],
)
def test_nothing_is_sent_with_a_query_that_is_none(asked: RecordingServer, query: str) -> None:
    done = told(*CALL, "--query", query)
    assert done.status == 2, done
    assert asked.requests == []


def test_a_request_by_its_path_is_told_although_the_query_does_not_fit(
    asked: RecordingServer,
) -> None:
    done = told("request", "POST /v1/api/anything", "{}", "--query", "sum(callId)")
    assert len(asked.requests) == 1
    assert done.status == 7, done
    assert '{"callId":["c1"]}' in done.errors
