"""Receives webhooks: each once, those of a call in order, none lost."""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import inspect
import logging
import queue
import threading
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._model.errors import (
    ConfigurationError,
    InvalidArgumentError,
    ResponseError,
    SignatureError,
)
from .application import Application, ordinary
from .event import Event, verify
from .history import CALLS_PER_REQUEST, end_of, records_of
from .memory import Calls, MemoryStore
from .reply import Reply, is_json, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .event import Scheme
    from .history import AsyncHistoryClient, HistoryClient
    from .memory import Store

_log = logging.getLogger("trillet.webhooks")

HEADERS = {"hmac": "x-trillet-signature", "secret": "x-webhook-secret"}


@dataclass
class Counts:
    """What a receiver has done with what came."""

    handled: int = 0
    duplicates: int = 0
    late: int = 0
    refused: int = 0
    reconciled: int = 0
    failures: int = 0


class Receiver(Application):
    """An ASGI application (and, as `wsgi`, a WSGI one) that gives events to a handler.

    The request is answered at once; a thread of the receiver then calls the handler, one event at
    a time, each webhook once. A late ``call.started``, or a second end, is dropped. A handler that
    raises is logged, and its event not repeated.

    Args:
        handler: Called with each `Event`.
        secrets: The secret, or several of which any may have signed.
        scheme: ``"secret"`` if the service sends the secret itself, in ``x-webhook-secret``.
        history: Answers the history's record of a call, or None if there is none yet. `reconcile`
            asks it about each call of which nothing was heard for ``patience`` seconds, unless
            it has a client to ask.
        patience: The longest call and the longest delivery, together.
        store: Where it is kept which webhooks have come; by default in this process.
    """

    def __init__(
        self,
        handler: Callable[[Event], object],
        secrets: str | Sequence[str],
        *,
        scheme: Scheme = "hmac",
        history: Callable[[str], Mapping[str, Any] | None] | None = None,
        patience: float = 7_200.0,
        store: Store | None = None,
        max_body_bytes: int = 1_048_576,
        max_waiting: int = 10_000,
        max_calls: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(max_body_bytes)
        self._secrets = _usable(secrets)
        if scheme not in HEADERS:
            raise ConfigurationError(
                f"A receiver has no scheme {scheme!r}; give 'hmac' or 'secret'", field="scheme"
            )
        self.counts = Counts()
        self._handler = ordinary(handler, "handler")
        self._scheme: Scheme = scheme
        self._history = None if history is None else ordinary(history, "history")
        self._patience = patience
        self._store: Store = MemoryStore() if store is None else store
        self._calls = Calls(max_calls)
        self._clock = clock
        self._waiting: queue.Queue[Event | None] = queue.Queue(max_waiting)
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        self._handling = threading.RLock()
        self._is_closed = False

    def answer(
        self, method: str, headers: Mapping[str, str], body: bytes, query: str = ""
    ) -> Reply:
        named = {name.lower(): value for name, value in headers.items()}
        if method.upper() != "POST":
            return self._refuse(405, ("Allow", "POST"))
        if not is_json(named.get("content-type")):
            return self._refuse(415)
        if len(body) > self._limit:
            return self._refuse(413)
        try:
            signature = named.get(HEADERS[self._scheme])
            event = verify(body, signature, self._secrets, scheme=self._scheme)
        except SignatureError as error:
            _log.warning("A webhook was refused: %s", error.code)
            return self._refuse(401)
        except (InvalidArgumentError, ResponseError) as error:
            _log.warning("A signed webhook cannot be read: %s", error.message)
            return self._refuse(400)
        return self._accept(event, body)

    def expect(self, call_id: str) -> None:
        """Has the history asked about this call, should no webhook of it ever come."""
        self._calls.expect(call_id, self._clock())

    def reconcile(self, client: HistoryClient | None = None) -> int:
        """Asks the history about the calls that have long been silent; how many have ended.

        Call it from time to time, once a minute for example. It answers when it has asked.

        Args:
            client: Asks ``client.calls.history`` about many calls at once, instead of the function
                ``history`` about each.
        """
        if client is None:
            return sum(self._ask(call) for call in self._silent())
        ended = 0
        for asked in self._silent_groups():
            try:
                page = client.calls.history(limit=len(asked), call_ids=asked)
            except Exception:
                # The others would most likely fail as well; next time they are asked about again.
                _log.exception("The history could not be asked about %d calls", len(asked))
                break
            if inspect.iscoroutine(page):
                page.close()
                raise TypeError("The client is for asyncio: await reconcile_async(client)")
            ended += self._take(asked, page)
        return ended

    async def reconcile_async(self, client: AsyncHistoryClient) -> int:
        """`reconcile` with a client for asyncio. The handler still runs in a thread."""
        ended = 0
        loop = asyncio.get_running_loop()
        for asked in self._silent_groups():
            try:
                page = await client.calls.history(limit=len(asked), call_ids=asked)
            except Exception:
                _log.exception("The history could not be asked about %d calls", len(asked))
                break
            ended += await loop.run_in_executor(None, self._take, asked, page)
        return ended

    def close(self, timeout: float = 10.0) -> bool:
        """Refuses further webhooks, and handles those that wait; whether that ended in time."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
        if thread is None:
            return True
        end = time.monotonic() + timeout
        try:
            self._waiting.put(None, timeout=timeout)
        except queue.Full:
            return False
        thread.join(max(0.0, end - time.monotonic()))
        return not thread.is_alive()

    def _silent(self) -> Iterator[str]:
        return self._calls.silent_since(self._clock() - self._patience)

    def _silent_groups(self) -> Iterator[list[str]]:
        silent = list(self._silent())
        for start in range(0, len(silent), CALLS_PER_REQUEST):
            yield silent[start : start + CALLS_PER_REQUEST]

    def _ask(self, call_id: str) -> bool:
        if self._history is None:
            return False
        try:
            record = self._history(call_id)
            event = None if record is None else end_of(call_id, record)
        except Exception:
            _log.exception("The history could not be asked about the call %s", call_id)
            return False
        return self._end(event)

    def _take(self, asked: Sequence[str], page: Sequence[Mapping[str, object]]) -> int:
        records = records_of(page)
        known = (call for call in asked if call in records)
        return sum(self._end(end_of(call, records[call])) for call in known)

    def _end(self, event: Event | None) -> bool:
        """Whether the call has ended, and the handler did not know."""
        if event is None or not self._handle(event):
            return False
        self.counts.reconciled += 1
        return True

    def _refuse(self, status: int, *extra: tuple[str, str]) -> Reply:
        self.counts.refused += 1
        return refusal(status, *extra)

    def _accept(self, event: Event, body: bytes) -> Reply:
        # The id alone could be that of the call in a form that is not known yet.
        key = f"{event.type} {event.id}" if event.id else hashlib.sha256(body).hexdigest()
        if not self._store.add(key):
            self.counts.duplicates += 1
            return Reply(200, {"ok": True})
        with self._lock:
            try:
                if self._is_closed:
                    raise queue.Full
                self._waiting.put_nowait(event)
            except queue.Full:
                self._store.discard(key)
                return self._refuse(503, ("Retry-After", "5"))
            if self._thread is None or not self._thread.is_alive():
                # Not before the first webhook: a server forks its workers first.
                if self._thread is None:
                    # What was answered with 200 does not come again.
                    atexit.register(_close, weakref.ref(self))
                self._thread = threading.Thread(
                    target=self._work, name="trillet-webhooks", daemon=True
                )
                self._thread.start()
        return Reply(200, {"ok": True})

    def _work(self) -> None:
        while True:
            event = self._waiting.get()
            if event is None:
                return
            try:
                self._handle(event)
            except BaseException:
                # Such as SystemExit, which would end the thread and not the process.
                self.counts.failures += 1
                _log.exception("The handler failed on %s of %s", event.type, event.call_id)

    def _handle(self, event: Event) -> bool:
        # reconcile() may run at the same time; a handler sees one event at a time.
        with self._handling:
            if event.call_id is not None and not self._calls.admit(
                event.call_id, event.type, event.is_end, self._clock()
            ):
                self.counts.late += 1
                return False
            try:
                if inspect.iscoroutine(result := self._handler(event)):
                    result.close()
                    raise TypeError("The handler is asynchronous: nothing of it has run")
            except Exception:
                self.counts.failures += 1
                _log.exception("The handler failed on %s of %s", event.type, event.call_id)
            self.counts.handled += 1
            return True


def _usable(secrets: str | Sequence[str]) -> list[str]:
    listed = [secrets] if isinstance(secrets, (str, bytes)) else list(secrets)
    if not listed or not all(isinstance(each, str) and each.strip() for each in listed):
        raise ConfigurationError(
            "A receiver needs a secret: a str that is not empty, or several", field="secrets"
        )
    if any(each != each.strip() for each in listed):
        raise ConfigurationError(
            "A secret begins or ends with white space, such as the line end of the file that it "
            "was read from; no signature would fit",
            field="secrets",
        )
    return listed


def _close(receiver: weakref.ref[Receiver]) -> None:
    alive = receiver()
    if alive is not None:
        alive.close()
