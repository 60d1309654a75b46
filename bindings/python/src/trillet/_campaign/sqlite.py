"""Campaigns in one file, for the workers of one machine."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._model.errors import ConfigurationError
from .connections import OwnConnections
from .schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .database import Row, Statement

# A lock or a commit on these does not hold on another machine, or after a crash.
NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "fuse.sshfs", "fuse.s3")
BUSY_SECONDS = 60.0
CACHE_KILOBYTES = 16_000
# The index of a million numbers is not read again for each row.
LOADING_KILOBYTES = 32_000
# A statement keeps in memory each page that it changes, as it was before: in a long list one for
# each row. docs/decisions.md, statements-of-a-load
FEW_PAGES = 16_000
STATEMENT_ROWS = 2_000
# "FULL": a commit is on the disk before it is acknowledged.
FULL = 2


class SQLiteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> Row | None:
        found: Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def run(self, sql: str, *values: object) -> int:
        return self._connection.execute(sql, values).rowcount

    def later(self, sql: str, *values: object) -> None:
        self._connection.execute(sql, values)

    def rows_of(self, queries: Sequence[Statement]) -> list[list[Row]]:
        return [self._connection.execute(*query).fetchall() for query in queries]

    def run_all(self, changes: Sequence[Statement]) -> list[int]:
        return [self._connection.execute(*change).rowcount for change in changes]

    def run_each(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> int:
        return self._connection.executemany(sql, rows).rowcount

    def insert_new(self, table: str, columns: str, rows: list[tuple[object, ...]]) -> int:
        # Not by one for each row: each that fires a trigger keeps a journal of its own. Not OR
        # IGNORE, which would hold for what the triggers insert as well.
        self._connection.execute(f"PRAGMA cache_size = -{LOADING_KILOBYTES}")
        places = ", ".join("?" * (columns.count(",") + 1))
        self._connection.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS new_{table}"
            f" AS SELECT {columns} FROM {table} LIMIT 0"
        )
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        step = STATEMENT_ROWS if pages > FEW_PAGES else max(1, len(rows))
        added = 0
        for start in range(0, len(rows), step):
            self._connection.executemany(
                f"INSERT INTO new_{table} VALUES ({places})", rows[start : start + step]
            )
            added += self._connection.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new_{table} WHERE true"
                " ORDER BY rowid ON CONFLICT DO NOTHING"
            ).rowcount
            self._connection.execute(f"DELETE FROM new_{table}")
        return added

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def steady(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class SQLiteDatabase:
    """A file of its own, in WAL mode. Each thread and each process has its own connection."""

    tables_exist = "SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"
    dialect = "sqlite"
    identity = "INTEGER PRIMARY KEY AUTOINCREMENT"
    # Whoever writes is alone.
    locking = ""
    skipping = ""
    any_campaign = "+campaign"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path).absolute()
        self._connections = OwnConnections(self._opened)
        self._identity: tuple[int, int] | None = None
        if not self._path.parent.is_dir():
            raise ConfigurationError(f"There is no folder {self._path.parent} for the database")
        kind = _file_system(self._path.parent)
        if kind.startswith(NETWORK):
            raise ConfigurationError(
                f"{self._path} is on a network file system ({kind}), on which SQLite cannot keep"
                f" two workers apart; use a local disk, or PostgreSQL for several machines"
            )

    def exists(self) -> bool:
        return self._path.exists()

    def migrate(self) -> None:
        with self.write() as transaction:
            migrate(self, transaction)

    @contextmanager
    def write(self) -> Iterator[SQLiteTransaction]:
        # Not DEFERRED: what was read would have to be read again when the lock is refused.
        with self._transaction("BEGIN IMMEDIATE") as transaction:
            yield transaction

    @contextmanager
    def read(self) -> Iterator[SQLiteTransaction]:
        with self._transaction("BEGIN") as transaction:
            yield transaction

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[SQLiteTransaction]:
        connection = self._connections.current()
        self._refuse_another_file()
        connection.execute(begin)
        try:
            yield SQLiteTransaction(connection)
            connection.execute("COMMIT")
        except BaseException:
            # After a full disk SQLite has done so already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Closes this thread's connection."""
        self._connections.close()

    def _refuse_another_file(self) -> None:
        """SQLite writes on into a deleted file, and whoever makes the campaign anew calls again
        whom that one has called."""
        identity = _identity_of(self._path)
        if self._identity is None:
            self._identity = identity
        if identity is None or identity != self._identity:
            raise ConfigurationError(
                f"The database {self._path} was deleted or replaced while it was in use; nobody is"
                f" called. Put it back, or restore a backup and audit it, and open it anew"
            )

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.DatabaseError as error:
            connection.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise ConfigurationError(
                f"{self._path} cannot hold a campaign: {error}; name another file"
            ) from None
        connection.execute(f"PRAGMA synchronous = {FULL}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
        connection.execute("PRAGMA temp_store = MEMORY")
        synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
        if mode != "wal" or synchronous != FULL:
            connection.close()
            raise ConfigurationError(
                f"{self._path} cannot be used: a campaign needs the journal mode wal and"
                f" synchronous FULL, and SQLite offers {mode} and {synchronous}"
            )
        return connection


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _file_system(folder: Path) -> str:
    """The type of the file system that a folder is on, "" where the system does not say."""
    try:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
        device = os.stat(folder).st_dev
    except OSError:
        return ""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in lines:
        before, _, after = line.partition(" - ")
        if before.split()[2] == number:
            return after.split()[0]
    return ""
