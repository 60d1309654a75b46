"""The tables of campaigns, and how older ones become these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model.errors import ConfigurationError

if TYPE_CHECKING:
    from .database import Database, Transaction

# One entry a version, each a list of statements. {identity} is the dialect's. A version that was
# released is never changed; a change is a further version.
MIGRATIONS = (
    (
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
            ended_at BIGINT
        )""",
        """CREATE TABLE contact (
            id {identity},
            campaign BIGINT NOT NULL REFERENCES campaign (id),
            key TEXT NOT NULL,
            phone TEXT NOT NULL,
            time_zone TEXT,
            variables TEXT NOT NULL,
            state TEXT NOT NULL,
            attempts BIGINT NOT NULL DEFAULT 0,
            due_at BIGINT NOT NULL,
            lease_by TEXT,
            lease_until BIGINT,
            disposition TEXT,
            UNIQUE (campaign, key),
            UNIQUE (campaign, phone)
        )""",
        """CREATE INDEX contact_ready ON contact (campaign, due_at, id) WHERE state = 'ready'""",
        """CREATE INDEX contact_busy ON contact (campaign, state)
            WHERE state NOT IN ('ready', 'done')""",
        """CREATE TABLE attempt (
            contact BIGINT NOT NULL REFERENCES contact (id),
            n BIGINT NOT NULL,
            campaign BIGINT NOT NULL,
            account TEXT NOT NULL,
            phone TEXT NOT NULL,
            token TEXT NOT NULL,
            worker TEXT NOT NULL,
            intent_at BIGINT NOT NULL,
            send_by BIGINT NOT NULL,
            sent TEXT,
            state TEXT NOT NULL,
            call_id TEXT,
            started_at BIGINT,
            ended_at BIGINT,
            duration BIGINT,
            disposition TEXT,
            cost DOUBLE PRECISION,
            answer TEXT,
            PRIMARY KEY (contact, n),
            UNIQUE (account, call_id)
        )""",
        # What keeps a phone from ringing twice, whatever the code above it does.
        """CREATE UNIQUE INDEX attempt_open ON attempt (account, phone)
            WHERE state IN ('intent', 'accepted', 'unknown')""",
        """CREATE INDEX attempt_phone ON attempt (account, phone, intent_at)""",
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
            concurrency BIGINT NOT NULL
        )""",
        """CREATE TABLE event (
            id {identity},
            at BIGINT NOT NULL,
            campaign BIGINT,
            contact BIGINT,
            kind TEXT NOT NULL,
            detail TEXT
        )""",
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
    ),
    # What a status reads each second must not grow with what has happened.
    (
        """CREATE INDEX attempt_when ON attempt (campaign, intent_at)""",
        """CREATE INDEX event_failure ON event (campaign, id)
            WHERE kind IN ('unknown', 'refused', 'held', 'history_failed')""",
        """CREATE INDEX event_start ON event (campaign, at) WHERE kind = 'running'""",
    ),
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
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            transaction.run(statement.format(identity=database.identity))
        transaction.run("INSERT INTO schema_version (version) VALUES (?)", number)
