"""The databases of the storm: how each is killed, saved and brought back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

import psycopg

from postgres_server import PostgresServer
from storm_proxy import CommitCutter

if TYPE_CHECKING:
    import random


class StormDatabase(Protocol):
    """Where the ledger is.

    Attributes:
        place: What a program opens.
        worker_place: The same by the way that workers take.
        kills: How often the database itself was killed.
    """

    place: str
    worker_place: str
    kills: int

    def kill(self) -> None:
        """Ends a part of it, or all of it, by SIGKILL; it runs again when this returns."""
        ...

    def save(self) -> None:
        """Makes a backup, while workers write."""
        ...

    def restore(self) -> None:
        """Puts the backup in the place of the database. Nobody may use it meanwhile."""
        ...

    def cuts(self) -> int:
        """How many acknowledgements of commits were lost."""
        ...

    def close(self) -> None: ...


class StormSQLite:
    """One file. Whoever is killed in a commit is a killed database."""

    def __init__(self, folder: Path) -> None:
        self.place = self.worker_place = str(folder / "storm.db")
        self.kills = 0
        self._saved = str(folder / "saved.db")

    def kill(self) -> None:
        """There is nothing else to kill than workers."""

    def save(self) -> None:
        source = sqlite3.connect(self.place, timeout=60)
        target = sqlite3.connect(self._saved)
        with contextlib.closing(source), contextlib.closing(target):
            source.backup(target)

    def restore(self) -> None:
        for ending in ("-wal", "-shm"):
            Path(self.place + ending).unlink(missing_ok=True)
        shutil.copyfile(self._saved, self.place)

    def cuts(self) -> int:
        return 0

    def close(self) -> None:
        pass


class StormPostgres:
    """A server of its own, which workers reach through a proxy that loses acknowledgements."""

    def __init__(self, folder: Path, cut: float, chance: random.Random) -> None:
        self._server = PostgresServer()
        self._chance = chance
        self._saved = folder / "saved.dump"
        self._proxy = CommitCutter(self._server.folder, cut, chance)
        self.place = self._server.database()
        name = self.place.partition("@/")[2].partition("?")[0]
        host = quote(str(self._proxy.folder), safe="")
        self.worker_place = f"postgresql://postgres@/{name}?host={host}"
        self.kills = 0

    def kill(self) -> None:
        self.kills += 1
        if self._chance.random() < 0.3:
            self._server.kill()
            return
        with psycopg.connect(self.place, autocommit=True) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid()"
            ).fetchall()
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._chance.choice(found)[0], signal.SIGKILL)
        self._wait()

    def save(self) -> None:
        self._run("pg_dump", "-Fc", "-f", str(self._saved), self.place)

    def restore(self) -> None:
        self._run("pg_restore", "--clean", "--if-exists", "-d", self.place, str(self._saved))

    def cuts(self) -> int:
        return self._proxy.cut

    def close(self) -> None:
        self._proxy.close()
        self._server.stop()

    def _run(self, *command: str) -> None:
        for _ in range(5):
            if subprocess.run(command).returncode == 0:
                return
            self._wait()
        raise RuntimeError(f"{command[0]} failed")

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.place).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
