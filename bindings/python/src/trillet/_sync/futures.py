"""Single requests that a program waits for when it likes, as `concurrent.futures` has them."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from .._json.answers import response_of
from .._model.errors import InternalError, TrilletError
from .._model.response import Response
from .map import ThreadDesk, ThreadWindow

if TYPE_CHECKING:
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

    def result(self, timeout: float | None = None) -> Response:
        """The answer.

        Raises:
            TrilletError: The call failed; see its subclasses.
            TimeoutError: The call has not ended in time; it continues.
        """
        self._look_for_a_fork()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Why the call failed; None if it succeeded."""
        self._look_for_a_fork()
        return super().exception(timeout)

    def _look_for_a_fork(self) -> None:
        # The thread that reads the answers stayed in the parent.
        if not self.done():
            self._futures.refuse_a_fork(self.operation)


class Futures:
    """The futures of one client, and the thread that reads their answers while there are any."""

    def __init__(self, client: Client, handle: Handle, operation: str) -> None:
        assert handle.native is not None
        self._handle = handle
        self._native = handle.native
        self._desk: ThreadDesk = handle.desk(ThreadDesk, operation)
        self._window = ThreadWindow(client, "client.submit", (), None, False, None)
        # It takes no requests of its own, and the method would make a reference cycle.
        del self._window._write
        # A signal handler may submit while its thread is inside the lock.
        self._lock = threading.RLock()
        self._submit = handle.library.function("trillet_submit")
        self._cancel = handle.library.function("trillet_cancel")
        self._is_reading = False
        # How many requests are being handed in.
        self._coming = 0
        # Held while the thread reads.
        self._hold = object()
        self._client = 0

    def submit(
        self, operation: str, name: bytes, request: bytes, options: bytes | None
    ) -> RequestFuture:
        future = RequestFuture(self, operation)
        self.refuse_a_fork(operation)
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
            # While it is under way the thread holds the client.
            if identifier in self._window.flying:
                self._cancel(self._client, identifier)

    def refuse_a_fork(self, operation: str) -> None:
        if not self._native.belongs_here:
            raise self._native.refusal(operation)

    def _start_reading(self, operation: str) -> None:
        if self._is_reading:
            return
        self._client = self._handle.hold(self._hold, operation)
        try:
            self._desk.join(self._window, self._client)
            thread = threading.Thread(target=self._read, name="trillet-futures", daemon=True)
            self._is_reading = True
            thread.start()
        except BaseException:
            self._is_reading = False
            self._native.let_go(self._hold)
            raise

    def _read(self) -> None:
        window = self._window
        while True:
            with self._lock:
                if not (window.flying or window.arrived or self._coming):
                    self._is_reading = False
                    self._desk.forget(window)
                    self._native.let_go(self._hold)
                    return
            try:
                self._desk.receive(window)
            except TrilletError:
                window.lose()
            while window.arrived:
                (future, _), answer = window.arrived.popleft()
                _finish(future, answer)  # type: ignore[arg-type]


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
