"""One client for each process of an engine, made where it is used: never before a fork."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._sync.client import Trillet

CLOSE_MILLISECONDS = 5000


def _of_environment() -> Trillet:
    from .._sync.client import Trillet

    return Trillet()


class ProcessClients:
    """Threads of a process share its client."""

    def __init__(self, make: Callable[[], Trillet] | None = None) -> None:
        self._make = make or _of_environment
        self._lock = threading.Lock()
        self._client: Trillet | None = None
        self._process = 0

    def current(self) -> Trillet:
        """This process's, which is made if need be."""
        if self._process != os.getpid():
            # The parent's lock may have been held at the fork, its client belongs to the parent.
            self._lock, self._client, self._process = threading.Lock(), None, os.getpid()
        with self._lock:
            if self._client is None:
                self._client = self._make()
            return self._client

    def close(self) -> None:
        """Closes this process's client, if there is one."""
        if self._process == os.getpid() and self._client is not None:
            client, self._client = self._client, None
            client.close(CLOSE_MILLISECONDS)
