"""Who a campaign calls, when, and what follows from each call."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from campaign_places import (
    ADA,
    ANY_TIME,
    BEN,
    EVE,
    agent,
    agent_of,
    begun,
    client,
    place,
    placed,
    postgres,
    sandbox,
    service,
)
from trillet._campaign.opening import database_of
from trillet.campaign import Campaign, Policy, Retry, Window
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]

VAIN = {"busy", "no-answer", "failed"}


def test_each_contact_is_called_once(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = begun(place, agent, ADA, BEN, EVE)
    summary = campaign.run_slice(client, max_seconds=10)
    assert (summary.placed, summary.reason) == (3, "nobody is due")
    assert campaign.run_slice(client, max_seconds=10).placed == 0
    assert placed(sandbox) - before == 3
    assert campaign.counts() == {"in_call": 3}


def test_a_contact_is_added_once(place: str, agent: str) -> None:
    campaign = begun(place, agent, ADA)
    rows = [{"phone_number": ADA}, {"phone_number": BEN}, {"phone_number": BEN, "key": "again"}]
    added = campaign.add(rows)
    assert (added.added, added.known) == (1, 2)


def test_the_good_rows_of_a_file_are_added(tmp_path: Path, place: str, agent: str) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"phone_number,first_name\n{ADA},Ada\n555,Ben\n{EVE},Eve\n")
    added = begun(place, agent).add(file)
    assert (added.added, added.known) == (2, 0)
    assert added.report is not None
    assert not added.report.valid


def test_a_row_without_a_number_stops_the_adding_and_says_which(place: str, agent: str) -> None:
    rows = [{"phone_number": ADA}, {"phone_number": "0202 5550"}]
    with pytest.raises(trillet.InvalidArgumentError, match="Row 2 has no number"):
        begun(place, agent).add(rows)


def test_nobody_is_called_before_the_start_during_a_pause_and_after_the_end(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = Campaign.create(place, "s", agent=agent, account="a", policy=Policy(**ANY_TIME))
    campaign.add([{"phone_number": ADA}, {"phone_number": BEN}])
    assert campaign.run_slice(client, max_seconds=1).placed == 0
    campaign.start()
    assert campaign.run_slice(client, max_seconds=5, max_calls=1).placed == 1
    campaign.pause()
    assert campaign.run_slice(client, max_seconds=1).placed == 0
    campaign.cancel()
    with pytest.raises(trillet.ConfigurationError, match="cancelled"):
        campaign.start()
    assert campaign.run_slice(client, max_seconds=1).placed == 0
    assert placed(sandbox) - before == 1
    assert campaign.counts()["cancelled"] == 1


def test_a_suppressed_number_is_called_by_nobody(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    first = begun(place, agent, ADA, BEN)
    second = begun(place, agent, ADA, name="summer")
    assert first.suppress(ADA) == 1
    first.suppress(BEN, until=time.time() - 1)
    assert first.run_slice(client, max_seconds=5).passed == {"suppressed": 1}
    assert second.run_slice(client, max_seconds=5).passed == {"suppressed": 1}
    assert first.counts() == {"suppressed": 1, "in_call": 1}


def test_two_campaigns_do_not_call_the_same_number_at_once(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    assert begun(place, agent, ADA).run_slice(client, max_seconds=5).placed == 1
    other = begun(place, agent, ADA, name="summer")
    summary = other.run_slice(client, max_seconds=5)
    assert summary.placed == 0
    assert summary.passed == {"another call to this number is open": 1}
    assert summary.next_due_ms is not None


def test_outside_its_window_a_contact_waits_and_without_a_zone_it_is_held(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(time.gmtime().tm_wday + 2) % 7]
    campaign = begun(place, agent, "+80012345678", windows=(Window(day, "09:00", "10:00"),))
    campaign.add(
        [
            {"phone_number": BEN, "time_zone": "Europe/Berlin"},
            {"phone_number": EVE, "time_zone": "Europe/Atlantis"},
        ]
    )
    summary = campaign.run_slice(client, max_seconds=5)
    assert summary.placed == 0
    assert summary.passed == {"no time zone": 1, "window closed": 1, "unknown time zone": 1}
    assert campaign.counts() == {"ready": 1, "held": 2}
    assert 20 * 3_600_000 < (summary.next_due_ms or 0) < 3 * 86_400_000


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"most_calls": 2}, "most_calls"),
        ({"most_cost": 0.25, "call_cost": 0.1}, "most_cost"),
    ],
)
def test_the_budget_is_never_exceeded(
    place: str, client: trillet.Trillet, agent: str, rules: dict[str, Any], reason: str
) -> None:
    campaign = begun(place, agent, ADA, BEN, EVE, **rules)
    summary = campaign.run_slice(client, max_seconds=5)
    assert summary.placed == 2
    assert reason in summary.reason
    assert campaign.state == "paused"


def test_what_certainly_was_not_sent_is_due_again(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA)
    sandbox.faults.add("calls.send", "status", status=429, retryAfter=1, count=1)
    first = campaign.run_slice(client, max_seconds=0.5)
    assert (first.unsent, first.placed) == (1, 0)
    assert campaign.counts() == {"ready": 1}
    begin = time.monotonic()
    assert campaign.run_slice(client, max_seconds=10).placed == 1
    assert time.monotonic() - begin > 0.3


def test_what_may_have_rung_is_bound_by_the_history(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = begun(place, agent, ADA)
    sandbox.faults.add("calls.send", "reset", when="after", count=1)
    assert campaign.run_slice(client, max_seconds=5).unknown == 1
    end = time.monotonic() + 20
    while campaign.counts() != {"in_call": 1}:
        assert time.monotonic() < end, campaign.counts()
        time.sleep(0.2)
        campaign.run_slice(client, max_seconds=0)
    assert placed(sandbox) - before == 1


def test_what_never_rang_is_held_and_not_called_again(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = begun(place, agent, ADA, settle_seconds=0.3)
    sandbox.faults.add("calls.send", "reset", count=1)
    assert campaign.run_slice(client, max_seconds=5).unknown == 1
    end = time.monotonic() + 20
    while campaign.counts() != {"held": 1}:
        assert time.monotonic() < end, campaign.counts()
        time.sleep(0.2)
        campaign.run_slice(client, max_seconds=0)
    assert campaign.run_slice(client, max_seconds=1).placed == 0
    other = begun(place, agent, ADA, name="summer")
    assert other.run_slice(client, max_seconds=1).placed == 0
    assert placed(sandbox) == before


def test_an_account_that_may_not_call_pauses_the_campaign(
    place: str, sandbox: Sandbox, agent: str
) -> None:
    campaign = begun(place, agent, ADA)
    with trillet.Trillet("wrong", "sandbox-workspace", base_url=sandbox.url) as client:
        assert campaign.run_slice(client, max_seconds=2).placed == 0
    assert campaign.state == "paused"
    assert campaign.counts() == {"ready": 1}


def test_calls_that_come_to_nothing_are_repeated_as_the_policy_says(place: str) -> None:
    with Sandbox(speed=600) as sandbox, sandbox.client() as client:
        agent = agent_of(client)
        phones = [f"+1202555{number:04}" for number in range(60)]
        rules = {name: Retry(2, 0) for name in ("busy", "no_answer", "failed")}
        campaign = begun(place, agent, *phones, retries=rules, daily_attempts=9, attempts=2)
        end = time.monotonic() + 60
        while campaign.counts().keys() - {"done", "exhausted"}:
            assert time.monotonic() < end, campaign.counts()
            campaign.run_slice(client, max_seconds=2)
        counts = campaign.counts()
        records: list[Any] = []
        page = 1
        while found := client.calls.history(page=page, limit=100):
            records += found
            page += 1
    times = Counter(str(each["toPhoneNumber"]) for each in records)
    assert max(times.values()) == 2
    vain = {
        phone: [
            each["status"] in VAIN and not each["analyzedData"]["answered_by_voicemail"]
            for each in records
            if each["toPhoneNumber"] == phone
        ]
        for phone in phones
    }
    assert counts["exhausted"] == sum(each == [True, True] for each in vain.values())
    assert [True] not in vain.values()


def test_a_later_database_is_not_touched(place: str, agent: str) -> None:
    begun(place, agent).close()
    with database_of(place).write() as transaction:
        transaction.run("INSERT INTO schema_version (version) VALUES (999)")
    with pytest.raises(trillet.ConfigurationError, match="later version"):
        Campaign.open(place, "spring")


def test_a_policy_is_read_as_it_was_written() -> None:
    policy = Policy(
        calls_per_minute=7,
        windows=(Window("mon,wed", "08:30", "24:00"),),
        time_zone="Asia/Tokyo",
        retries={"busy": Retry(5, 60)},
        expires_at=2e9,
    )
    assert Policy.read(policy.text()) == policy


@pytest.mark.parametrize(
    "rules",
    [
        {"calls_per_minute": 0},
        {"calls_at_once": True},
        {"attempts": 1.5},
        {"send_before_seconds": 0},
        {"time_zone": "Europe/Atlantis"},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(trillet.ConfigurationError):
        Policy(**rules)
