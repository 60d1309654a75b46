"""The rules of a policy that end or hold up calls, and rows that stop no other."""

from __future__ import annotations

import datetime
import time
from typing import TYPE_CHECKING

import pytest

import trillet
from campaign_places import (
    ADA,
    BEN,
    EVE,
    agent,
    begun,
    client,
    place,
    placed,
    postgres,
    sandbox,
    service,
)
from recording_server import RecordingServer, answer, json_answer
from trillet.campaign import Window

if TYPE_CHECKING:
    from trillet.testing import Sandbox

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]


def test_after_the_end_nobody_is_called_and_those_who_wait_expire(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, BEN, expires_at=time.time() - 1)
    assert campaign.run_slice(client, max_seconds=2).placed == 0
    assert campaign.counts() == {"expired": 2}
    assert campaign.state == "done"


def test_who_has_no_opening_before_the_end_expires_at_once(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    now = time.time()
    tomorrow = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(time.gmtime().tm_wday + 3) % 7]
    windows = (Window(tomorrow, "10:00", "11:00"),)
    campaign = begun(place, agent, ADA, BEN, windows=windows, expires_at=now + 3600)
    assert campaign.run_slice(client, max_seconds=2).passed == {"expired": 2}
    assert campaign.counts() == {"expired": 2}


def test_a_number_is_called_so_often_a_day_by_all_campaigns_together(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    first = begun(place, agent, ADA, daily_attempts=1)
    sandbox.faults.add("calls.send", "reset", count=1)
    assert first.run_slice(client, max_seconds=5).unknown == 1
    assert first.resolve(ADA, "called")
    end = time.time() + 3600
    second = begun(place, agent, ADA, name="second", daily_attempts=1)
    third = begun(place, agent, ADA, name="third", daily_attempts=1, expires_at=end)
    assert second.run_slice(client, max_seconds=5).passed == {"daily_attempts": 1}
    assert second.counts() == {"ready": 1}
    assert (second.run_slice(client, max_seconds=0).next_due_ms or 0) > 23 * 3_600_000
    # It will not be due before that campaign's end.
    third.run_slice(client, max_seconds=5)
    assert third.counts() == {"expired": 1}


def test_calls_at_once_holds_for_all_campaigns(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    phones = [f"+1202555{number:04}" for number in range(5)]
    first = begun(place, agent, *phones[:3], calls_at_once=2)
    second = begun(place, agent, *phones[3:], name="summer", calls_at_once=2)
    assert first.run_slice(client, max_seconds=1).placed == 2
    summary = second.run_slice(client, max_seconds=1)
    assert (summary.placed, summary.reason) == (0, "calls_at_once")


def test_refusals_in_a_row_pause_the_campaign_with_the_reason(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    phones = [f"+1202555{number:04}" for number in range(9)]
    campaign = begun(place, agent, *phones, failures_in_a_row=3)
    sandbox.faults.add("calls.send", "status", status=400, count=None)
    assert campaign.run_slice(client, max_seconds=5).refused == 3
    assert campaign.state == "paused"
    assert "3 failures in a row" in (campaign.status().waits_for or "")


def test_an_agent_that_can_call_nobody_uses_up_no_contact(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    second = client.agents.create(
        name="Back Desk",
        llm_model="gpt-4o-mini",
        tts_model={"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
    )
    campaign = begun(place, second["_id"], ADA, BEN)
    summary = campaign.run_slice(client, max_seconds=5)
    assert (summary.refused, summary.unsent) == (0, 1)
    assert (campaign.state, campaign.counts()) == ("paused", {"ready": 2})
    assert "no phone number configured" in (campaign.status().waits_for or "")


def test_what_the_service_says_of_a_refused_call_is_shown(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    with RecordingServer() as server:
        server.otherwise = json_answer({"error": "Blocked", "details": "On our list"}, status=400)
        with trillet.Trillet("sandbox-key", "w", base_url=server.url) as refused:
            campaign = begun(place, agent, ADA)
            assert campaign.run_slice(refused, max_seconds=2).refused == 1
    (failure,) = campaign.status().failures
    assert failure.reason == "Blocked: On our list"


def test_a_call_is_kept_whatever_else_its_answer_says(place: str) -> None:
    with RecordingServer() as server:
        text = r'{"callId": "c1", "note": "\ud800 \u0000", "huge": 1e400}'
        server.otherwise = answer(200, text, {"Content-Type": "application/json"})
        with trillet.Trillet("sandbox-key", "w", base_url=server.url) as client:
            campaign = begun(place, "a", ADA)
            assert campaign.run_slice(client, max_seconds=2).placed == 1
    assert [(each.state, each.call_id) for each in campaign.attempts()] == [("accepted", "c1")]


def test_an_agent_that_calls_back_of_its_own_accord_pauses_the_campaign(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    client.agents.update(agent, smart_callback=True)
    campaign = begun(place, agent, ADA)
    assert campaign.run_slice(client, max_seconds=5).placed == 0
    assert "smartCallback" in (campaign.status().waits_for or "")
    assert placed(sandbox) == before
    client.agents.update(agent, smart_callback=False)
    campaign.start()
    assert campaign.run_slice(client, max_seconds=5).placed == 1


@pytest.mark.parametrize(
    "poison",
    [
        {"note": float("nan")},
        {"note": "\ud800"},
        {"note": "\0"},
        {"note": 10**400},
        {"note": datetime.date(2026, 3, 1)},
        {"note": {"a": [1, {"b": None}]}},
        {"": "no name"},
        {"time_zone": "Mars/Olympus"},
        {"phone_number": "+1"},
        {"phone_number": "+" + "9" * 40},
    ],
    ids=lambda row: str(row)[:30].encode("ascii", "backslashreplace").decode(),
)
def test_a_poison_row_stops_no_other(
    place: str, client: trillet.Trillet, agent: str, poison: dict[str, object]
) -> None:
    campaign = begun(place, agent, ADA)
    campaign.add([{"phone_number": BEN, **poison}])
    campaign.add([{"phone_number": EVE}])
    summary = campaign.run_slice(client, max_seconds=20)
    assert summary.reason == "nobody is due"
    called = {each.phone for each in campaign.attempts() if each.state == "accepted"}
    assert {ADA, EVE} <= called
    assert campaign.counts()["in_call"] in (2, 3)
    assert not campaign.counts()["unknown"]
