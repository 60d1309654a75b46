"""A connection for each thread and process."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


class Closable(Protocol):
    def close(self) -> object: ...


Connection = TypeVar("Connection", bound=Closable)

# Of a parent process: a child must not use them, nor close them.
_inherited: list[object] = []


class OwnConnections(Generic[Connection]):
    """Opens one where a thread has none."""

    def __init__(self, opened: Callable[[], Connection]) -> None:
        self._opened = opened
        self._local = threading.local()

    def current(self) -> Connection:
        """This thread's, which is opened if need be."""
        connection = self._mine()
        if connection is None:
            connection = self._opened()
            self._local.connection = connection
            self._local.process = os.getpid()
        return connection

    def close(self) -> None:
        """Closes this thread's; the next use opens another."""
        connection = self._mine()
        self._local.connection = None
        if connection is not None:
            connection.close()

    def _mine(self) -> Connection | None:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.process != os.getpid():
            _inherited.append(connection)
            return None
        return connection
