"""Single requests that a program waits for when it likes, as `concurrent.futures` has them."""

from __future__ import annotations

import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from .._json.answers import response_of
from .._model.errors import InternalError, TrilletError
from .._model.response import Response
from .map import SLICE_MS, ThreadDesk, ThreadWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._core.base import Client
    from .._native.handle import Handle


class RequestFuture(Future[Response]):
    """The future of a request made by `Trillet.submit`.

    ``cancel`` asks the request to end and returns False. The future still ends: with
    `RequestCancelledError` and its ``sent``, or with an answer that arrived before.
    """

    identifier = 0

    def __init__(self, futures: Futures, operation: str) -> None:
        super().__init__()
        self.set_running_or_notify_cancel()
        self._futures = futures
        self.operation = operation

    def cancel(self) -> bool:
        """Asks the request to end; the result has its outcome."""
        self._futures.cancel(self.identifier)
        return False

    def done(self) -> bool:
        """Whether the call has ended."""
        self._futures.look(self)
        return super().done()

    def running(self) -> bool:
        """Whether the call has not ended."""
        return not self.done()

    def add_done_callback(self, fn: Callable[[Future[Response]], object]) -> None:
        """Has the function called with the future when the call has ended."""
        is_of_asyncio = getattr(fn, "__module__", None) == "asyncio.futures"
        # By `asyncio.wrap_future`: the event loop would wait for ever, and say nothing.
        if is_of_asyncio and self._futures.is_driven and not self.done():
            raise RuntimeError(
                "asyncio cannot await a future of a client with engine='caller': use "
                "AsyncTrillet, or asyncio.to_thread(future.result)"
            )
        super().add_done_callback(fn)

    def result(self, timeout: float | None = None) -> Response:
        """The answer.

        Raises:
            TrilletError: The call failed; see its subclasses.
            TimeoutError: The call has not ended in time; it continues.
        """
        return super().result(self._futures.wait(self, timeout))

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Why the call failed; None if it succeeded."""
        return super().exception(self._futures.wait(self, timeout))


class Futures:
    """The futures of one client.

    With the engine "thread" a thread reads their answers while there are any; with "caller" that is
    whoever asks one of them, or waits for other answers of the client.
    """

    def __init__(self, client: Client, handle: Handle, operation: str) -> None:
        assert handle.native is not None
        self._handle = handle
        self._native = handle.native
        # Held while answers are to come; without a thread as long as this object may be used.
        self._hold = object()
        self._desk: ThreadDesk = handle.desk(ThreadDesk, operation)
        kind = _SharedWindow if self._native.is_driven else ThreadWindow
        self._window = kind(client, "client.submit", (), None, False, None)
        # It takes no requests of its own, and the method would make a reference cycle.
        del self._window._write
        # A signal handler may submit while its thread is inside the lock.
        self._lock = threading.RLock()
        self._submit = handle.library.function("trillet_submit")
        self._cancel = handle.library.function("trillet_cancel")
        self._is_reading = False
        # How many requests are being handed in.
        self._coming = 0
        self._client = 0

    @property
    def is_driven(self) -> bool:
        """Whether nobody reads the answers but those who ask for them."""
        return self._native.is_driven

    def submit(
        self, operation: str, name: bytes, request: bytes, options: bytes | None
    ) -> RequestFuture:
        future = RequestFuture(self, operation)
        if self._native.is_driven:
            future._waiters = _NoWaiters()  # type: ignore[assignment]
        self._refuse_a_fork(operation)
        with self._lock:
            self._coming += 1
            try:
                self._start_reading(operation)
                arguments = (self._client, name, request, options, None, None)
                for identifier in map(self._submit, *zip(arguments)):
                    # No call stands between handing it in and entering it here.
                    if identifier:
                        future.identifier = identifier
                        self._window.flying[identifier] = (future, 0)  # type: ignore[assignment]
            finally:
                self._coming -= 1
        if not future.identifier:
            raise self._native.refusal(operation)
        return future

    def cancel(self, identifier: int) -> None:
        if not self._native.belongs_here:
            return
        with self._lock:
            # While it is under way the client is held.
            if identifier in self._window.flying:
                self._cancel(self._client, identifier)

    def look(self, future: RequestFuture) -> None:
        """Finishes what has ended, where no thread does."""
        if self._native.is_driven and self._native.belongs_here and not Future.done(future):
            self._receive(0)

    def wait(self, future: RequestFuture, timeout: float | None) -> float | None:
        """Has the future end, where no thread does; how long is left to wait for it."""
        if Future.done(future):
            return timeout
        # Whoever reads the answers is in the parent.
        self._refuse_a_fork(future.operation)
        if not self._native.is_driven:
            return timeout
        end = inf if timeout is None else monotonic() + timeout
        try:
            while True:
                rest = max(0, end - monotonic())
                self._receive(int(min(rest * 1000 + 1, SLICE_MS)) if rest else 0)
                if Future.done(future) or not rest:
                    return 0
        finally:
            # One of those who wait has to read now.
            self._window.ring()

    def _refuse_a_fork(self, operation: str) -> None:
        if not self._native.belongs_here:
            raise self._native.refusal(operation)

    def _start_reading(self, operation: str) -> None:
        if self._is_reading:
            return
        self._client = self._handle.hold(self._hold, operation)
        try:
            self._desk.join(self._window, self._client)
            self._is_reading = True
            if not self._native.is_driven:
                threading.Thread(target=self._read, name="trillet-futures", daemon=True).start()
        except BaseException:
            self._is_reading = False
            self._native.let_go(self._hold)
            raise

    def _read(self) -> None:
        while not self._stops_reading():
            self._receive(SLICE_MS)

    def _stops_reading(self) -> bool:
        """Lets go of the client where no answers are to come."""
        window = self._window
        with self._lock:
            if window.flying or window.arrived or self._coming:
                return False
            if self._is_reading:
                self._is_reading = False
                self._desk.forget(window)
                self._native.let_go(self._hold)
            return True

    def _receive(self, timeout_ms: int) -> None:
        try:
            self._desk.receive(self._window, timeout_ms)
        except TrilletError:
            self._window.lose()
        self._finish()

    def _finish(self) -> None:
        """Ends the futures whose answers are there.

        An answer stays here until its future has it: a signal handler may raise in between.
        """
        arrived = self._window.arrived
        while arrived:
            with suppress(IndexError, ValueError):
                entry = arrived[0]
                future: Any = entry[0][0]
                with suppress(InvalidStateError):  # Another thread was quicker.
                    _finish(future, entry[1])
                arrived.remove(entry)
                self._window.ring()

    def __del__(self) -> None:
        # Nobody asks for what is under way.
        self._native.let_go(self._hold)


class _SharedWindow(ThreadWindow):
    """The requests of futures that any number of threads wait for at the same time."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._turn = threading.Condition()

    def ring(self) -> None:
        with self._turn:
            self._turn.notify_all()

    def wait(self, seconds: float) -> None:
        with self._turn:
            self._turn.wait(seconds)


class _NoWaiters(list[object]):
    """What a future has for ``wait`` and ``as_completed``, which would wait for ever."""

    def append(self, _waiter: object) -> None:
        raise RuntimeError(
            "wait() and as_completed() need a thread that reads the answers, and a client with "
            "engine='caller' has none: use result() of each future, or map"
        )


def _finish(future: RequestFuture, answer: Any) -> None:
    if answer is None:
        meta = {"operation": future.operation, "attempts": 0}
        lost = InternalError("the answer was lost when the client closed", sent="maybe", meta=meta)
        future.set_exception(lost)
        return
    try:
        response = response_of(answer)
    except TrilletError as error:
        future.set_exception(error)
    else:
        future.set_result(response)
