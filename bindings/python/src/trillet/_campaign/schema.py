"""The tables of campaigns, and how older ones become these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model.errors import ConfigurationError
from .numbers import NUMBER
from .tally import OPEN, TALLY

if TYPE_CHECKING:
    from .database import Database, Transaction

# The same in both dialects. Columns of one width stand together: PostgreSQL leaves a gap of up to
# seven bytes before a wider one.
_TABLES = (
    """CREATE TABLE campaign (
        id {identity},
        name TEXT NOT NULL UNIQUE,
        account TEXT NOT NULL,
        agent TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        policy TEXT NOT NULL,
        failures BIGINT NOT NULL DEFAULT 0,
        created_at BIGINT NOT NULL,
        started_at BIGINT,
        ended_at BIGINT,
        turn BIGINT NOT NULL DEFAULT 0,
        -- So long ago that it is within no patience, whatever the clock says.
        asked_at BIGINT NOT NULL DEFAULT -1000000000000
    )""",
    # Its key is NULL where it is the number. No reference to the campaign, which nothing deletes:
    # it would be looked up, and locked, for each of a million rows.
    """CREATE TABLE contact (
        id {identity},
        due_at BIGINT NOT NULL,
        lease_until BIGINT,
        campaign INTEGER NOT NULL,
        attempts SMALLINT NOT NULL DEFAULT 0,
        priority SMALLINT NOT NULL DEFAULT 0,
        phone TEXT NOT NULL,
        variables TEXT NOT NULL,
        state TEXT NOT NULL,
        key TEXT,
        time_zone TEXT,
        lease_by TEXT,
        disposition TEXT
    )""",
    f"CREATE UNIQUE INDEX contact_phone ON contact (campaign, {NUMBER})",
    "CREATE UNIQUE INDEX contact_key ON contact (campaign, key) WHERE key IS NOT NULL",
    # Without the id: rows with equal entries come in the order in which they were inserted, and
    # PostgreSQL keeps equal entries once.
    """CREATE INDEX contact_ready ON contact (campaign, priority, due_at)
        WHERE state = 'ready'""",
    "CREATE INDEX contact_leased ON contact (campaign, lease_until) WHERE state = 'leased'",
    # What a status reads each second must not grow with what has happened.
    """CREATE INDEX contact_doubtful ON contact (campaign, id)
        WHERE state IN ('held', 'unknown')""",
    """CREATE TABLE attempt (
        contact BIGINT NOT NULL REFERENCES contact (id),
        intent_at BIGINT NOT NULL,
        send_by BIGINT NOT NULL,
        started_at BIGINT,
        ended_at BIGINT,
        cost DOUBLE PRECISION,
        duration BIGINT,
        campaign INTEGER NOT NULL,
        n INTEGER NOT NULL,
        account TEXT NOT NULL,
        phone TEXT NOT NULL,
        token TEXT NOT NULL,
        worker TEXT NOT NULL,
        sent TEXT,
        state TEXT NOT NULL,
        call_id TEXT,
        disposition TEXT,
        answer TEXT,
        PRIMARY KEY (contact, n)
    )""",
    "CREATE UNIQUE INDEX attempt_call ON attempt (call_id, account) WHERE call_id IS NOT NULL",
    # What keeps a phone from ringing twice, whatever the code above it does.
    f"CREATE UNIQUE INDEX attempt_open ON attempt (account, phone) WHERE state IN {OPEN}",
    f"CREATE INDEX attempt_busy ON attempt (campaign, state) WHERE state IN {OPEN}",
    "CREATE INDEX attempt_phone ON attempt (phone, intent_at)",
    "CREATE INDEX attempt_time ON attempt (campaign, intent_at)",
    "CREATE INDEX attempt_token ON attempt (token)",
    """CREATE TABLE suppression (
        phone TEXT NOT NULL,
        scope TEXT NOT NULL,
        reason TEXT NOT NULL,
        source TEXT NOT NULL,
        until BIGINT,
        PRIMARY KEY (phone, scope)
    )""",
    """CREATE TABLE pace (
        account TEXT PRIMARY KEY,
        next_start BIGINT NOT NULL,
        distance BIGINT NOT NULL,
        tolerance BIGINT NOT NULL,
        held_until BIGINT NOT NULL,
        concurrency BIGINT NOT NULL,
        turn BIGINT NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE event (
        id {identity},
        at BIGINT NOT NULL,
        campaign BIGINT,
        contact BIGINT,
        kind TEXT NOT NULL,
        detail TEXT
    )""",
    """CREATE INDEX event_failure ON event (campaign, id)
        WHERE kind IN ('unknown', 'refused', 'held', 'history_failed')""",
    "CREATE INDEX event_start ON event (campaign, at) WHERE kind = 'running'",
    """CREATE TABLE worker (
        id TEXT PRIMARY KEY,
        host TEXT NOT NULL,
        process BIGINT NOT NULL,
        started_at BIGINT NOT NULL,
        seen_at BIGINT NOT NULL
    )""",
    """CREATE TABLE duty (
        name TEXT PRIMARY KEY,
        worker TEXT NOT NULL,
        until BIGINT NOT NULL
    )""",
)

# One entry a version, each a list of statements, or one for each dialect. {identity} is the
# dialect's. A version that was released is never changed; a change is a further version.
MIGRATIONS: tuple[tuple[str, ...] | dict[str, tuple[str, ...]], ...] = (
    {dialect: (*_TABLES, *TALLY[dialect]) for dialect in TALLY},
)


def migrate(database: Database, transaction: Transaction) -> None:
    """Runs in one transaction that nobody else writes beside."""
    # Not IF NOT EXISTS: that needs the right to make tables also where there is nothing to make.
    if transaction.row(database.tables_exist) is None:
        transaction.run("CREATE TABLE schema_version (version BIGINT NOT NULL)")
    found = transaction.row("SELECT MAX(version) FROM schema_version")
    version = int(found[0]) if found and found[0] is not None else 0
    if version > len(MIGRATIONS):
        raise ConfigurationError(
            f"The database was written by a later version of trillet: its tables have version"
            f" {version}, this package knows {len(MIGRATIONS)}; update the package"
        )
    for number, entry in enumerate(MIGRATIONS[version:], version + 1):
        for statement in entry[database.dialect] if isinstance(entry, dict) else entry:
            transaction.run(statement.format(identity=database.identity))
        transaction.run("INSERT INTO schema_version (version) VALUES (?)", number)
