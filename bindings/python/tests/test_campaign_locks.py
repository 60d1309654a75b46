"""Workers and people who change the same rows of PostgreSQL at the same time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from campaign_places import ADA, BEN, begun, postgres
from trillet._campaign import leases, reconciling, results
from trillet._campaign.intents import Intent, decide

if TYPE_CHECKING:
    from postgres_server import PostgresServer
    from trillet._campaign.context import Context

__all__ = ["postgres"]

AGENT = "64f0c0ffee0000000000a001"


def test_who_is_being_cancelled_is_given_back_without_waiting(postgres: PostgresServer) -> None:
    campaign = begun(postgres.database(), AGENT, ADA, BEN)
    context: Context = campaign._context
    first, second = leases.take(context, 2)
    given = threading.Thread(target=leases.give_back, args=(context, [second, first]), daemon=True)
    with context.database.write() as transaction:
        cancel = "UPDATE contact SET state = 'cancelled' WHERE id = ?"
        transaction.run(cancel, first)
        given.start()
        given.join(5)
        assert not given.is_alive()
        transaction.run(cancel, second)
    assert campaign.counts() == {"cancelled": 2}


def test_whose_call_ends_while_a_worker_gives_it_up_is_not_held(postgres: PostgresServer) -> None:
    campaign = begun(postgres.database(), AGENT, ADA, settle_seconds=0.001)
    context: Context = campaign._context
    (contact,) = leases.take(context, 1)
    intent = decide(context, contact)
    assert isinstance(intent, Intent)
    results.unknown(context, intent, "no answer")
    looked_for = reconciling._open_attempts(context)
    time.sleep(0.05)
    holding = threading.Thread(
        target=reconciling._hold_unknown, args=(context, looked_for), daemon=True
    )
    with context.database.write() as transaction:
        transaction.run("UPDATE attempt SET state = 'ended' WHERE contact = ?", contact)
        transaction.run("UPDATE contact SET state = 'done' WHERE id = ?", contact)
        holding.start()
        holding.join(1)
    holding.join(10)
    assert campaign.counts() == {"done": 1}


def test_a_decision_about_a_call_that_just_ends_waits_for_its_end(
    postgres: PostgresServer,
) -> None:
    campaign = begun(postgres.database(), AGENT, ADA)
    context: Context = campaign._context
    (contact,) = leases.take(context, 1)
    intent = decide(context, contact)
    assert isinstance(intent, Intent)
    results.unknown(context, intent, "no answer")
    decided: list[bool] = []
    deciding = threading.Thread(
        target=lambda: decided.append(campaign.resolve(ADA, "redial")), daemon=True
    )
    with context.database.write() as transaction:
        transaction.run("UPDATE attempt SET state = 'ended' WHERE contact = ?", contact)
        deciding.start()
        deciding.join(1)
        transaction.run("UPDATE contact SET state = 'done' WHERE id = ?", contact)
    deciding.join(10)
    assert decided == [False]
    assert campaign.counts() == {"done": 1}
