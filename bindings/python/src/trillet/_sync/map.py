"""Many calls at once, from threads."""

from __future__ import annotations

import threading
from contextlib import suppress
from time import monotonic

from .._core.window import Window
from .._native.fetched import Fetched
from .._native.native import closed_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import TracebackType
    from typing import Any

    from .._core.window import Result
    from .._model.errors import TrilletError
    from .._native.handle import Handle

# A wait inside the library is not interrupted by Ctrl-C, so it is cut into slices.
# docs/decisions.md, short-slices.
SLICE_MS = 200
# After so long a thread that reads for all counts as interrupted. docs/decisions.md, one-reader.
_LEASE_SECONDS = 2 * SLICE_MS / 1000
# How long leaving waits for the cancelled calls to end.
# docs/decisions.md, leaving-map.
_PATIENCE_SECONDS = 0.25


class Results:
    """The results of `Trillet.map`, one for each request. For one thread at a time.

    An outside exception, such as KeyboardInterrupt, ends a loop over the results but not the
    results: another loop over the same object continues where the first one stopped.
    """

    _desk: ThreadDesk | None = None

    def __init__(self, handle: Handle, window: ThreadWindow) -> None:
        self._handle = handle
        self._window = window
        # Until this object goes: whoever is in one of its methods holds it, too.
        self._hold = object()
        client = handle.hold(self._hold, window.operation)
        desk: ThreadDesk = handle.desk(ThreadDesk)
        desk.join(window, client)
        self._desk = desk

    def cancel(self) -> None:
        """Cancels the calls in flight and takes no further requests.

        Every request already taken still gets a result; its `Result.sent` says whether the service
        may have acted.
        """
        self._window.stop()
        if self._desk is not None:
            self._desk.cancel(self._window)

    def close(self) -> None:
        """Cancels the calls in flight without reporting their outcomes."""
        self._window.leave()
        if self._desk is not None and self._handle.belongs_here:
            self._desk.leave(self._window)

    def __iter__(self) -> Iterator[Result]:
        # Not self: a loop over the generator takes no step in Python for each result.
        return self._run()

    def __next__(self) -> Result:
        # No call stands between the generator and the caller, in which the result could be lost.
        for result in self._run():
            return result
        raise StopIteration

    def __enter__(self) -> Results:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        native = self._handle.native
        assert native is not None
        try:
            # The end of the interpreter has closed every client before it takes modules apart.
            if not native.is_closed:
                self.close()
        finally:
            native.let_go(self._hold)

    def _run(self) -> Generator[Result, None, None]:
        window, desk = self._window, self._desk
        assert desk is not None
        if self._handle.closed and window.is_untouched:
            raise closed_error(window.operation)
        flying, arrived = window.flying, window.arrived
        while True:
            if len(flying) + len(arrived) <= window.low:
                window.fill(desk)
            given = window.given
            result = window.next()
            if result is not None:
                # A signal handler that iterates as well has come before.
                if window.given != given:
                    continue
                # No call stands between here and the caller's loop; Python 3.9 runs handlers
                # without one, but not between the last two of these.
                held, place = window.held, window.place
                entry, is_given = held[place], False
                try:
                    del held[place]
                    window.given = given + 1
                    is_given = True
                    yield result
                except BaseException:
                    if not is_given:
                        window.take_back(given, held, place, entry)
                    raise
            elif window.is_left:
                return
            elif flying:
                desk.receive(window)
            elif window.is_over:
                break
        desk.forget(window)
        failure = window.failure
        window.failure = None
        if failure is not None:
            raise failure


class ThreadWindow(Window):
    """A window whose answers a thread waits for."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # Taken; whoever rings lets the thread have it.
        self._bell = threading.Lock()
        self._bell.acquire(blocking=False)

    def ring(self) -> None:
        """Wakes the thread that waits. An interruption may lose it: nobody waits for long."""
        with suppress(RuntimeError):  # Another one has rung.
            self._bell.release()

    def wait(self, seconds: float) -> None:
        """Waits for the bell, or until somebody else may have to read."""
        self._bell.acquire(timeout=seconds)


class ThreadDesk:
    """Fetches the library's answers for the windows that wait for them.

    The library has one queue of answers for a client. One thread at a time reads it, for all: two
    would only fetch each other's. It knows the client, and not the object that holds it.
    """

    def __init__(self, handle: Handle, client: int) -> None:
        library = handle.library
        assert handle.native is not None
        self._native = handle.native
        self._refusal = handle.native.refusal
        self._client = client
        self._submit = library.function("trillet_submit")
        self._cancel = library.function("trillet_cancel")
        self._fetched = Fetched(handle.native, client)
        self._lock = threading.RLock()
        self._windows: dict[ThreadWindow, None] = {}
        self._reader: object = None
        self._reads_until = 0.0

    def join(self, window: ThreadWindow, client: int) -> None:
        """Takes up a window, which holds the client as long as it is used."""
        window.hand_in_by(self._submit, client)
        self._windows[window] = None

    def forget(self, window: ThreadWindow) -> None:
        """Drops a window that has all of its answers."""
        self._windows.pop(window, None)

    def refusal(self, operation: str) -> TrilletError:
        """Why the library took no request."""
        return self._refusal(operation)

    def cancel(self, window: ThreadWindow) -> None:
        """Asks the window's requests to end."""
        # First of all: another thread may be handing in a request at this moment.
        window.is_cancelled = True
        window.settle()
        for identifier in list(window.flying):
            self._cancel(self._client, identifier)

    def receive(self, window: ThreadWindow, timeout_ms: int = SLICE_MS) -> None:
        """Waits for an answer of the window, for a moment."""
        # What an interrupted thread has fetched, or another one for this.
        self._fetched.sort()
        if window.claim(self._fetched.unclaimed):
            return
        me = object()
        try:
            if not self._may_read(me):
                window.wait(timeout_ms / 1000)
                return
            was_closed = self._native.is_closed
            self._fetched.fetch(timeout_ms)
            # Those that came may be of others, and more may follow.
            were_all = not self._fetched.texts
            self._fetched.sort()
            if not window.claim(self._fetched.unclaimed) and was_closed and were_all:
                window.lose()
        finally:
            if self._reader is me:
                self._reads_until = 0.0
            self._wake(window)

    def leave(self, window: ThreadWindow) -> None:
        """Cancels the window's requests and drops their answers."""
        if window.flying:
            self.cancel(window)
            # In a callback of the library nobody can wait for the library.
            patience = 0 if self._native.log.is_running_here else _PATIENCE_SECONDS
            end = monotonic() + patience
            while window.flying and (rest := end - monotonic()) > 0:
                # Not as the reader: the garbage collector may have come by in one that is reading.
                self._fetched.fetch(int(rest * 1000) + 1)
                self._fetched.sort()
                window.claim(self._fetched.unclaimed)
                self._wake(window)
        window.arrived.clear()
        # Otherwise whoever fetches the answers drops them.
        if not window.flying:
            self.forget(window)

    def _may_read(self, me: object) -> bool:
        """Whether no other thread reads."""
        with self._lock:
            now = monotonic()
            if self._reads_until > now:
                return False
            self._reader, self._reads_until = me, now + _LEASE_SECONDS
        return True

    def _wake(self, window: ThreadWindow) -> None:
        """Has the other threads look for their answers, and one of them read."""
        if len(self._windows) == 1:
            return
        for other in list(self._windows):
            if other.is_left:
                other.claim(self._fetched.unclaimed)
                other.arrived.clear()
                if not other.flying:
                    self.forget(other)
            elif other is not window:
                other.ring()
