"""The library's client, kept alive as long as a call uses it."""

from __future__ import annotations

import threading
from os import getpid

from ._errors import ClientClosedError, ForkedError, InternalError, from_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._errors import TrilletError
    from ._library import Library


class _Log:
    """Takes the lines of the library's log, on its thread."""

    def __init__(self) -> None:
        self.write: Callable[[int, str], object] | None = None
        self._thread: int | None = None

    @property
    def is_running_here(self) -> bool:
        """Whether this thread is the one that takes a line at this moment."""
        return self._thread == threading.get_ident()

    def take(self, _user_data: int | None, level: int, line: bytes) -> None:
        self._thread = threading.get_ident()
        write = self.write
        try:
            if write is not None:
                write(level, line.decode("utf-8", "replace"))
        finally:
            self._thread = None


class Handle:
    """Owns one ``trillet_client`` and frees it once: when it is closed and no call uses it."""

    _pointer: int | None = None

    def __init__(self, library: Library, options: bytes) -> None:
        import ctypes

        from ._encoding import read

        self.library = library
        # A signal handler may close the client while its thread is inside the lock.
        self._lock = threading.RLock()
        self._process = getpid()
        # An entry for each use. Adding and removing one needs no lock, which a fork might copy
        # while it is held.
        self._uses: list[None] = []
        self._closing = False
        self._closed = False
        self._last_stats: bytes | None = None
        self._desk: Any = None
        self._log = _Log()
        self._log_function: object = None
        error = ctypes.c_char_p()
        self._pointer = library.call("trillet_client_new", options, ctypes.byref(error))
        if self._pointer is None:
            raise from_answer(read(library.taken(error)))

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def is_closing(self) -> bool:
        return self._closing or self._closed

    @property
    def is_on_log_thread(self) -> bool:
        """Whether this is the library's thread, where nothing may wait for that thread."""
        return self._log.is_running_here

    @property
    def belongs_here(self) -> bool:
        """Whether this process made the client, and did not come from it by a fork."""
        return getpid() == self._process

    def text(self, operation: str, function: str, *arguments: object) -> bytes:
        """Calls a function of the library whose first argument is the client."""
        pointer = self.acquire(operation)
        try:
            return self.library.text(function, pointer, *arguments)
        finally:
            self.release()

    def stats(self) -> bytes:
        """What the client has done; after closing, what it had done by then."""
        last = self._last_stats
        return self.text("client.stats", "trillet_client_stats") if last is None else last

    def set_log(self, level: int, write: Callable[[int, str], object] | None) -> None:
        """Has ``write`` called with level and text of each line of the log; None ends it.

        What it raises goes to ``sys.unraisablehook``.
        """
        pointer = self.acquire_thread("client.log_to")
        try:
            set_log = self.library.function("trillet_client_set_log")
            # Lines that were written for the former one are for nobody else.
            set_log(pointer, 0, None, None)
            self._log.write = write
            function = None if write is None else self._taker()
            if set_log(pointer, level, function, None) != 0:
                raise self.refusal("client.log_to")
        finally:
            self.release()

    def close(self, timeout_ms: int) -> bool:
        """Whether every running call ended by itself; the client is closed afterwards."""
        if self._log.is_running_here:
            raise RuntimeError("a client cannot be closed by a handler of its own log")
        try:
            pointer = self.acquire("client.close")
        except ClientClosedError:
            return True
        self._closing = True
        try:
            ended = bool(self.library.call("trillet_client_close", pointer, timeout_ms) == 0)
            if self.belongs_here:
                self._last_stats = self.library.text("trillet_client_stats", pointer)
            return ended
        finally:
            self._closed = True
            self.release()

    def drain(self, timeout_ms: int) -> bool:
        """Whether all that was being sent ended in time; the client takes no call afterwards."""
        if self._log.is_running_here:
            raise RuntimeError("a client cannot be drained by a handler of its own log")
        try:
            pointer = self.acquire("client.drain")
        except ClientClosedError:
            return True
        self._closing = True
        try:
            return bool(self.library.call("trillet_client_drain", pointer, timeout_ms) == 0)
        finally:
            self.release()

    def warm(self, connections: int, timeout_ms: int) -> bytes:
        """Opens connections ahead of the first request."""
        return self.text("client.warm", "trillet_client_warm", connections, timeout_ms)

    def refusal(self, operation: str) -> TrilletError:
        """Why the library took no request."""
        meta = {"operation": operation, "attempts": 0}
        if not self.belongs_here:
            return ForkedError("the client was made before a fork; make a new one here", meta=meta)
        if self._closing or self._pointer is None:
            return closed_error(operation)
        return InternalError("the library could not start its thread", meta=meta)

    def acquire(self, operation: str) -> int:
        """The client, which is not freed before `release`.

        That of another process, too: the library itself answers that the process was forked.
        """
        # Counted before it is looked at: whoever closes it in between frees nothing.
        self._uses.append(None)
        pointer = None if self._closed else self._pointer
        if pointer is None:
            self.release()
            raise self.refusal(operation)
        return pointer

    def acquire_thread(self, operation: str) -> int:
        """The same for requests that run on the library's thread."""
        from ._exit import ended_at_exit

        pointer = self.acquire(operation)
        ended_at_exit(self)
        return pointer

    def desk(self, make: Callable[[Handle, int], Any]) -> Any:
        """What hands requests to the library's thread, made at the first request."""
        pointer = self.acquire("client.map")
        try:
            if not self.belongs_here:
                raise self.refusal("client.map")
            with self._lock:
                if self._desk is None:
                    self._desk = make(self, pointer)
                return self._desk
        finally:
            self.release()

    def release(self) -> None:
        """Ends what `acquire` began."""
        # There is none when the garbage collector takes both the client and who uses it.
        if self._uses:
            self._uses.pop()
        if self._closed and self.belongs_here:
            self._free_if_unused()

    def abandon(self) -> None:
        """Frees the client when nobody uses it any more."""
        if self._pointer is not None and self.belongs_here:
            self._closed = True
            self._free_if_unused()

    def __del__(self) -> None:
        # Whoever used it is gone, too.
        self._uses.clear()
        self.abandon()

    def _free_if_unused(self) -> None:
        with self._lock:
            if not self._closed or self._uses:
                return
            pointer, self._pointer = self._pointer, None
        if pointer is None:
            return
        if self._log.is_running_here:
            # The garbage collector has come by in a callback, where the library refuses it.
            threading.Thread(target=self._free, args=(pointer,)).start()
        else:
            self._free(pointer)

    def _free(self, pointer: int) -> None:
        self.library.call("trillet_client_free", pointer)
        # Only now: the library may have been about to call it.
        self._log_function = None

    def _taker(self) -> object:
        # One for good: the library may still be in a function that was replaced.
        with self._lock:
            if self._log_function is None:
                from ctypes import CFUNCTYPE, c_char_p, c_int32, c_void_p

                kind = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
                self._log_function = kind(self._log.take)
            return self._log_function


def closed_error(operation: str) -> ClientClosedError:
    """What a request to a closed client raises."""
    meta = {"operation": operation, "attempts": 0}
    return ClientClosedError("the client is closed; make a new one", meta=meta)
