"""The databases, the contact file and the workers of the benchmark of campaigns."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from postgres_server import PostgresServer
from trillet.campaign import Campaign, Policy
from trillet.testing import Sandbox

HERE = Path(__file__).parent
SEED = 1


class Places:
    """New databases of both kinds, on a disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._server = PostgresServer()

    def new(self, kind: str) -> str:
        if kind == "PostgreSQL":
            return self._server.database()
        self._count += 1
        return str(self._folder / f"leads-{self._count}.db")

    def size(self, place: str) -> int:
        if not place.startswith("postgresql:"):
            return sum(
                each.stat().st_size for each in Path(place).parent.glob(f"{Path(place).name}*")
            )
        import psycopg

        with psycopg.connect(place) as connection:
            found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(found[0]) if found else 0

    def close(self) -> None:
        self._server.stop()


def contact_file(folder: Path, rows: int) -> Path:
    """Numbers in no order, with a name each."""
    path = folder / "contacts.csv"
    chance = random.Random(SEED)
    with path.open("w") as file:
        file.write("phone_number,first_name\n")
        for number, line in enumerate(chance.sample(range(2_000_000, 9_999_999), rows)):
            file.write(f"+1212{line},Person {number}\n")
    return path


def phones(count: int, prefix: str = "+1303") -> list[str]:
    return [f"{prefix}{2_000_000 + number}" for number in range(count)]


def agent_of(sandbox: Sandbox) -> str:
    with sandbox.client() as client:
        made = client.agents.create(
            name="Desk", llm_model="m", tts_model={"provider": "rime", "voiceId": "v"}
        )
        client.flows.create(
            name="Reminder", direction="outbound", prompt_type="simple", agent=made["_id"]
        )
    return str(made["_id"])


def campaign(place: str, agent: str, count: int, per_minute: int) -> Campaign:
    rules: dict[str, Any] = {"windows": (), "calls_at_once": 1_000_000, "retries": {}}
    policy = Policy(calls_per_minute=per_minute, failures_in_a_row=1_000_000, **rules)
    made = Campaign.create(place, "list", agent=agent, account="account", policy=policy)
    made.add({"phone_number": phone} for phone in phones(count))
    made.start()
    return made


def start(program: str, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / program), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **more},
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> dict[str, float]:
    output = process.communicate(timeout=1200)[0]
    if process.returncode:
        sys.exit(f"{process.args!r} ended with {process.returncode}")
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The distribution's server, as it is installed, on a socket alone."""
    socket = folder / "redis.sock"
    options = ("--port", "0", "--unixsocket", str(socket), "--dir", str(folder))
    process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < end:
            time.sleep(0.05)
        yield f"redis+socket://{socket}"
    finally:
        process.terminate()
        process.wait()
