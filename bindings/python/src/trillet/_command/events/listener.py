"""Prints what is received, and forwards it."""

from __future__ import annotations

import queue
import sqlite3
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from ..._core.status_line import printable
from ..answers.cells import compact
from ..output import one_line
from .forwarding import Forwarded, post, with_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from .forwarding import Receiver
    from .store import EventStore, Kept

_MOST_WAITING = 1000
_LOOK_SECONDS = 0.2


class Listener:
    """Tells of each event as it comes, and of what its receiver answered.

    A thread forwards them one after the other, in the order in which they came, and none twice:
    docs/decisions.md, forwarded-once.
    """

    def __init__(
        self,
        store: EventStore,
        receiver: Receiver | None,
        shape: str,
        scheme: str,
        secret: str,
    ) -> None:
        self._store = store
        self._receiver = receiver
        self._shape = shape
        self._scheme = scheme
        self._secret = secret
        self._lock = threading.Lock()
        self._waiting: queue.Queue[Kept] = queue.Queue(_MOST_WAITING)
        self._is_closing = False
        self._nobody_reads: Callable[[], None] | None = None
        self._counts = {"received": 0, "refused": 0, "taken": 0}
        # Of the events that were to be forwarded, and were not taken.
        self._left: list[int] = []
        self._thread = threading.Thread(target=self._forward, name="trillet-forward", daemon=True)
        self._thread.start()

    def when_nobody_reads(self, told: Callable[[], None]) -> None:
        self._nobody_reads = told

    def tell_ready(self, address: str) -> None:
        to = None if self._receiver is None else self._receiver.shown
        if self._shape == "json":
            self._write(
                {"ready": {"url": address, "forwardTo": to, "events": str(self._store.path)}}
            )
        forwards = "" if to is None else f", forwarding to {to}"
        self._write_error(f"Listening at {address}{forwards}. Ctrl-C ends.")

    def take(self, kept: Kept) -> None:
        """An event that was kept."""
        with self._lock:
            self._counts["received"] += 1
        if self._shape == "json":
            self._write(kept.told())
        else:
            words = (kept.type or "an event without a type", kept.call_id, kept.status)
            told = "  ".join(one_line(word) for word in words if word)
            self._line(f"--> {told}  [{kept.number}]", kept.received_at / 1000)
        if self._receiver is None:
            return
        try:
            self._waiting.put_nowait(kept)
        except queue.Full:
            self._leave(kept, "not forwarded: too many wait")

    def refuse(self, why: str) -> None:
        with self._lock:
            self._counts["refused"] += 1
        self._write_error(f"{_clock(time.time())}  refused: {why}")

    def close(self) -> None:
        """Ends after the event that is being forwarded."""
        self._is_closing = True
        self._thread.join()

    def summary(self) -> str:
        """What was done, and how to go on with the rest."""
        parts = [f"{self._counts['received']} received"]
        if self._receiver is not None:
            parts.append(f"{self._counts['taken']} taken by {self._receiver.shown}")
        if self._counts["refused"]:
            parts.append(f"{self._counts['refused']} refused")
        told = ", ".join(parts) + "."
        if self._left:
            first, others = self._left[0], len(self._left) - 1
            more = f" ({others} more)" if others else ""
            told += f" Not taken: send one again with: trillet events resend {first}{more}"
        return told

    def _forward(self) -> None:
        while True:
            try:
                kept = self._waiting.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if self._is_closing:
                    return
                continue
            if self._is_closing:
                self._left.append(kept.number)
            else:
                self._send(kept)

    def _send(self, kept: Kept) -> None:
        assert self._receiver is not None
        headers = with_secret(kept.headers, self._scheme, self._secret)
        result = post(self._receiver, headers, kept.body)
        try:
            self._store.forwarded(kept.number, result)
        except sqlite3.Error as error:
            self._write_error(f"[{kept.number}]: what became of it cannot be kept: {error}")
        if result.is_taken:
            self._counts["taken"] += 1
        else:
            self._left.append(kept.number)
        self._tell(kept, result)

    def _tell(self, kept: Kept, result: Forwarded) -> None:
        if self._shape == "json":
            told = {"id": kept.number, **forwarded_told(result)}
            self._write({"forwarded": told})
        else:
            self._line(f"<-- {result}  [{kept.number}]", time.time())

    def _leave(self, kept: Kept, why: str) -> None:
        with self._lock:
            self._left.append(kept.number)
        self._write_error(f"[{kept.number}] {why}")

    def _line(self, text: str, at: float) -> None:
        if self._shape == "line":
            self._print(f"{_clock(at)}  {text}")

    def _write(self, value: Any) -> None:
        self._print(compact(value))

    def _print(self, text: str) -> None:
        with self._lock:
            try:
                print(printable(text), flush=True)
            except (BrokenPipeError, ValueError):
                if self._nobody_reads is not None:
                    self._nobody_reads()

    def _write_error(self, text: str) -> None:
        with self._lock:
            try:
                print(printable(text), file=sys.stderr, flush=True)
            except (OSError, ValueError):
                # Nobody reads it; events are kept all the same.
                return


def forwarded_told(result: Forwarded) -> dict[str, Any]:
    """For programs."""
    return {
        "to": result.to,
        "status": result.status,
        "error": result.error,
        "milliseconds": result.milliseconds,
    }


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
