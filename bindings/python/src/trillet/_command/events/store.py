"""The events that were received, in a file that nobody else may read."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import ConfigurationError, NotFoundError
from ..places import made_private, state_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ...webhooks import Event
    from .forwarding import Forwarded

NAME = "events.sqlite"
KEEP = 1000
_VERSION = 1
_BUSY_SECONDS = 10.0
_TABLE = """
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    type TEXT, call_id TEXT, status TEXT, delivery TEXT,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    forwarded_to TEXT, forward_status INTEGER, forward_error TEXT
)
"""
_COLUMNS = (
    "number, received_at, type, call_id, status, delivery, headers, body,"
    " forwarded_to, forward_status, forward_error"
)


class Kept(NamedTuple):
    """An event in the file.

    Attributes:
        number: Its id for people; never given twice.
        received_at: Unix milliseconds.
        delivery: The service's id of it, if it sent one.
        headers: Those that are forwarded, without one that is a secret.
        forwarded_to: Where it went the last time; ``forward_status`` and ``forward_error`` say
            what became of it.
    """

    number: int
    received_at: int
    type: str | None
    call_id: str | None
    status: str | None
    delivery: str | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    forwarded_to: str | None = None
    forward_status: int | None = None
    forward_error: str | None = None

    def told(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.number,
            "receivedAt": self.received_at,
            "type": self.type,
            "callId": self.call_id,
            "status": self.status,
            "delivery": self.delivery,
            "forwardedTo": self.forwarded_to,
            "forwardStatus": self.forward_status,
            "forwardError": self.forward_error,
            "body": content_of(self.body),
        }


class EventStore:
    """The last events; several listeners may share the file."""

    def __init__(self, keep: int = KEEP) -> None:
        self.path = state_folder() / NAME
        self._keep = keep
        self._lock = threading.Lock()
        try:
            self._connection = _opened(self.path)
        except (sqlite3.Error, OSError) as error:
            raise _unusable(self.path, error) from None

    def add(self, event: Event, headers: Sequence[tuple[str, str]], body: bytes) -> Kept:
        delivery = next((value for name, value in headers if name == "x-trillet-delivery"), None)
        received_at = time.time_ns() // 1_000_000
        texts = event.type, event.call_id, event.status, event.id or delivery
        kind, call_id, status, own = map(_storable, texts)
        with self._lock, self._connection as connection:
            number = connection.execute(
                "INSERT INTO event (received_at, type, call_id, status, delivery, headers, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (received_at, kind, call_id, status, own, json.dumps(headers), body),
            ).lastrowid
            assert number is not None
            connection.execute("DELETE FROM event WHERE number <= ?", (number - self._keep,))
        return Kept(number, received_at, kind, call_id, status, own, tuple(headers), body)

    def forwarded(self, number: int, result: Forwarded) -> None:
        with self._lock, self._connection as connection:
            connection.execute(
                "UPDATE event SET forwarded_to = ?, forward_status = ?, forward_error = ?"
                " WHERE number = ?",
                (result.to, result.status, result.error, number),
            )

    def get(self, identifier: str) -> Kept:
        """The event with that number, or with the service's own id."""
        is_number = identifier.isascii() and identifier.isdigit()
        where = "number = ?" if is_number else "delivery = ?"
        # More digits than SQLite counts are no number of an event.
        wanted = identifier[:18] if is_number else _storable(identifier)
        found = self._read(f"WHERE {where} ORDER BY number DESC LIMIT 1", (wanted,))
        if not found:
            raise NotFoundError(
                f"There is no event {identifier!r}; trillet events list shows which are kept",
                field="id",
                sent="no",
            )
        return found[0]

    def latest(self, limit: int, type: str | None, call_id: str | None) -> list[Kept]:
        """The oldest of them first."""
        return self._read(
            "WHERE (?1 IS NULL OR type = ?1) AND (?2 IS NULL OR call_id = ?2)"
            " ORDER BY number DESC LIMIT ?3",
            (type, call_id, limit),
        )[::-1]

    def _read(self, clause: str, values: Iterable[object]) -> list[Kept]:
        with self._lock:
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM event {clause}", tuple(values)
            ).fetchall()
        return [_kept(row) for row in rows]

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()


def _storable(text: str | None) -> str | None:
    """Without halves of letters, which JSON may have, and no file of SQLite."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()


def content_of(body: bytes) -> Any:
    """The body as JSON, else as text."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _kept(row: tuple[Any, ...]) -> Kept:
    number, received_at, kind, call_id, status, delivery, headers, body, *rest = row
    pairs = tuple((str(name), str(value)) for name, value in json.loads(headers))
    return Kept(number, received_at, kind, call_id, status, delivery, pairs, bytes(body), *rest)


def _opened(path: Path) -> sqlite3.Connection:
    made_private(path.parent)
    # SQLite would ask the umask; its journal then has the mode of the file.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    os.chmod(path, 0o600)
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise ConfigurationError(
                f"{path} was written by a later trillet (format {version}): use that, "
                "or move the file away",
                field="file",
            )
        # What was pruned or overwritten is nobody's to read any more.
        connection.execute("PRAGMA secure_delete = ON")
        with connection:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection


def _unusable(path: Path, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"{path} cannot be used: {error}", field="file")
