"""A PostgreSQL server of the tests' own, which is reached through a socket only."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

BINARIES = Path(next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), "/nonexistent"))
SECONDS = 60


def missing() -> str | None:
    """Why there can be none here."""
    if not BINARIES.exists():
        return "needs postgresql"
    # initdb refuses root, and only root may be another user.
    return None if os.getuid() == 0 else "needs root, to run PostgreSQL as postgres"


class PostgresServer:
    """Runs until `stop`; each `database` is empty."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trillet-postgres-"))
        self._numbers = itertools.count()
        shutil.chown(self.folder, "postgres")
        self._run("initdb", "-N", "-A", "trust", "-D", f"{self.folder}/data")
        self.start()

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder}"
        log = ("-l", f"{self.folder}/log", "-o", options)
        self._run("pg_ctl", "-w", "-D", f"{self.folder}/data", *log, "start")

    def crash(self) -> None:
        """Ends it as the loss of power does: what was committed is on the disk."""
        self._run("pg_ctl", "-w", "-m", "immediate", "-D", f"{self.folder}/data", "stop")

    def kill(self) -> None:
        """Ends the postmaster by SIGKILL, and starts another."""
        process = int(Path(f"{self.folder}/data/postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGKILL)
        end = time.monotonic() + SECONDS
        while True:
            try:
                self.start()
                return
            except subprocess.CalledProcessError:
                # Its backends end when they notice, and hold the memory until then.
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        self.crash()
        shutil.rmtree(self.folder)

    def database(self) -> str:
        """The URL of a new one."""
        name = f"campaigns_{next(self._numbers)}"
        self._run("createdb", "-h", str(self.folder), name)
        return f"postgresql://postgres@/{name}?host={quote(str(self.folder), safe='')}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            ["runuser", "-u", "postgres", "--", str(BINARIES / program), *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            timeout=SECONDS,
        )
