"""Wrong clocks, stopped workers and late answers, which must not hold up a campaign."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

import pytest

import trillet
from campaign_places import (
    ADA,
    BEN,
    agent,
    begun,
    client,
    place,
    placed,
    postgres,
    sandbox,
    service,
)
from trillet._campaign import history, leases, reconciling, results
from trillet._campaign import postgres as postgres_module
from trillet._campaign.intents import Intent, decide
from trillet.campaign import Campaign

if TYPE_CHECKING:
    from postgres_server import PostgresServer
    from trillet._campaign.context import Context
    from trillet.testing import Sandbox

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]

AHEAD = 300 * 1_000_000_000


def ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall clock of this process."""
    clock = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: clock() + AHEAD)


def test_a_dead_worker_whose_clock_was_ahead_keeps_its_contacts_for_the_lease_alone(
    place: str, client: trillet.Trillet, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = begun(place, agent, ADA, BEN, lease_seconds=0.5)
    dead = Campaign.open(place, "spring")
    with monkeypatch.context() as patch:
        ahead(patch)
        assert len(leases.take(dead._context, 16)) == 2
    time.sleep(0.6)
    assert campaign.run_slice(client, max_seconds=5).placed == 2


def test_a_worker_whose_clock_is_ahead_keeps_nobody_from_looking(
    place: str,
    sandbox: Sandbox,
    client: trillet.Trillet,
    agent: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = begun(place, agent, ADA)
    with monkeypatch.context() as patch:
        ahead(patch)
        assert campaign.run_slice(client, max_seconds=5).placed == 1
    time.sleep(0.2)
    before = sandbox.ledger().totals("calls.history").received
    campaign.run_slice(client, max_seconds=0)
    assert sandbox.ledger().totals("calls.history").received > before


def test_one_worker_looks_at_a_time_however_long_it_takes(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA)
    assert campaign.run_slice(client, max_seconds=5).placed == 1
    time.sleep(0.2)
    before = sandbox.ledger().totals("calls.history").received
    sandbox.faults.add("calls.history", "delay", ms=1500, count=None)

    def look() -> None:
        with Campaign.open(place, "spring") as other, sandbox.client() as own:
            other.run_slice(own, max_seconds=0, max_calls=0)

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    time.sleep(0.75)
    during = sandbox.ledger().totals("calls.history").received
    sandbox.faults.clear()
    for looker in lookers:
        looker.join()
    assert during - before <= 1


def test_who_is_held_is_not_looked_for_any_more(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    campaign = begun(place, agent, ADA, settle_seconds=0.2)
    sandbox.faults.add("calls.send", "reset", count=1)
    end = time.monotonic() + 20
    while campaign.counts() != {"held": 1}:
        assert time.monotonic() < end, campaign.counts()
        campaign.run_slice(client, max_seconds=1)
        time.sleep(0.1)
    before = sandbox.ledger().totals("calls.history").received
    for _ in range(3):
        time.sleep(0.1)
        campaign.run_slice(client, max_seconds=0)
    assert sandbox.ledger().totals("calls.history").received == before


def test_a_worker_that_was_given_up_and_did_not_send_ends_the_doubt(
    place: str, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    before = placed(sandbox)
    campaign = begun(place, agent, ADA)
    context = campaign._context
    (contact,) = leases.take(context, 1)
    intent = decide(context, contact)
    assert isinstance(intent, Intent)
    results.unknown(context, intent, "its worker has not been heard of")
    assert campaign.counts() == {"unknown": 1}
    late = trillet.TrilletError("not sent after notAfterMs", type="cancelled", sent="no")
    results.failed(context, intent, late)
    assert campaign.run_slice(client, max_seconds=5).placed == 1
    # Whoever hears of it again changes nothing.
    results.failed(context, intent, late)
    assert campaign.counts() == {"in_call": 1}
    assert placed(sandbox) - before == 1


def test_a_worker_that_is_stopped_in_a_transaction_does_not_stop_the_others(
    postgres: PostgresServer, client: trillet.Trillet, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "IDLE_SECONDS", 1)
    place = postgres.database()
    begun(place, agent, ADA).close()
    stopped = Campaign.open(place, "spring")
    wakes = threading.Event()
    is_stopped = threading.Event()

    def stop() -> None:
        try:
            with stopped._database.write() as transaction:
                transaction.row("SELECT account FROM pace FOR UPDATE")
                is_stopped.set()
                wakes.wait(60)
        except Exception as error:
            errors.append(error)

    errors: list[Exception] = []
    thread = threading.Thread(target=stop)
    thread.start()
    assert is_stopped.wait(20)
    with Campaign.open(place, "spring") as campaign:
        assert campaign.run_slice(client, max_seconds=20).placed == 1
    wakes.set()
    thread.join()
    assert len(errors) == 1


def test_a_look_that_is_cut_short_has_followed_the_pages_before(
    place: str, client: trillet.Trillet, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE", 1)
    phones = ("+15005550001", "+15005550004")
    campaign = begun(place, agent, *phones, retries={})
    assert campaign.run_slice(client, max_seconds=5).placed == 2
    pages: list[int] = []

    def cut(context: Context, patience_seconds: float, *, is_first: bool) -> bool:
        pages.append(1)
        if not is_first:
            raise RuntimeError("killed")
        return True

    monkeypatch.setattr(history, "_take_turn", cut)
    end = time.monotonic() + 60
    while "done" not in campaign.counts():
        assert time.monotonic() < end, campaign.counts()
        pages.clear()
        with contextlib.suppress(RuntimeError):
            reconciling.reconcile(campaign._context, client)
        forget_duty(campaign)
        time.sleep(0.2)
    assert campaign.counts() == {"in_call": 1, "done": 1}


def forget_duty(campaign: Campaign) -> None:
    """As after the time for which a dead worker keeps others from looking."""
    with campaign._database.write() as transaction:
        transaction.run("UPDATE duty SET until = 0")


def test_a_database_that_is_away_is_no_wrong_setting() -> None:
    with pytest.raises(trillet.ConnectionFailedError, match="cannot be reached") as failed:
        Campaign.open("postgresql://dialer@/campaigns?host=/nonexistent", "spring")
    assert failed.value.sent == "no"
