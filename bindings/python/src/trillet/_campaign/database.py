"""What a campaign needs of a database, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

Row = tuple[Any, ...]
#: A statement and its values.
Statement = tuple[str, tuple[object, ...]]


class Transaction(Protocol):
    """One transaction. SQL has ``?`` where a value goes, and no other question mark."""

    def rows(self, sql: str, *values: object) -> list[Row]:
        """All rows of a query."""
        ...

    def row(self, sql: str, *values: object) -> Row | None:
        """The first row of a query."""
        ...

    def run(self, sql: str, *values: object) -> int:
        """Changes something; how many rows."""
        ...

    def later(self, sql: str, *values: object) -> None:
        """Changes something before whatever comes next, and by the end at the latest."""
        ...

    def rows_of(self, queries: Sequence[Statement]) -> list[list[Row]]:
        """All rows of queries that run one after the other, on one way to the database."""
        ...

    def run_all(self, changes: Sequence[Statement]) -> list[int]:
        """Changes that run one after the other, on one way; how many rows each."""
        ...

    def run_each(self, sql: str, rows: Iterable[tuple[object, ...]]) -> int:
        """The same statement for each row; how many rows were changed in all."""
        ...

    def insert_new(self, table: str, columns: str, rows: list[tuple[object, ...]]) -> int:
        """Inserts many rows, and passes over those that are there; how many are new."""
        ...

    def now(self) -> int:
        """The database's clock, in Unix milliseconds, when the last answer came."""
        ...

    def steady(self) -> int:
        """Microseconds on a clock that no one sets, the same for all workers of the database, when
        the last answer came. It may begin anew, far from where it was, when the database's machine
        is started."""
        ...


class Database(Protocol):
    """Transactions that are on the disk when they end."""

    #: A query that has a row where there are tables.
    tables_exist: str
    #: ``"sqlite"`` or ``"postgres"``, where statements differ.
    dialect: str
    #: The type of an id that the database counts up.
    identity: str
    #: What a SELECT ends with whose rows are about to be changed, and where others may be skipped.
    locking: str
    skipping: str
    #: The column `campaign` where rows are read by their id, of which an index of the campaign
    #: would have to sort all for each page.
    any_campaign: str

    def exists(self) -> bool:
        """Whether there is one, be it without tables."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """Changes what is read and written in it at once, or not at all: when the block raises."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """Reads one state, and keeps nobody from writing."""
        ...

    def migrate(self) -> None:
        """Brings the tables to this version."""
        ...

    def close(self) -> None: ...
