"""Campaigns in PostgreSQL, for workers on many machines."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._model.errors import ConfigurationError, ConnectionFailedError
from .connections import OwnConnections
from .schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from psycopg import Connection

    from .database import Row

# The locks under which the tables are brought to this version, and get many rows: numbers of our
# own.
MIGRATION_LOCK = 0x7472696C
INSERTION_LOCK = MIGRATION_LOCK + 1
# A worker that is stopped within a transaction keeps its locks from all others for so long.
# Its transaction is undone, so that it decides nothing when it wakes up.
IDLE_SECONDS = 10


class PostgresTransaction:
    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def rows(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(_sql(sql), values).fetchall()

    def row(self, sql: str, *values: object) -> Row | None:
        found: Row | None = self._connection.execute(_sql(sql), values).fetchone()
        return found

    def run(self, sql: str, *values: object) -> int:
        return self._connection.execute(_sql(sql), values).rowcount

    def run_each(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> int:
        cursor = self._connection.cursor()
        cursor.executemany(_sql(sql), rows)
        return max(0, cursor.rowcount)

    def insert_new(self, table: str, columns: str, rows: list[tuple[object, ...]]) -> int:
        cursor = self._connection.cursor()
        # Two that insert the same rows in another order would wait for each other.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INSERTION_LOCK])
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS new_{table} ON COMMIT DELETE ROWS"
            f" AS SELECT {columns} FROM {table} LIMIT 0"
        )
        with cursor.copy(f"COPY new_{table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new_{table}"
            " ON CONFLICT DO NOTHING"
        )
        return max(0, cursor.rowcount)

    def now(self) -> int:
        return self.steady() // 1000

    def steady(self) -> int:
        # The clock of the database is one for all workers, whatever theirs are set to.
        found = self.row("SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint")
        return int(found[0]) if found else 0


class PostgresDatabase:
    """A database of its own, or a schema of one (``?options=-csearch_path%3Dcampaigns``)."""

    tables_exist = "SELECT 1 WHERE to_regclass('schema_version') IS NOT NULL"
    dialect = "postgres"
    identity = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    locking = " FOR UPDATE"
    skipping = " FOR UPDATE OF contact SKIP LOCKED"
    # An expression would be taken to hold for few, so that all rows are read for each page.
    any_campaign = "campaign"

    def __init__(self, address: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise ConfigurationError(
                "Campaigns in PostgreSQL need psycopg: pip install 'trillet[campaign-postgres]'"
            ) from None
        self._psycopg = psycopg
        self._address = address
        self._connections = OwnConnections(self._opened)

    def exists(self) -> bool:
        self._connect()
        return True

    def migrate(self) -> None:
        with self.write() as transaction:
            transaction.row("SELECT pg_advisory_xact_lock(?)", MIGRATION_LOCK)
            migrate(self, transaction)

    @contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        # READ COMMITTED: whoever has waited for a lock reads what the other has written.
        with self._told():
            connection = self._connect()
            with connection.transaction():
                yield PostgresTransaction(connection)

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        with self._told():
            connection = self._connect()
            with connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield PostgresTransaction(connection)

    def close(self) -> None:
        """Closes this thread's connection."""
        self._connections.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Has a transaction that the database ended be an error of this package."""
        errors = self._psycopg.errors
        try:
            yield
        except (self._psycopg.OperationalError, errors.IdleInTransactionSessionTimeout) as error:
            # The first line: further ones name rows and processes of the server.
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise ConnectionFailedError(
                f"The campaign's database ended a transaction: {reason}; do it again, and if that"
                f" fails, too, look at the database",
                sent="no",
                code=error.sqlstate,
                retryable=True,
            ) from error

    def _connect(self) -> Connection[Any]:
        connection = self._connections.current()
        if connection.closed:
            self._connections.close()
            connection = self._connections.current()
        return connection

    def _opened(self) -> Connection[Any]:
        try:
            connection = self._psycopg.connect(self._address, autocommit=True)
        except self._psycopg.OperationalError as error:
            # Not one of settings: it may be started again, and then work goes on.
            raise ConnectionFailedError(
                f"The campaign's database cannot be reached: {error}", sent="no"
            ) from None
        _refuse_forgetful(connection)
        return connection


def _refuse_forgetful(connection: Connection[Any]) -> None:
    """A commit that a crash may undo would let a phone ring twice."""
    connection.execute("SET synchronous_commit = on")
    connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    found = connection.execute("SELECT current_setting('fsync')").fetchone()
    if found is None or found[0] != "on":
        connection.close()
        raise ConfigurationError(
            "The campaign's database runs with fsync off, and forgets in a crash who was called;"
            " turn fsync on"
        )


def _sql(text: str) -> Any:
    return text.replace("?", "%s")
