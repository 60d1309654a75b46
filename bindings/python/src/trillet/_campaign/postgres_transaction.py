"""A transaction of PostgreSQL on as few ways to the server as can be."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection

    from .database import Row, Statement

# The lock under which the tables get many rows: a number of our own.
INSERTION_LOCK = 0x7472696D
# Told after each answer: a lock may have taken its time. The clock of the server is one for all
# workers, whatever theirs are set to.
CLOCK = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"


class PostgresTransaction:
    """Statements wait for one whose answer is needed, and go to the server together: the first of
    the transaction with BEGIN, the last ones with COMMIT. Each sees what those before it did.
    """

    def __init__(self, connection: Connection[Any], begin: str) -> None:
        from psycopg import ClientCursor
        from psycopg.adapt import Transformer

        self._connection = connection
        # Values are written into the text: several statements are one message.
        self._cursor = ClientCursor(connection)
        self._literal = Transformer(connection).as_literal
        self._begin = begin
        self._waiting: list[Statement] = [(begin, ())]
        self._clock = 0

    def commit(self) -> None:
        if self._waiting != [(self._begin, ())]:
            self._send([("COMMIT", ())], is_last=True)

    def undo(self) -> None:
        """What the server did not hear of needs none. A connection that does not obey is closed."""
        from psycopg import Error
        from psycopg.pq import TransactionStatus

        try:
            if self._connection.info.transaction_status is not TransactionStatus.IDLE:
                self._cursor.execute("ROLLBACK")
        except Error:
            self._connection.close()

    def rows(self, sql: str, *values: object) -> list[Row]:
        return self.rows_of([(sql, values)])[0]

    def row(self, sql: str, *values: object) -> Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def run(self, sql: str, *values: object) -> int:
        return self.run_all([(sql, values)])[0]

    def later(self, sql: str, *values: object) -> None:
        self._waiting.append((sql, values))

    def rows_of(self, queries: Sequence[Statement]) -> list[list[Row]]:
        self._send(queries)
        found = []
        for _ in queries:
            found.append(self._cursor.fetchall())
            self._cursor.nextset()
        self._tell()
        return found

    def run_all(self, changes: Sequence[Statement]) -> list[int]:
        self._send(changes)
        counts = []
        for _ in changes:
            counts.append(max(0, self._cursor.rowcount))
            self._cursor.nextset()
        self._tell()
        return counts

    def run_each(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> int:
        self._flush()
        cursor = self._connection.cursor()
        cursor.executemany(_placed(sql), rows)
        return max(0, cursor.rowcount)

    def insert_new(self, table: str, columns: str, rows: list[tuple[object, ...]]) -> int:
        # Two that insert the same rows in another order would wait for each other.
        self.later("SELECT pg_advisory_xact_lock(?)", INSERTION_LOCK)
        self.later(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS new_{table} ON COMMIT DELETE ROWS"
            f" AS SELECT {columns} FROM {table} LIMIT 0"
        )
        self._flush()
        with self._connection.cursor().copy(f"COPY new_{table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return self.run(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new_{table}"
            " ON CONFLICT DO NOTHING"
        )

    def now(self) -> int:
        return self.steady() // 1000

    def steady(self) -> int:
        if not self._clock:
            self._flush()
        return self._clock

    def _flush(self) -> None:
        self._send([])
        self._tell()

    def _send(self, statements: Sequence[Statement], *, is_last: bool = False) -> None:
        """Leaves the cursor at the first answer to these."""
        waiting, self._waiting = self._waiting, []
        sent = [*waiting, *statements]
        if not is_last:
            sent.append((CLOCK, ()))
        self._cursor.execute(b"; ".join([self._written(sql, values) for sql, values in sent]))
        for _ in waiting:
            self._cursor.nextset()

    def _written(self, sql: str, values: Sequence[object]) -> bytes:
        first, *others = _pieces(sql)
        if len(values) != len(others):
            raise ValueError(f"{len(others)} values are needed, not {len(values)}: {sql}")
        literal = self._literal
        written = [first]
        for value, piece in zip(values, others):
            written += (b"NULL" if value is None else literal(value), piece)
        return b"".join(written)

    def _tell(self) -> None:
        """Reads the clock, the last answer."""
        found = self._cursor.fetchone()
        self._clock = int(found[0]) if found else 0


@lru_cache(maxsize=256)
def _pieces(sql: str) -> list[bytes]:
    return sql.encode().split(b"?")


def _placed(sql: str) -> Any:
    return sql.replace("?", "%s")
