"""What the journal shows of requests, and the command that repeats one."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from faulty import NUMBER, Caller
from trillet.testing import Sandbox, SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

VOICE: Any = {"provider": "rime", "voiceId": "mistv2_Brook"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> trillet.Trillet:
    return sandbox.client(max_retries=0)


@pytest.fixture(scope="module")
def caller(sandbox: Sandbox, client: trillet.Trillet) -> Caller:
    return Caller(sandbox, client)


def last(sandbox: Sandbox) -> dict[str, Any]:
    (entry,) = sandbox.journal(limit=1)
    return entry


def repeated(sandbox: Sandbox, entry: dict[str, Any]) -> Any:
    """What the entry's command prints."""
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("there is no curl here")
    output = subprocess.run(
        ["bash", "-c", entry["curl"]],
        env={"TRILLET_API_KEY": sandbox.api_key, "PATH": "/usr/bin:/bin", "no_proxy": "*"},
        capture_output=True,
        check=True,
        timeout=20,
    )
    return json.loads(output.stdout)


def test_an_entry_has_both_sides_and_no_key(sandbox: Sandbox, caller: Caller) -> None:
    caller.send(request_id="seen")
    entry = last(sandbox)
    assert entry["requestId"] == "seen"
    assert entry["operation"] == "calls.send"
    assert (entry["method"], entry["path"]) == ("POST", "/api/v1/calls/call")
    assert entry["status"] == 200
    assert entry["milliseconds"] > 0
    assert json.loads(entry["requestBody"]) == {"agentId": caller.agent, "toNumber": NUMBER}
    assert json.loads(entry["answerBody"])["status"] == "success"
    assert entry["requestHeaders"]["x-api-key"] == "***"
    assert entry["requestHeaders"]["x-workspace-id"] == sandbox.workspace_id
    assert entry["fault"] is None
    assert sandbox.api_key not in json.dumps(entry)


def test_a_fault_is_named_with_what_was_sent(sandbox: Sandbox, caller: Caller) -> None:
    caller.send("partial; bytes=7")
    entry = last(sandbox)
    assert entry["fault"] == "partial; bytes=7"
    assert entry["answerBytes"] == 7
    caller.send("reset; when=after")
    entry = last(sandbox)
    assert entry["fault"] == "reset; when=after"
    assert entry["status"] is None
    assert entry["answerBody"] is None


def test_the_command_of_a_call_places_another(sandbox: Sandbox, caller: Caller) -> None:
    caller.send()
    before = sandbox.ledger().totals("calls.send").effects
    assert repeated(sandbox, last(sandbox))["status"] == "success"
    assert sandbox.ledger().totals("calls.send").effects == before + 1


@pytest.mark.parametrize("name", ["It's $HOME", '"quoted" `x`', "Zoë\nBrook", "!\\ \t%"])
def test_the_command_keeps_every_character(
    sandbox: Sandbox, client: trillet.Trillet, name: str
) -> None:
    client.agents.create(name=name, tts_model=VOICE, llm_model="gpt-4o-mini")
    assert repeated(sandbox, last(sandbox))["name"] == name


def test_the_command_repeats_forms_queries_and_other_methods(
    sandbox: Sandbox, client: trillet.Trillet, caller: Caller
) -> None:
    csv = 'phone_number,name\r\n+12025550164,"O\'Brien, Ann"\r\n'
    client.batch_calls.validate(csv=csv)
    assert repeated(sandbox, last(sandbox))["validRows"] == 1
    client.agents.list(page=1, limit=1)
    assert repeated(sandbox, last(sandbox))["pagination"]["limit"] == 1
    client.agents.update(caller.agent, name="Side Desk")
    assert repeated(sandbox, last(sandbox))["name"] == "Side Desk"


def test_secrets_of_a_body_are_masked(sandbox: Sandbox, client: trillet.Trillet) -> None:
    for secret in ("sk-elephant", 'with "quotes" in it'):
        client.agents.create(
            name="Masked",
            tts_model=VOICE,
            llm_model="gpt-4o-mini",
            extra_fields={"elevenLabsApiKey": secret, "settings": {"speed": 1}},
        )
        entry = last(sandbox)
        body = json.loads(entry["requestBody"])
        assert body["elevenLabsApiKey"] == "***"
        assert body["settings"] == {"speed": 1}
        assert "elephant" not in entry["curl"]
        assert "quotes" not in entry["curl"]


@pytest.mark.parametrize(
    "field",
    [
        {"credentials": {"a": [{"b": "sk-elephant }"}]}},
        {"external_credentials": "sk-elephant"},
        {"X-API-KEY": "sk-elephant"},
        {"deep": [{"authToken": "sk-elephant"}]},
        {"note": "whsec_sk-elephant+/="},
    ],
    ids=lambda field: next(iter(field)),
)
def test_secrets_are_masked_wherever_they_stand(
    sandbox: Sandbox, client: trillet.Trillet, field: dict[str, object]
) -> None:
    client.agents.create(
        name="Masked", tts_model=VOICE, llm_model="gpt-4o-mini", extra_fields=field
    )
    entry = last(sandbox)
    assert json.loads(entry["requestBody"])["name"] == "Masked"
    assert "***" in entry["requestBody"]
    assert "elephant" not in json.dumps(entry)


def test_a_long_body_is_kept_in_part(sandbox: Sandbox, client: trillet.Trillet) -> None:
    client.agents.create(
        name="Long",
        tts_model=VOICE,
        llm_model="gpt-4o-mini",
        extra_fields={"settings": {"text": "x" * 100_000}},
    )
    entry = last(sandbox)
    assert len(entry["requestBody"]) == 65_536
    assert entry["requestBytes"] > 100_000
    assert "--data-binary @request-body" in entry["curl"]


def test_entries_are_read_on_from_a_sequence_number(
    sandbox: Sandbox, client: trillet.Trillet
) -> None:
    start = last(sandbox)["sequence"]
    for page in (1, 2, 3):
        client.agents.list(page=page)
    news = sandbox.journal(after=start)
    assert [entry["sequence"] for entry in news] == [start + 1, start + 2, start + 3]
    assert [entry["sequence"] for entry in sandbox.journal(after=start, limit=1)] == [start + 1]
    assert sandbox.journal(after=start + 3) == []


def test_refused_requests_are_there_and_controls_are_not(
    sandbox: Sandbox, client: trillet.Trillet
) -> None:
    with pytest.raises(trillet.NotFoundError):
        client.call("GET /nowhere")
    sandbox.control("GET", "/sandbox/faults")
    entry = last(sandbox)
    assert (entry["path"], entry["status"], entry["operation"]) == ("/nowhere", 404, None)


def test_the_journal_is_bounded_and_counts_what_it_drops() -> None:
    with Sandbox() as sandbox, sandbox.client(max_retries=0) as client:
        for _ in range(1_010):
            client.agents.list()
        answer = sandbox.control("GET", "/sandbox/journal?limit=1000")
        assert len(answer["entries"]) == 1_000
        assert answer["dropped"] == 10
        assert answer["entries"][0]["sequence"] == 11


@pytest.mark.parametrize("query", ["after=x", "limit=-1", "limit=99999"])
def test_a_wrong_query_is_refused(sandbox: Sandbox, query: str) -> None:
    with pytest.raises(SandboxError, match="400"):
        sandbox.control("GET", f"/sandbox/journal?{query}")
