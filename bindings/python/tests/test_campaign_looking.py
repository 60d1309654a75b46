"""What a person sees of a campaign and decides: status, results, doubts, audits."""

from __future__ import annotations

import csv
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

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
from recording_server import Connection, RecordingServer, json_answer
from trillet._campaign import reconciling
from trillet.campaign import Campaign, Window

if TYPE_CHECKING:
    from pathlib import Path

    from trillet.testing import Sandbox

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]


def test_contacts_and_attempts_are_listed(place: str, client: trillet.Trillet, agent: str) -> None:
    campaign = begun(place, agent, *(f"+1202555{number:04}" for number in range(2_500)))
    campaign.run_slice(client, max_seconds=10, max_calls=2)
    listed = list(campaign.contacts())
    assert len({each.phone for each in listed}) == len(listed) == 2_500
    called = list(campaign.contacts("in_call"))
    attempts = list(campaign.attempts())
    assert [each.phone for each in called] == [each.phone for each in attempts]
    assert {(each.n, each.state, each.sent) for each in attempts} == {(1, "accepted", "yes")}


def test_a_person_decides_about_who_is_held(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, BEN, settle_seconds=0.2)
    sandbox.faults.add("calls.send", "reset", count=2)
    campaign.run_slice(client, max_seconds=5)
    end = time.monotonic() + 20
    while campaign.counts() != {"held": 2}:
        assert time.monotonic() < end, campaign.counts()
        time.sleep(0.2)
        campaign.run_slice(client, max_seconds=0)
    assert campaign.resolve(ADA, "called")
    assert campaign.resolve(BEN, "redial")
    assert not campaign.resolve(EVE, "redial")
    with pytest.raises(trillet.InvalidArgumentError):
        campaign.resolve(ADA, "perhaps")
    assert campaign.run_slice(client, max_seconds=5).placed == 1
    assert campaign.counts() == {"done": 1, "in_call": 1}


def test_the_status_says_why_nothing_moves(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, BEN, calls_at_once=1)
    assert campaign.status().waits_for is None
    campaign.run_slice(client, max_seconds=1)
    status = campaign.status()
    assert status.waits_for == "one of 1 calls under way to end (calls_at_once)"
    assert (status.calls, status.total, status.ended) == (1, 2, 0)
    campaign.pause("lunch")
    assert campaign.status().waits_for == "lunch"
    sandbox.faults.add("calls.send", "status", status=429, retryAfter=30, count=1)
    other = begun(place, agent, EVE, name="summer")
    other.run_slice(client, max_seconds=0.5)
    assert "asked for silence" in (other.status().waits_for or "")


def test_results_are_exported(
    tmp_path: Path, place: str, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent)
    campaign.add([{"phone_number": ADA, "note": "=1+1"}, {"phone_number": BEN, "key": "=cmd"}])
    campaign.run_slice(client, max_seconds=5, max_calls=1)
    path = tmp_path / "results.csv"
    with path.open("w", newline="") as file:
        assert campaign.export(file) == 2
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["phone"] for row in rows] == [ADA, BEN]
    assert [row["state"] for row in rows] == ["in_call", "ready"]
    assert [row["key"] for row in rows] == [ADA, "'=cmd"]
    with path.open("w") as file:
        assert campaign.export(file, of_attempts=True, as_json=True) == 1
    assert json.loads(path.read_text())["call_id"]


def test_a_restored_backup_calls_nobody_again(
    tmp_path: Path, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    place = tmp_path / "leads.db"
    campaign = begun(str(place), agent, ADA, BEN)
    campaign.close()
    backup = place.read_bytes()
    assert campaign.run_slice(client, max_seconds=5, max_calls=1).placed == 1
    campaign.close()
    for journal in tmp_path.glob("leads.db-*"):
        journal.unlink()
    place.write_bytes(backup)
    restored = Campaign.open(place)
    end = time.monotonic() + 20
    while (audit := restored.audit(client)).calls == 0:
        # A call is listed some seconds after it was placed.
        assert time.monotonic() < end
        time.sleep(0.2)
    assert (audit.unknown_to_ledger, audit.held) == ((ADA,), 1)
    assert restored.run_slice(client, max_seconds=5).placed == 1
    assert restored.counts() == {"held": 1, "in_call": 1}
    assert placed(sandbox) - before == 2


def test_an_audit_reads_all_of_the_history_however_slow_the_pace(
    place: str, client: trillet.Trillet, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "LONGEST_LOOK_SECONDS", 0.0)
    campaign = begun(place, agent, ADA, calls_per_minute=30)
    client.calls.send(agent, ADA)
    campaign.run_slice(client, max_seconds=1, max_calls=1)
    end = time.monotonic() + 30
    while ADA not in campaign.audit(client).unknown_to_ledger:
        # A call is listed some seconds after it was placed.
        assert time.monotonic() < end


def test_pages_that_are_smaller_than_asked_for_end_no_history(place: str) -> None:
    """A service may give fewer records than asked for; each page here has ten."""
    time.time()
    records = [
        {
            "callId": f"call{number}",
            "toPhoneNumber": f"+1202555{number:04}",
            "timestamp": time.time(),
        }
        for number in range(25)
    ]

    def page(connection: Connection) -> bool:
        asked = parse_qs(urlsplit(server.requests[-1].target).query)
        start = (int(asked.get("page", ["1"])[0]) - 1) * 10
        return json_answer(records[start : start + 10])(connection)

    with RecordingServer() as server:
        server.otherwise = page
        with trillet.Trillet("sandbox-key", "w", base_url=server.url) as client:
            campaign = begun(place, "a", *(str(each["toPhoneNumber"]) for each in records))
            assert campaign.audit(client).held == 25


def test_the_preflight_says_who_is_called_and_who_never(place: str, agent: str) -> None:
    window = (Window("mon-sun", "00:00", "24:00"),)
    campaign = begun(place, agent, windows=window, attempts=2, call_cost=0.5)
    rows = [{"phone_number": f"+1202555{number:04}", "time_zone": "UTC"} for number in range(9)]
    campaign.add(
        [*rows, {"phone_number": "+80012345678"}, {"phone_number": BEN, "time_zone": "Mars"}]
    )
    campaign.suppress("+12025550000")
    plan = campaign.preflight()
    assert plan.callable == 8
    assert plan.never == {"suppressed": 1, "no time zone": 1, "no open window": 1}
    assert (plan.most_calls, plan.most_cost) == (16, 8.0)
    assert sum(plan.openings.values()) == 8
