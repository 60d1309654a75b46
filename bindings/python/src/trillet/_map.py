"""Many calls at once, from threads."""

from __future__ import annotations

import threading
import weakref
from time import monotonic

from ._answers import answers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import TracebackType

    from ._errors import TrilletError
    from ._handle import Handle
    from ._window import Request, Result, Window

# A wait inside the library is not interrupted by Ctrl-C, so it is cut into slices.
_SLICE_MS = 200
# How many answers are read before they are given to their windows.
_AT_ONCE = 64
# How long a loop that was left waits for the ends of the calls it cancelled.
_PATIENCE_SECONDS = 5.0


class Results:
    """The results of `Trillet.map`, one for each request. For one thread at a time."""

    def __init__(self, handle: Handle, window: Window) -> None:
        self._window = window
        self._desk: ThreadDesk = handle.desk(ThreadDesk)
        self._results: Generator[Result, None, None] = self._run(handle)

    def cancel(self) -> None:
        """Cancels the calls under way and takes no further requests.

        The results of the requests that were taken still come; `Result.sent` tells of each
        whether the service can have acted.
        """
        self._window.stop()
        self._desk.cancel(self._window)

    def close(self) -> None:
        """Cancels the calls under way without telling what became of them."""
        self._results.close()

    def __iter__(self) -> Iterator[Result]:
        # Not self: a loop over the generator takes no step in Python for each result.
        return self._results

    def __next__(self) -> Result:
        return next(self._results)

    def __enter__(self) -> Results:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, handle: Handle) -> Generator[Result, None, None]:
        window, desk = self._window, self._desk
        handle.acquire_thread(window.operation)
        try:
            while True:
                window.fill(desk)
                result = window.take()
                if result is not None:
                    yield result
                elif window.under_way:
                    desk.receive(window)
                else:
                    break
        finally:
            if handle.belongs_here:
                desk.leave(window)
            handle.release()
        if window.failure is not None:
            raise window.failure


class ThreadDesk:
    """Hands requests to the library and its answers to the windows that wait for them.

    The library has one queue of answers for a client, so one thread at a time reads it, for all.
    """

    def __init__(self, handle: Handle, client: int) -> None:
        library = handle.library
        # The handle owns the desk, and whoever waits at the desk holds the handle.
        self._handle = weakref.proxy(handle)
        self._client = client
        self._submit = library.function("trillet_submit")
        self._cancel = library.function("trillet_cancel")
        self._next = library.function("trillet_next_many")
        self._taken = library.taken
        # The garbage collector may end a loop, and a signal handler begin one, inside the lock.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._owners: dict[int, tuple[Window, int, Request]] = {}
        self._reader: object = None

    def submit(self, window: Window, index: int, request: Request, text: bytes) -> int:
        """The identifier of the request; 0 when the library does not take it."""
        # The answer may be there before this returns: whoever reads it waits for the lock.
        with self._lock:
            identifier: int = self._submit(
                self._client, window.operation_text, text, window.options_text, None, None
            )
            if identifier:
                self._owners[identifier] = (window, index, request)
                if window.is_cancelled:
                    self._cancel(self._client, identifier)
        return identifier

    def refusal(self, operation: str) -> TrilletError:
        refusal: TrilletError = self._handle.refusal(operation)
        return refusal

    def receive(self, window: Window) -> None:
        """Waits for an answer of the window, for a moment."""
        token = object()
        try:
            with self._lock:
                if window.arrived:
                    return
                if self._reader is not None:
                    self._changed.wait(_SLICE_MS / 1000)
                    return
                self._reader = token
            self._read()
        finally:
            with self._lock:
                if self._reader is token:
                    self._reader = None
                    self._changed.notify_all()

    def cancel(self, window: Window) -> None:
        """Asks the window's requests to end."""
        # Within the lock: while the window owns a request, the client is not freed.
        with self._lock:
            # Another thread may be handing in a request at this moment.
            window.is_cancelled = True
            for identifier, owner in self._owners.items():
                if owner[0] is window:
                    self._cancel(self._client, identifier)

    def leave(self, window: Window) -> None:
        """Cancels the window's requests and drops their answers."""
        if not window.under_way:
            return
        try:
            self.cancel(window)
            end = monotonic() + _PATIENCE_SECONDS
            while self._owns(window) and monotonic() < end:
                self.receive(window)
                window.arrived.clear()
        finally:
            # An answer without an owner is dropped by whoever reads it.
            with self._lock:
                for key in [key for key, owner in self._owners.items() if owner[0] is window]:
                    del self._owners[key]

    def _owns(self, window: Window) -> bool:
        with self._lock:
            return any(owner[0] is window for owner in self._owners.values())

    def _read(self) -> None:
        """Waits for one answer and reads all that are there, or a good many."""
        owned = self._next(self._client, _SLICE_MS, _AT_ONCE)
        if not owned:
            if self._handle.closed:
                self._lose()
            return
        fetched = answers(self._taken(owned))
        with self._lock:
            for answer in fetched:
                owner = self._owners.pop(answer["id"], None)
                if owner is not None:
                    window, index, request = owner
                    window.arrived.append((index, request, answer))

    def _lose(self) -> None:
        """The client is closed and has no more answers: what is missing was lost on the way."""
        with self._lock:
            while self._owners:
                window, index, request = self._owners.popitem()[1]
                window.arrived.append((index, request, None))
