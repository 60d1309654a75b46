"""What the server has acknowledged survives `kill -9` at any moment.

Some drivers write as fast as they can and note each acknowledgement; at random moments the server
is killed and started again on its file. TRILLET_KILLS says how often (200), TRILLET_CRASH_SEED
makes a run repeat its choices; the seed is printed.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import StartSandbox
from sandbox import KEY, WORKSPACE, Sandbox, agent_fields, contacts, multipart, ready_agent

KILLS = int(os.environ.get("TRILLET_KILLS", "200"))
SECONDS = 150.0
CONCURRENCY = 6
DRIVERS = 4
BATCH_SIZES = (3, 20, 150)
# However fast the machine takes batches, at 20,000 times real time the calls of so many are over
# within seconds.
UNFINISHED_BATCHES = 100
BATCHES = "/v1/api/batch-calls"
HEADERS = {"x-api-key": KEY, "x-workspace-id": WORKSPACE}
LOST = (http.client.HTTPException, OSError)


@dataclass
class Acknowledged:
    """What the server has said yes to, over all its lives."""

    calls: set[str] = field(default_factory=set)
    agents: dict[str, str] = field(default_factory=dict)
    """The name last acknowledged by agent; only agents whose last update was answered."""
    batches: dict[str, int] = field(default_factory=dict)
    unfinished: dict[str, None] = field(default_factory=dict)
    """The batches not yet seen at their end, the oldest first."""
    cancelled: dict[str, dict[str, int]] = field(default_factory=dict)


class Driver:
    """Makes one request after the other until the server is gone."""

    def __init__(self, server: Sandbox, agent: str, known: Acknowledged, seed: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        self._agent = agent
        self._known = known
        self._random = random.Random(seed)
        self._thread = threading.Thread(target=self._run)
        self.refused: list[str] = []
        self._thread.start()

    def join(self) -> None:
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        steps = [self._call] * 6 + [self._create_agent] * 2 + [self._rename_agent]
        steps += [self._start_batch, self._cancel_batch]
        try:
            while True:
                self._random.choice(steps)()
        except LOST:
            pass
        finally:
            self._connection.close()

    def _send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> Any:
        self._connection.request(method, path, body, {**HEADERS, "Content-Type": kind})
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200 and not (method == "DELETE" and answer.status == 400):
            self.refused.append(f"{method} {path} {answer.status} {text!r}")
        return json.loads(text)

    def _call(self) -> None:
        order = {"agentId": self._agent, "toNumber": "+12025550164"}
        answer = self._send("POST", "/api/v1/calls/call", json.dumps(order).encode())
        self._known.calls.add(answer["callId"])

    def _create_agent(self) -> None:
        body = json.dumps(agent_fields(name="new")).encode()
        self._known.agents[self._send("POST", "/api/v1/agents", body)["_id"]] = "new"

    def _rename_agent(self) -> None:
        if not self._known.agents:
            return
        agent, _ = self._known.agents.popitem()
        name = f"name {self._random.random()}"
        self._send("PATCH", f"/api/v1/agents/{agent}", json.dumps({"name": name}).encode())
        self._known.agents[agent] = name

    def _start_batch(self) -> None:
        if len(self._known.unfinished) >= UNFINISHED_BATCHES:
            self._look_at_oldest_batch()
            return
        count = self._random.choice(BATCH_SIZES)
        form, kind = multipart(contacts(count), {"agentId": self._agent})
        batch = self._send("POST", BATCHES, form, kind)["batchId"]
        self._known.batches[batch] = count
        self._known.unfinished[batch] = None

    def _look_at_oldest_batch(self) -> None:
        batch = list(self._known.unfinished)[0]
        if self._send("GET", f"{BATCHES}/{batch}/status")["isComplete"]:
            self._known.unfinished.pop(batch, None)

    def _cancel_batch(self) -> None:
        if not self._known.batches or self._random.random() < 0.5:
            return
        batch = self._random.choice(list(self._known.batches))
        details = self._send("DELETE", f"{BATCHES}/{batch}").get("details")
        if details is None:
            return
        known = self._known.cancelled.setdefault(batch, details)
        if known != details:
            self.refused.append(f"{batch} was cancelled with {known}, then with {details}")


def lives(start: StartSandbox, database: Path, seed: int, known: Acknowledged) -> Iterator[int]:
    """Starts, loads and kills the server again and again; yields after each death."""
    choice = random.Random(seed)
    deadline = time.monotonic() + SECONDS
    agent = ""
    for life in range(KILLS):
        server = start(*arguments(database))
        agent = agent or ready_agent(server)
        drivers = [Driver(server, agent, known, choice.getrandbits(32)) for _ in range(DRIVERS)]
        # Any moment is good: in a start, a request, a commit, between two events of a batch.
        time.sleep(choice.random() ** 2 * 0.25)
        server.kill()
        for driver in drivers:
            driver.join()
            assert driver.refused == []
        yield life + 1
        if time.monotonic() > deadline:
            return


def arguments(database: Path) -> tuple[str, ...]:
    return (
        *("--database", str(database), "--speed", "20000"),
        *("--requests-per-minute", "0", "--concurrency", str(CONCURRENCY)),
    )


def test_what_was_acknowledged_survives_being_killed(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    seed = int(os.environ.get("TRILLET_CRASH_SEED", random.randrange(2**32)))
    database = tmp_path / "sandbox.sqlite"
    known = Acknowledged()
    kills = 0
    for kills in lives(start_sandbox, database, seed, known):
        if kills % 20 == 0:
            check_database(database, known)
    print(f"seed {seed}: {kills} kills, {len(known.calls)} calls, {len(known.agents)} agents, ")
    print(f"{len(known.batches)} batches, {len(known.cancelled)} of them cancelled")
    assert kills > 0, f"seed {seed}"
    check_database(database, known)
    server = start_sandbox(*arguments(database))
    check_batches_go_on_to_their_end(server, known)
    check_through_the_server(server, known)
    assert server.stop() == 0
    check_database(database, known)
    check_nobody_was_dialled_twice(database)


def check_database(database: Path, known: Acknowledged) -> None:
    """Opened by another program, the file is whole and has everything."""
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        calls = {row[0] for row in connection.execute("SELECT id FROM call")}
        assert known.calls <= calls, "acknowledged calls are lost"
        agents = {row[0] for row in connection.execute("SELECT id FROM agent")}
        assert set(known.agents) <= agents, "acknowledged agents are lost"
        jobs = dict(connection.execute("SELECT batchSequence, count(*) FROM job GROUP BY 1"))
        for batch, count in known.batches.items():
            assert jobs.get(int(batch.removeprefix("batch_")) - 1_000_000) == count, batch
        assert set(jobs.values()) <= set(BATCH_SIZES), "a batch is there in part"
        active = connection.execute("SELECT count(*) FROM job WHERE status = 'active'").fetchone()
        assert active[0] <= CONCURRENCY
    finally:
        connection.close()


def check_batches_go_on_to_their_end(server: Sandbox, known: Acknowledged) -> None:
    deadline = time.monotonic() + 60
    for batch, count in known.batches.items():
        while not (state := server.get(f"{BATCHES}/{batch}/status").json)["isComplete"]:
            assert time.monotonic() < deadline, f"{batch} is still {state}"
            time.sleep(0.02)
        assert state["total"] == count
        if batch in known.cancelled:
            assert state["status"] == "cancelled"
            assert server.delete(f"{BATCHES}/{batch}").json["details"] == known.cancelled[batch]
        elif state["status"] != "cancelled":
            assert (state["completed"] + state["failed"], state["waiting"]) == (count, 0)


def check_through_the_server(server: Sandbox, known: Acknowledged) -> None:
    for agent, name in known.agents.items():
        assert server.get(f"/api/v1/agents/{agent}").json["name"] == name
    for call in sorted(known.calls)[:100]:
        assert server.get(f"/v2/api/call-history/{call}").json["callId"] == call


def check_nobody_was_dialled_twice(database: Path) -> None:
    """A job has as many calls as attempts, and the numbers of a batch of ours are all different."""
    connection = sqlite3.connect(database)
    try:
        twice = connection.execute(
            """
            SELECT batchSequence, toNumber, count(*) FROM call WHERE batchSequence IS NOT NULL
            GROUP BY 1, 2 HAVING count(*) > 1
            """
        ).fetchall()
        assert twice == []
        dialled = connection.execute("SELECT count(*) FROM call WHERE batchSequence IS NOT NULL")
        attempts = connection.execute("SELECT sum(attempts) FROM job")
        assert dialled.fetchone() == attempts.fetchone()
        lost = connection.execute(
            """
            SELECT count(*) FROM job
            WHERE callId IS NOT NULL AND callId NOT IN (SELECT id FROM call)
            """
        )
        assert lost.fetchone() == (0,)
    finally:
        connection.close()
