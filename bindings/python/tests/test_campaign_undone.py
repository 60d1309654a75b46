"""Workers that lock the same rows of PostgreSQL, and transactions that it undoes."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import ADA, BEN, begun, postgres
from trillet import ConnectionFailedError, Trillet
from trillet._campaign import repeating
from trillet._command.command import main
from trillet.campaign import Campaign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postgres_server import PostgresServer

__all__ = ["postgres"]

SECONDS = 20.0
HELD = "UPDATE contact SET state = 'unknown' WHERE phone = %s"
ATTEMPT = (
    "INSERT INTO attempt (contact, n, campaign, account, phone, token, worker, intent_at, send_by,"
    " state) SELECT id, 1, campaign, 'a', phone, 't', 'w', 0, 0, 'unknown' FROM contact"
)


@pytest.fixture
def place(postgres: PostgresServer) -> str:
    return postgres.database()


@contextmanager
def other(place: str) -> Iterator[Any]:
    """Another worker's connection, which never is the one whose transaction is undone."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(place) as connection:
        connection.execute(f"SET deadlock_timeout = '{SECONDS:.0f}s'")
        yield connection


def in_thread(step: Callable[[], object], place: str) -> tuple[threading.Thread, list[Any]]:
    """Begins a step, and returns once that waits for a lock; with what comes of it."""
    came: list[Any] = []

    def work() -> None:
        try:
            came.append(step())
        except Exception as error:
            came.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    with other(place) as looking:
        end = time.monotonic() + SECONDS
        while not looking.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            assert time.monotonic() < end, came
            time.sleep(0.01)
    return thread, came


def meets(campaign: Campaign, place: str) -> list[Any]:
    """What comes of a cancellation that waits for whoever waits for it."""
    with other(place) as connection:
        connection.execute("SELECT 1 FROM contact WHERE phone = %s FOR UPDATE", [BEN])
        thread, came = in_thread(campaign.cancel, place)
        connection.execute("SELECT 1 FROM contact WHERE phone = %s FOR UPDATE", [ADA])
    thread.join(SECONDS)
    return came


def test_a_decision_and_a_webhook_about_one_call_do_not_wait_for_each_other(place: str) -> None:
    campaign = begun(place, "a", ADA)
    with other(place) as connection:
        connection.execute(ATTEMPT)
        connection.execute(HELD, [ADA])
    with other(place) as connection:
        connection.execute("SET deadlock_timeout = '100ms'")
        connection.execute("UPDATE attempt SET answer = '{}'")
        thread, came = in_thread(lambda: campaign.resolve(ADA, "called"), place)
        connection.execute(HELD, [ADA])
    thread.join(SECONDS)
    assert came == [True]
    assert campaign.counts() == {"done": 1}


def test_what_the_database_undid_is_done_again(place: str) -> None:
    campaign = begun(place, "a", ADA, BEN)
    assert meets(campaign, place) == [None]
    assert campaign.counts() == {"cancelled": 2}


def test_what_is_undone_each_time_is_told_and_was_not_sent(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "PAUSES", ())
    campaign = begun(place, "a", ADA, BEN)
    (error,) = meets(campaign, place)
    assert isinstance(error, ConnectionFailedError)
    assert (error.sent, error.code) == ("no", "40P01")
    assert "deadlock detected" in error.message
    assert campaign.counts() == {"ready": 2}


def test_a_run_goes_on_when_the_database_ends_a_transaction(
    place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(place, "a").pause()
    monkeypatch.setenv("TRILLET_API_KEY", "sandbox-key")
    monkeypatch.setenv("TRILLET_WORKSPACE_ID", "sandbox-workspace")
    whole = Campaign.run_slice
    slices: list[None] = []

    def broken(campaign: Campaign, client: Trillet, *values: Any, **named: Any) -> Any:
        slices.append(None)
        if len(slices) == 1:
            with campaign._database.write() as transaction:
                transaction.row("SELECT pg_terminate_backend(pg_backend_pid())")
        return whole(campaign, client, *values, **named)

    monkeypatch.setattr(Campaign, "run_slice", broken)
    assert main(["campaign", "run", place, "--quiet", "--seconds", "10"]) == 1
    told = capsys.readouterr()
    assert len(slices) == 2
    assert "terminating connection" in told.err
    assert "Traceback" not in told.err
    assert "paused" in told.out


def test_two_that_add_the_same_contacts_in_opposite_orders_do_not_wait_for_each_other(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "PAUSES", ())
    campaign = begun(place, "a")
    rows = [{"phone_number": f"+1202{number:07}"} for number in range(9_000)]
    came: list[object] = []

    def add(listed: list[dict[str, str]]) -> None:
        try:
            came.append(campaign.add(listed).report)
        except ConnectionFailedError as error:
            came.append(error)

    threads = [threading.Thread(target=add, args=[each]) for each in (rows, rows[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert came == [None, None]
    assert campaign.counts() == {"ready": 9_000}
