"""Calls and batches to the sandbox's magic numbers: every row of the table in docs/sandbox.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import trillet
from conftest import ROOT, running_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


class Row(NamedTuple):
    """How a call to a number goes; times in seconds from the moment it is dialled."""

    ringing: int | None
    talking: int | None
    end: int
    error: str | None = None


ROWS = {
    "+15005550000": Row(1, 5, 35),
    "+15005550001": Row(None, None, 3, "Number busy"),
    "+15005550002": Row(1, None, 31, "No answer"),
    "+15005550003": Row(1, 21, 33, "Voicemail"),
    "+15005550004": Row(None, None, 3, "Number not in service"),
    "+15005550005": Row(1, 46, 76),
    "+15005550006": Row(1, None, 7, "Call declined"),
    "+15005550007": Row(None, None, 3, "Number busy"),
    "+15005550800": Row(1, 5, 5, "Call dropped"),
    "+15005550808": Row(1, 5, 13, "Call dropped"),
    "+15005550899": Row(1, 5, 104, "Call dropped"),
}
REFUSED = {"+15005550008": "Invalid number", "+15005550009": "Insufficient credits"}
DAY = 86_400_000


@pytest.fixture
def service(paused_sandbox: dict[str, Any]) -> Iterator[trillet.Trillet]:
    with trillet.Trillet(
        paused_sandbox["apiKey"], paused_sandbox["workspaceId"], base_url=paused_sandbox["url"]
    ) as client:
        client.call("POST /sandbox/reset")
        client.call("POST /sandbox/clock", {"paused": True})
        yield client


@pytest.fixture
def agent(service: trillet.Trillet) -> str:
    return calling_agent(service)


def calling_agent(service: trillet.Trillet) -> str:
    """The id of an agent with a number and an active flow."""
    created: Any = service.agents.create(
        name="Front Desk",
        tts_model={"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
        llm_model="gpt-4o-mini",
    )
    identifier: str = created["_id"]
    service.flows.create(
        name="Renewal", direction="outbound", prompt_type="simple", agent=identifier, prompt="Go."
    )
    return identifier


def now(service: trillet.Trillet) -> int:
    clock: Any = service.call("GET /sandbox/clock").data
    moment: int = clock["now"]
    return moment


def step(service: trillet.Trillet, milliseconds: int) -> None:
    service.call("POST /sandbox/clock", {"advanceMs": milliseconds})


def timeline(row: Row, start: int) -> list[dict[str, Any]]:
    steps = [
        ("queued", 0),
        ("ringing", row.ringing),
        ("talking", row.talking),
        ("ended", row.end),
    ]
    return [
        {"state": state, "at": start + seconds * 1000}
        for state, seconds in steps
        if seconds is not None
    ]


@pytest.mark.parametrize("number", ROWS)
def test_a_call_goes_as_its_number_says(service: trillet.Trillet, agent: str, number: str) -> None:
    row = ROWS[number]
    start = now(service)
    sent: Any = service.calls.send(agent, number)
    path = f"GET /sandbox/calls/{sent['callId']}"
    step(service, row.end * 1000 - 1)
    assert service.call(path).data["status"] != "ended"
    step(service, 1)
    call: Any = service.call(path).data
    assert call["timeline"] == timeline(row, start)
    assert (call["status"], call["duration"], call["error"]) == ("ended", row.end, row.error)
    assert call["outcome"] == ("failed" if row.error else "successful")
    assert bool(call["transcript"]) == (row.talking is not None)


@pytest.mark.parametrize("number", ROWS)
def test_a_batch_of_one_goes_as_its_number_says(
    service: trillet.Trillet, agent: str, number: str
) -> None:
    row = ROWS[number]
    start = now(service)
    batch: Any = service.batch_calls.start(agent_id=agent, csv=f"phone_number\n{number}\n")
    step(service, row.end * 1000)
    status: Any = service.batch_calls.get(batch["batchId"])
    assert status["status"] == ("failed" if row.error else "completed")
    (entry,) = service.call("GET /v2/api/call-history", {"batchId": batch["batchId"]}).data
    call: Any = service.call(f"GET /sandbox/calls/{entry['callId']}").data
    assert call["timeline"] == timeline(row, start)
    listed: Any = service.batch_calls.list_calls(batch["batchId"])
    (job,) = listed["calls"]
    assert (job["startTime"], job["endTime"]) == (start, start + row.end * 1000)
    assert (job["status"], job.get("error")) == ("failed" if row.error else "completed", row.error)
    assert job.get("duration") == (None if row.error else row.end)


def test_a_number_the_service_does_not_call_is_refused_at_once(
    service: trillet.Trillet, agent: str
) -> None:
    with pytest.raises(trillet.RejectedError) as caught:
        service.calls.send(agent, "+15005550008")
    assert (caught.value.status, caught.value.code) == (400, "invalid_number")
    assert caught.value.sent == "no"
    with pytest.raises(trillet.RejectedError) as caught:
        service.calls.send(agent, "+15005550009")
    assert (caught.value.status, caught.value.code) == (402, "insufficient_credits")
    assert caught.value.sent == "no"
    assert service.call("GET /v2/api/call-history").data == []


@pytest.mark.parametrize("number", REFUSED)
def test_a_number_the_service_does_not_call_fails_at_once_in_a_batch(
    service: trillet.Trillet, agent: str, number: str
) -> None:
    start = now(service)
    batch: Any = service.batch_calls.start(
        agent_id=agent,
        csv=f"phone_number\n{number}\n",
        smart_callback_config={"enabled": True, "maxAttempts": 5, "gaps": []},
    )
    step(service, 0)
    listed: Any = service.batch_calls.list_calls(batch["batchId"])
    (job,) = listed["calls"]
    assert (job["status"], job["error"]) == ("failed", REFUSED[number])
    assert (job["startTime"], job["endTime"]) == (start, start)
    status: Any = service.batch_calls.get(batch["batchId"])
    assert (status["status"], status["isComplete"]) == ("failed", True)


def test_a_number_that_is_busy_at_first_is_reached_by_the_next_attempt(
    service: trillet.Trillet, agent: str
) -> None:
    batch: Any = service.batch_calls.start(
        agent_id=agent,
        csv="phone_number\n+15005550007\n+15005550001\n+15005550004\n",
        smart_callback_config={
            "enabled": True,
            "maxAttempts": 3,
            "gaps": [{"days": 0, "hours": 1}],
        },
    )
    step(service, DAY)
    listed: Any = service.batch_calls.list_calls(batch["batchId"])
    assert [(job["status"], job.get("error")) for job in listed["calls"]] == [
        ("completed", None),
        ("failed", "Number busy after 3 attempts"),
        ("failed", "Number not in service"),
    ]
    calls: Any = service.call("GET /v2/api/call-history", {"batchId": batch["batchId"]}).data
    attempts = [call["toPhoneNumber"] for call in calls]
    assert [attempts.count(f"+1500555000{digit}") for digit in (7, 1, 4)] == [2, 3, 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_seed_does_not_matter(service: trillet.Trillet, seed: int) -> None:
    service.call("POST /sandbox/reset", {"seed": seed})
    service.call("POST /sandbox/clock", {"paused": True})
    batch: Any = service.batch_calls.start(
        agent_id=calling_agent(service),
        csv="\n".join(["phone_number", *ROWS, *REFUSED]),
        smart_callback_config={"enabled": False},
    )
    step(service, DAY)
    listed: Any = service.batch_calls.list_calls(batch["batchId"])
    errors = [row.error for row in ROWS.values()] + list(REFUSED.values())
    assert [job.get("error") for job in listed["calls"]] == errors


def test_a_call_over_a_strict_limit_is_a_rate_limit_error() -> None:
    with (
        running_sandbox(concurrency=1, arguments=["--paused", "--strict-concurrency"]) as ready,
        trillet.Trillet(ready["apiKey"], ready["workspaceId"], base_url=ready["url"]) as client,
    ):
        agent = calling_agent(client)
        client.calls.send(agent, "+15005550000")
        with pytest.raises(trillet.RateLimitedError) as caught:
            client.calls.send(agent, "+15005550000")
        assert (caught.value.status, caught.value.sent) == (429, "no")
        assert caught.value.code == "concurrency_limit_exceeded"


def test_the_table_in_the_documentation_has_every_number() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `\+1500555(\d{4})`", text, re.MULTILINE))
    tested = {number[-4:] for number in (*ROWS, *REFUSED) if number[8:10] != "08"}
    assert documented == tested
    assert "| `+150055508NN` |" in text
    for row in ROWS.values():
        assert row.error is None or f"`{row.error}`" in text
