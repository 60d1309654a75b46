"""Calls placed by functions of PostgreSQL, whose transactions may be rolled back afterwards."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls_service import SECONDS, CallsService, wait_until
from copies import environment_in, readable_folder

BINARIES = Path(next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), "/nonexistent"))
pytestmark = pytest.mark.skipif(
    not BINARIES.exists() or os.getuid() != 0, reason="needs postgresql and root"
)
PLACE = "CALL place('intent-1', 'agent', '+12025550001')"


class Cluster:
    """A running one, that has the example's functions and is reached through a socket only."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        subprocess.run(["chown", "-R", "postgres", str(folder)], check=True)
        self.run("initdb", "-N", "-A", "trust", "-D", f"{folder}/data")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        log = ["-l", f"{folder}/log", "-o", options]
        self.run("pg_ctl", "-w", "-D", f"{folder}/data", *log, "start")
        self.ask("-f", f"{folder}/example/calls.sql")

    def run(self, program: str, *arguments: str) -> None:
        command = ["runuser", "-u", "postgres", "--", str(BINARIES / program), *arguments]
        subprocess.run(
            command,
            check=True,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            timeout=SECONDS,
        )

    def psql(self, *arguments: str) -> subprocess.Popen[str]:
        address = f"host={self.folder} dbname=postgres user=postgres"
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", address, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True)

    def ask(self, *arguments: str) -> str:
        output, _ = self.psql(*arguments).communicate(timeout=SECONDS)
        return output.strip()

    def outcomes(self) -> str:
        return self.ask("-c", "SELECT id, outcome FROM intents")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "-D", f"{self.folder}/data", "stop")


@pytest.fixture
def cluster(calls: CallsService) -> Iterator[Cluster]:
    with readable_folder("postgresql") as folder:
        made = Cluster(folder, environment_in(folder, calls.environment))
        yield made
        made.stop()


def test_a_procedure_places_a_call_once(cluster: Cluster, calls: CallsService) -> None:
    assert [cluster.ask("-c", PLACE) for _ in range(2)] == ["", ""]
    assert calls.rung == ["+12025550001"]
    assert cluster.outcomes() == "intent-1|call-1"


def test_a_statement_that_times_out_leaves_its_intent(
    cluster: Cluster, calls: CallsService
) -> None:
    calls.delay = 5
    errors = cluster.ask("-c", "SET statement_timeout = 1000", "-c", PLACE)
    assert "canceling statement due to statement timeout" in errors
    assert cluster.outcomes() == "intent-1|maybe"
    assert cluster.ask("-c", PLACE) == ""
    assert calls.rung == ["+12025550001"]


def test_a_backend_that_is_cancelled_leaves_its_intent(
    cluster: Cluster, calls: CallsService
) -> None:
    calls.delay = 5
    with cluster.psql("-c", PLACE) as placing:
        wait_until(lambda: len(calls.rung) == 1, cluster.outcomes)
        running = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CALL place%'"
        cluster.ask("-c", f"SELECT pg_cancel_backend(pid) FROM ({running}) AS running")
        output, _ = placing.communicate(timeout=4)
    assert "canceling statement due to user request" in output
    assert cluster.outcomes() == "intent-1|maybe"


def test_a_transaction_that_is_rolled_back_and_run_again_rings_again(
    cluster: Cluster, calls: CallsService
) -> None:
    without_intent = "BEGIN; SELECT call_number('agent', '+12025550001'); ROLLBACK"
    for _ in range(2):
        cluster.ask("-c", without_intent)
    assert calls.rung == ["+12025550001"] * 2
