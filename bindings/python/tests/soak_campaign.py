"""A long storm over a campaign: everything that can be killed, stopped, cut or set wrong.

    make soak-campaign CAMPAIGN_FLAGS="--database postgresql --contacts 20000 --kills 200"

The same seed (`TRILLET_TEST_SEED`) makes the same choices; when they strike depends on the machine.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from campaign_places import begun
from campaign_storm import (
    NETWORK,
    UNDER_WAY,
    Rule,
    add_faults,
    doubts,
    judge,
    records_of,
    wait_until_known,
)
from storm_blows import REDELIVERIES, Blows, Crew, Workers
from storm_databases import StormDatabase, StormPostgres, StormSQLite
from storm_workers import Job, Nursery
from trillet import ConnectionFailedError
from trillet.campaign import Campaign
from trillet.testing import Sandbox

if TYPE_CHECKING:
    import trillet

SEED = int(os.environ.get("TRILLET_TEST_SEED", "0")) or random.SystemRandom().randrange(1 << 31)
PER_MINUTE = 6_000
RULES: dict[str, Any] = {
    "calls_per_minute": PER_MINUTE,
    "calls_at_once": 1_000_000,
    "retries": {},
    "failures_in_a_row": 1_000_000,
    "send_before_seconds": 2,
    "lease_seconds": 10,
    "answer_seconds": 4,
    # Longer than two wrong clocks are apart.
    "settle_seconds": 640,
    "longest_call_seconds": 640,
}
TIMEOUT_MS = 800
SETTLE_SECONDS = 20
# Of a lost acknowledgement, for each commit. A call has about four.
CUT = 0.0005
# The service's clock is ahead of this machine's.
AHEAD_SECONDS = 240


def main() -> int:
    given = arguments()
    print(f"TRILLET_TEST_SEED={SEED}", vars(given), flush=True)
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="trillet-storm-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        database: StormDatabase
        if given.database == "sqlite":
            database = StormSQLite(folder)
        else:
            database = StormPostgres(folder, CUT, chance)
        try:
            with Sandbox(speed=1, seed=SEED % 1000, concurrency=1_000_000) as sandbox:
                sandbox.clock.advance(AHEAD_SECONDS)
                with sandbox.client(timeout_ms=30_000) as client:
                    Storm(given, chance, database, sandbox, client, folder).run()
        finally:
            database.close()
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--kills", type=int, default=1_000, help="of workers, by SIGKILL")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--engine", choices=("plain", "celery", "temporal"), default="plain")
    parser.add_argument("--database-kills", type=int, default=20)
    parser.add_argument("--long-stops", type=int, default=3, help="of 60 s; others are short")
    parser.add_argument("--faults", type=int, help="of each kind; default contacts / 100")
    return parser.parse_args()


class Storm:
    def __init__(
        self,
        given: argparse.Namespace,
        chance: random.Random,
        database: StormDatabase,
        sandbox: Sandbox,
        client: trillet.Trillet,
        folder: Path,
    ) -> None:
        self.given, self.database, self.sandbox, self.client = given, database, sandbox, client
        phones = (f"+1{2_000_000_000 + number}" for number in range(given.contacts))
        self.campaign = begun(database.place, brief_agent(client), *phones, name="storm", **RULES)
        errors = str(folder / "errors")
        job = Job(database.worker_place, "storm", sandbox.url, TIMEOUT_MS, errors)
        self.workers = workers_of(given.engine, job)
        self.crew = Crew(self.workers, given.workers, chance)
        self.blows = Blows(given, chance, self.crew, database)

    def run(self) -> None:
        begin = time.monotonic()
        self.rain()
        try:
            self.crew.start()
            self.go_on()
        finally:
            self.crew.end()
            self.workers.close()
        called = time.monotonic() - begin
        rules = self.sandbox.faults.list()
        self.sandbox.faults.clear()
        self.settle_soon()
        wait_until_known(self.campaign, self.client, seconds=900)
        records = records_of(self.client)
        figures: dict[str, Any] = {
            "contacts": self.given.contacts,
            "minutes": round((time.monotonic() - begin) / 60, 1),
            "calls a minute": round(records.rung.total() / called * 60),
            "rang": records.rung.total(),
            "rang twice": sum(count > 1 for count in records.rung.values()),
            "busiest minute": records.busiest,
            **self.blows.done,
            "acknowledgements lost": self.database.cuts(),
            "faults": sum(rule["applied"] for rule in rules),
            "fewest of a fault": min(rule["applied"] for rule in rules),
            "slices that failed": len(self.workers.errors()),
        }
        in_doubt = doubts(self.database.place)
        figures |= {f"doubts: {kind}": count for kind, count in in_doubt.items()}
        print("\n".join(f"{name:24} {value}" for name, value in figures.items()), flush=True)
        kinds = Counter(error.partition(":")[0] for error in self.workers.errors())
        print("errors", dict(kinds), self.workers.errors()[:5], flush=True)
        self.judge(records.rung, records.busiest, in_doubt)

    def judge(self, rung: Counter[str], busiest: int, in_doubt: Counter[str]) -> None:
        kinds = judge(self.campaign, rung, self.given.contacts)
        print("contacts", dict(kinds), flush=True)
        assert self.sandbox.ledger().totals("calls.send").effects == rung.total()
        # A call reaches the service up to so much after the decision.
        late = RULES["send_before_seconds"] + TIMEOUT_MS / 1000
        assert busiest <= PER_MINUTE * (60 + late) / 60, busiest
        done = self.blows.done
        # A worker of Temporal has several slices under way.
        slices = 4 if self.given.engine == "temporal" else 1
        lost = slices * done["kills"]
        # Each of these makes everybody late: the database ends all transactions, or one that is
        # stopped within a transaction keeps all others from noting what came of their calls.
        everybody = slices * self.given.workers + REDELIVERIES
        strikes = ("stops", "long stops", "database kills", "restored")
        lost += everybody * (sum(done[each] for each in strikes) + 1)
        lost += sum(not each.startswith("ConnectionFailedError") for each in self.workers.errors())
        assert in_doubt["unheard"] <= lost, (in_doubt, lost)

    def rain(self) -> None:
        """Every fault of the network, evenly over all calls, and some that keep others waiting."""
        each = self.given.faults or max(1, self.given.contacts // 100)
        # All together strike a quarter of the calls; those that are over leave theirs to none.
        add_faults(self.sandbox, NETWORK, each, 0.25 / len(NETWORK))
        seldom = max(1, each // 50)
        rare: tuple[Rule, ...] = (
            ("status", {"status": 429, "retryAfter": 1}),
            ("status", {"status": 503, "retryAfter": 1}),
            ("huge", {}),
        )
        add_faults(self.sandbox, rare, seldom, 0.001)
        for fault in ("reset", "partial", "status"):
            self.sandbox.faults.add("calls.history", fault, count=each, probability=0.01)

    def go_on(self) -> None:
        """Until all have been called and every blow has struck."""
        told = 0.0
        while True:
            try:
                counts = self.campaign.counts()
            except (psycopg.Error, ConnectionFailedError):
                # The database has been killed.
                time.sleep(0.2)
                continue
            left = counts["ready"] + counts["leased"]
            share = 1 - left / self.given.contacts
            if time.monotonic() - told > 15:
                told = time.monotonic()
                states = {state: counts[state] for state in (*UNDER_WAY, "held", "done")}
                print(f"{share:6.1%}", states, dict(self.blows.done), flush=True)
            if self.blows.restores_at(share):
                self.restore()
            elif self.blows.strike(share) and left == 0:
                return

    def settle_soon(self) -> None:
        """By right clocks no doubt needs to wait for long."""
        context = self.campaign._context
        policy = replace(context.policy, settle_seconds=SETTLE_SECONDS)
        self.campaign._context = replace(context, policy=policy)

    def restore(self) -> None:
        """Everybody stops, an older ledger takes over, and the audit comes first."""
        self.crew.end()
        # What the killed had sent arrives.
        time.sleep(TIMEOUT_MS / 1000 + 5)
        self.campaign.close()
        self.database.restore()
        self.campaign = Campaign.open(self.database.place, "storm")
        before = self.campaign.counts()
        found = self.campaign.audit(self.client)
        print("restored", dict(before), f"audit: {found.held} held", flush=True)
        self.crew.start()


def workers_of(engine: str, job: Job) -> Workers:
    if engine == "plain":
        return Nursery(job)
    # Here: their packages may be missing.
    from storm_engines import CeleryWorkers, TemporalWorkers

    return CeleryWorkers(job) if engine == "celery" else TemporalWorkers(job)


def brief_agent(client: trillet.Trillet) -> str:
    """An agent whose calls are over soon."""
    made = client.agents.create(
        name="Storm", llm_model="m", tts_model={"provider": "rime", "voiceId": "v"}
    )
    client.flows.create(
        name="Storm",
        direction="outbound",
        prompt_type="simple",
        agent=made["_id"],
        settings={"callSetting": {"maxCallDuration": 5}},
    )
    return made["_id"]


if __name__ == "__main__":
    sys.exit(main())
