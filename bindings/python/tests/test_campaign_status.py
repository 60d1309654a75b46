"""How fast a campaign calls, when it will be over, and what it waits for."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from campaign_places import ADA, BEN, agent, begun, client, place, postgres, sandbox, service
from trillet.campaign import Window

if TYPE_CHECKING:
    from pathlib import Path

    import trillet
    from trillet.testing import Sandbox

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]

HOUR = 3600


def numbers(count: int) -> list[str]:
    return [f"+1202555{number:04}" for number in range(count)]


def set_back(database: Path, seconds: float) -> None:
    """Lets all that a campaign of a file remembers have been so much earlier."""
    with sqlite3.connect(database) as connection:
        for table, column in (("attempt", "intent_at"), ("event", "at"), ("worker", "seen_at")):
            connection.execute(f"UPDATE {table} SET {column} = {column} - ?", (seconds * 1000,))


def test_the_first_seconds_tell_the_rate(place: str, client: trillet.Trillet, agent: str) -> None:
    campaign = begun(place, agent, *numbers(400), calls_per_minute=600, calls_at_once=400)
    campaign.run_slice(client, max_seconds=3)
    status = campaign.status()
    # Over five minutes these would be about six a minute.
    assert 100 < status.calls_per_minute <= 600
    assert status.remaining_seconds is not None
    assert status.remaining_seconds < 400 / 100 * 60
    assert status.over_at is not None
    assert abs(status.over_at - time.time() - status.remaining_seconds) < 5


def test_a_pause_lowers_no_rate(tmp_path: Path, client: trillet.Trillet, agent: str) -> None:
    database = tmp_path / "leads.db"
    campaign = begun(str(database), agent, *numbers(400), calls_per_minute=600, calls_at_once=400)
    campaign.run_slice(client, max_seconds=2)
    campaign.pause()
    set_back(database, 240)
    campaign.start()
    campaign.run_slice(client, max_seconds=2)
    assert campaign.status().calls_per_minute > 100


def test_what_has_stopped_has_no_rate(tmp_path: Path, client: trillet.Trillet, agent: str) -> None:
    database = tmp_path / "leads.db"
    campaign = begun(str(database), agent, *numbers(20))
    campaign.run_slice(client, max_seconds=5, max_calls=10)
    set_back(database, 301)
    status = campaign.status()
    assert (status.calls_per_minute, status.remaining_seconds, status.over_at) == (0, None, None)


def test_the_end_is_within_windows(place: str, client: trillet.Trillet, agent: str) -> None:
    now = datetime.now(timezone.utc)
    if now.hour == 23 and now.minute >= 55:
        pytest.skip("the window of this test would end tomorrow")
    closes = now + timedelta(minutes=3)
    window = Window("mon-sun", "00:00", f"{closes:%H:%M}")
    campaign = begun(place, agent, windows=(window,), calls_at_once=3000, calls_per_minute=60)
    campaign.add({"phone_number": each, "time_zone": "UTC"} for each in numbers(3000))
    campaign.run_slice(client, max_seconds=3)
    status = campaign.status()
    assert status.remaining_seconds is not None
    assert status.over_at is not None
    # Fifty minutes of calls, of which today has three.
    assert status.over_at > time.time() + status.remaining_seconds
    midnight = datetime.combine(now.date(), datetime.min.time(), timezone.utc)
    assert status.over_at > midnight.timestamp() + 24 * HOUR


def test_a_closed_window_is_told_with_its_opening(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[
        (datetime.now(timezone.utc).weekday() + 2) % 7
    ]
    windows = (Window(day, "09:00", "20:00"),)
    campaign = begun(place, agent, windows=windows)
    campaign.add({"phone_number": each, "time_zone": "UTC"} for each in (ADA, BEN))
    for _ in range(2):
        # Before a worker has looked, and after it.
        waits = campaign.status().waits_for or ""
        assert waits.startswith(f"the window, closed until {day.title()} ")
        campaign.run_slice(client, max_seconds=1)


def test_contacts_that_are_held_wait_for_a_decision(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, windows=(Window("mon-sun", "00:00", "24:00"),))
    campaign.add([{"phone_number": ADA, "time_zone": "Mars"}])
    campaign.run_slice(client, max_seconds=1)
    assert campaign.counts() == {"held": 1}
    assert campaign.status().waits_for == "a decision about 1 who are held"


def test_a_campaign_without_a_worker_says_so(tmp_path: Path, agent: str) -> None:
    database = tmp_path / "leads.db"
    campaign = begun(str(database), agent, ADA)
    assert campaign.status().waits_for is None
    set_back(database, 600)
    assert campaign.status().waits_for == (
        "a worker: none was seen for 10 min; start trillet campaign run"
    )


def test_a_budget_that_is_spent_is_the_reason(
    place: str, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, BEN, most_calls=1)
    campaign.run_slice(client, max_seconds=2)
    status = campaign.status()
    assert (status.state, status.waits_for) == ("paused", "1 calls were placed (most_calls)")


def test_a_failure_says_when_whose_and_why(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA)
    sandbox.faults.add("calls.send", "reset", count=1)
    campaign.run_slice(client, max_seconds=1)
    (failure,) = campaign.status().failures
    assert (failure.kind, failure.phone) == ("unknown", ADA)
    assert failure.reason
    assert abs(failure.at / 1000 - time.time()) < 30
    assert str(failure) == f"{ADA} unknown: {failure.reason}"
