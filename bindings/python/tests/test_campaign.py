"""Campaigns in one file: who is called, when, and what is kept of it."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from trillet.campaign import Campaign, Policy, Retry, Window
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADA, BEN, EVE = "+12025550101", "+12025550102", "+12025550103"
VAIN = {"busy", "no-answer", "failed"}
ANY_TIME: dict[str, Any] = {"windows": (), "calls_per_minute": 6000, "calls_at_once": 100}


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    with Sandbox(speed=1) as running:
        yield running


@pytest.fixture
def sandbox(service: Sandbox) -> Sandbox:
    service.faults.clear()
    return service


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[trillet.Trillet]:
    with sandbox.client() as opened:
        yield opened


@pytest.fixture
def agent(client: trillet.Trillet) -> str:
    made = client.agents.create(
        name="Front Desk", llm_model="m", tts_model={"provider": "rime", "voiceId": "v"}
    )
    client.flows.create(
        name="Reminder", direction="outbound", prompt_type="simple", agent=made["_id"]
    )
    return made["_id"]


def begun(path: Path, agent: str, *phones: str, name: str = "spring", **rules: Any) -> Campaign:
    policy = Policy(**{**ANY_TIME, **rules})
    campaign = Campaign.create(
        path / "leads.db", name, agent=agent, account=str(path), policy=policy
    )
    campaign.add({"phone_number": phone} for phone in phones)
    campaign.start()
    return campaign


def placed(sandbox: Sandbox) -> int:
    return sandbox.ledger().totals("calls.send").effects


def test_each_contact_is_called_once(
    tmp_path: Path, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = begun(tmp_path, agent, ADA, BEN, EVE)
    summary = campaign.run_slice(client, max_seconds=10)
    assert (summary.placed, summary.reason) == (3, "nobody is due")
    assert campaign.run_slice(client, max_seconds=10).placed == 0
    assert placed(sandbox) - before == 3
    assert campaign.counts() == {"in_call": 3}


def test_a_contact_is_added_once(tmp_path: Path, agent: str) -> None:
    campaign = begun(tmp_path, agent, ADA)
    rows = [{"phone_number": ADA}, {"phone_number": BEN}, {"phone_number": BEN, "key": "again"}]
    added = campaign.add(rows)
    assert (added.added, added.known) == (1, 2)


def test_the_good_rows_of_a_file_are_added(tmp_path: Path, agent: str) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"phone_number,first_name\n{ADA},Ada\n555,Ben\n{EVE},Eve\n")
    added = begun(tmp_path, agent).add(file)
    assert (added.added, added.known) == (2, 0)
    assert added.report is not None
    assert not added.report.valid


def test_a_row_without_a_number_stops_the_adding_and_says_which(tmp_path: Path, agent: str) -> None:
    rows = [{"phone_number": ADA}, {"phone_number": "0202 5550"}]
    with pytest.raises(trillet.InvalidArgumentError, match="Row 2 has no number"):
        begun(tmp_path, agent).add(rows)


def test_nobody_is_called_before_the_start_during_a_pause_and_after_the_end(
    tmp_path: Path, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = Campaign.create(
        tmp_path / "leads.db", "s", agent=agent, account="a", policy=Policy(**ANY_TIME)
    )
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
    tmp_path: Path, client: trillet.Trillet, agent: str
) -> None:
    first = begun(tmp_path, agent, ADA, BEN)
    second = begun(tmp_path, agent, ADA, name="summer")
    assert first.suppress(ADA) == 1
    first.suppress(BEN, until=time.time() - 1)
    assert first.run_slice(client, max_seconds=5).passed == {"suppressed": 1}
    assert second.run_slice(client, max_seconds=5).passed == {"suppressed": 1}
    assert first.counts() == {"suppressed": 1, "in_call": 1}


def test_two_campaigns_do_not_call_the_same_number_at_once(
    tmp_path: Path, client: trillet.Trillet, agent: str
) -> None:
    assert begun(tmp_path, agent, ADA).run_slice(client, max_seconds=5).placed == 1
    other = begun(tmp_path, agent, ADA, name="summer")
    summary = other.run_slice(client, max_seconds=5)
    assert summary.placed == 0
    assert summary.passed == {"another call to this number is open": 1}
    assert summary.next_due_ms is not None


def test_outside_its_window_a_contact_waits_and_without_a_zone_it_is_held(
    tmp_path: Path, client: trillet.Trillet, agent: str
) -> None:
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(time.gmtime().tm_wday + 2) % 7]
    campaign = begun(tmp_path, agent, ADA, windows=(Window(day, "09:00", "10:00"),))
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
    tmp_path: Path, client: trillet.Trillet, agent: str, rules: dict[str, Any], reason: str
) -> None:
    campaign = begun(tmp_path, agent, ADA, BEN, EVE, **rules)
    summary = campaign.run_slice(client, max_seconds=5)
    assert summary.placed == 2
    assert reason in summary.reason
    assert campaign.state == "paused"


def test_what_certainly_was_not_sent_is_due_again(
    tmp_path: Path, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(tmp_path, agent, ADA)
    sandbox.faults.add("calls.send", "status", status=429, retryAfter=1, count=1)
    first = campaign.run_slice(client, max_seconds=0.5)
    assert (first.unsent, first.placed) == (1, 0)
    assert campaign.counts() == {"ready": 1}
    begin = time.monotonic()
    assert campaign.run_slice(client, max_seconds=10).placed == 1
    assert time.monotonic() - begin > 0.3


def test_what_may_have_rung_is_bound_by_the_history(
    tmp_path: Path, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = begun(tmp_path, agent, ADA)
    sandbox.faults.add("calls.send", "reset", when="after", count=1)
    assert campaign.run_slice(client, max_seconds=5).unknown == 1
    end = time.monotonic() + 20
    while campaign.counts() != {"in_call": 1}:
        assert time.monotonic() < end, campaign.counts()
        time.sleep(0.2)
        campaign.run_slice(client, max_seconds=0)
    assert placed(sandbox) - before == 1


def test_what_never_rang_is_held_and_not_called_again(
    tmp_path: Path, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = begun(tmp_path, agent, ADA, settle_seconds=0.3)
    sandbox.faults.add("calls.send", "reset", count=1)
    assert campaign.run_slice(client, max_seconds=5).unknown == 1
    end = time.monotonic() + 20
    while campaign.counts() != {"held": 1}:
        assert time.monotonic() < end, campaign.counts()
        time.sleep(0.2)
        campaign.run_slice(client, max_seconds=0)
    assert campaign.run_slice(client, max_seconds=1).placed == 0
    other = begun(tmp_path, agent, ADA, name="summer")
    assert other.run_slice(client, max_seconds=1).placed == 0
    assert placed(sandbox) == before


def test_an_account_that_may_not_call_pauses_the_campaign(
    tmp_path: Path, sandbox: Sandbox, agent: str
) -> None:
    campaign = begun(tmp_path, agent, ADA)
    with trillet.Trillet("wrong", "sandbox-workspace", base_url=sandbox.url) as client:
        assert campaign.run_slice(client, max_seconds=2).placed == 0
    assert campaign.state == "paused"
    assert campaign.counts() == {"ready": 1}


def test_calls_that_come_to_nothing_are_repeated_as_the_policy_says(
    tmp_path: Path, agent: str
) -> None:
    with Sandbox(speed=600) as sandbox, sandbox.client() as client:
        made = client.agents.create(
            name="D", llm_model="m", tts_model={"provider": "rime", "voiceId": "v"}
        )
        client.flows.create(name="R", direction="outbound", prompt_type="simple", agent=made["_id"])
        phones = [f"+1202555{number:04}" for number in range(60)]
        rules = {name: Retry(2, 0) for name in ("busy", "no_answer", "failed")}
        campaign = begun(
            tmp_path, made["_id"], *phones, retries=rules, daily_attempts=9, attempts=2
        )
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


def worker(path: str, url: str, seconds: float) -> None:
    with trillet.Trillet("sandbox-key", "sandbox-workspace", base_url=url) as client:
        Campaign.open(path, "spring").run_slice(client, max_seconds=seconds)


def test_all_workers_together_keep_the_limit_and_use_it(
    tmp_path: Path, sandbox: Sandbox, agent: str
) -> None:
    per_minute, seconds = 1200, 6.0
    phones = [f"+1303555{number:04}" for number in range(400)]
    begun(tmp_path, agent, *phones, calls_per_minute=per_minute, calls_at_once=1000)
    path = str(tmp_path / "leads.db")
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=worker, args=(path, sandbox.url, seconds)) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    connection = sqlite3.connect(path)
    starts = [
        at for (at,) in connection.execute("SELECT intent_at FROM attempt ORDER BY intent_at")
    ]
    connection.close()
    window = 2_000
    for index, start in enumerate(starts):
        within = sum(at < start + window for at in starts[index:])
        # One that was late is made up for by the next.
        assert within <= per_minute * window / 60_000 + 1
    assert len(starts) > 1


def test_a_later_database_is_not_touched(tmp_path: Path, agent: str) -> None:
    begun(tmp_path, agent).close()
    connection = sqlite3.connect(tmp_path / "leads.db")
    connection.execute("INSERT INTO schema_version (version) VALUES (999)")
    connection.commit()
    connection.close()
    with pytest.raises(trillet.ConfigurationError, match="later version"):
        Campaign.open(tmp_path / "leads.db", "spring")


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
