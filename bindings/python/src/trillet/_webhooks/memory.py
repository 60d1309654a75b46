"""What a receiver remembers, in bounded memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Store(Protocol):
    """Which webhooks have come. Several processes share one, such as a table or Redis."""

    def add(self, key: str) -> bool:
        """Keeps the key; whether it is new. Two that add the same must not both hear so."""

    def discard(self, key: str) -> None:
        """Forgets it: its webhook was refused, and will come again."""


class MemoryStore:
    """Remembers the latest ``limit`` webhooks of this process."""

    def __init__(self, limit: int = 100_000) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._limit = limit
        self._lock = threading.Lock()

    def add(self, key: str) -> bool:
        with self._lock:
            if key in self._keys:
                return False
            self._keys[key] = None
            if len(self._keys) > self._limit:
                self._keys.popitem(last=False)
            return True

    def discard(self, key: str) -> None:
        with self._lock:
            self._keys.pop(key, None)


class Calls:
    """Which calls have ended, and since when nothing was heard of the others."""

    def __init__(self, limit: int) -> None:
        self._heard: OrderedDict[str, float] = OrderedDict()
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._limit = limit
        self._lock = threading.Lock()

    def expect(self, call_id: str, now: float) -> None:
        """Waits for the end of a call, unless that has come."""
        with self._lock:
            if call_id not in self._ended:
                self._keep(self._heard, call_id, now)

    def admit(self, call_id: str, kind: str | None, is_end: bool, now: float) -> bool:
        """Whether an event comes in time: after the end of a call neither its start nor another
        end. Events of other names may follow an end, an analysis for example.
        """
        with self._lock:
            if call_id in self._ended:
                return not is_end and kind != "call.started"
            if is_end:
                self._heard.pop(call_id, None)
                self._ended[call_id] = None
                if len(self._ended) > self._limit:
                    self._ended.popitem(last=False)
            else:
                self._keep(self._heard, call_id, now)
            return True

    def silent_since(self, moment: float) -> Iterator[str]:
        """The calls of which nothing was heard since then."""
        with self._lock:
            silent = [call for call, heard in self._heard.items() if heard <= moment]
        yield from silent

    def _keep(self, calls: OrderedDict[str, float], call_id: str, now: float) -> None:
        calls[call_id] = now
        if len(calls) > self._limit:
            calls.popitem(last=False)
