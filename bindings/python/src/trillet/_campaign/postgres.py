"""Campaigns in PostgreSQL, for workers on many machines."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._model.errors import ConfigurationError, ConnectionFailedError
from .connections import OwnConnections
from .postgres_transaction import PostgresTransaction
from .schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

# The lock under which the tables are brought to this version: a number of our own.
MIGRATION_LOCK = 0x7472696C
READ_ONLY = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# A worker that is stopped within a transaction keeps its locks from all others for so long.
# Its transaction is undone, so that it decides nothing when it wakes up.
IDLE_SECONDS = 10


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
        with self._transaction("BEGIN") as transaction:
            yield transaction

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        with self._transaction(READ_ONLY) as transaction:
            yield transaction

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[PostgresTransaction]:
        with self._told():
            transaction = PostgresTransaction(self._connect(), begin)
            try:
                yield transaction
                transaction.commit()
            except BaseException:
                transaction.undo()
                raise

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
        # Nearly no text comes twice: values are written into it.
        connection.prepare_threshold = None
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
