"""The library's client, kept alive as long as a call uses it."""

from __future__ import annotations

import threading
from contextlib import suppress
from operator import setitem

from .._model.errors import ClientClosedError
from .exit import closed_at_exit
from .native import Native, closed_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .._model.errors import TrilletError
    from .interrupts import Interrupts
    from .library import Library


class Handle:
    """Holds one ``trillet_client`` until it is closed and no call uses it."""

    native: Native | None = None
    # None before it is open and once it is closed.
    _pointer: int | None = None

    def __init__(self, library: Library, options: bytes, is_driven: bool = False) -> None:
        self.library = library
        # A signal handler may close the client while its thread is inside the lock.
        self.lock = threading.RLock()
        # An entry for each call that is running. Adding and removing one needs no lock, which a
        # fork might copy while it is held. docs/decisions.md, client-use-list.
        self._uses: list[None] = []
        self._last_stats: bytes | None = None
        self._desk: Any = None
        self._interrupts: Interrupts | None = None
        self._hold = object()
        native = Native(library, is_driven)
        native.holders.add(self._hold)
        self.native = native
        closed_at_exit(self)
        self._pointer = native.open(options)

    @property
    def closed(self) -> bool:
        return self.native is None or self.native.is_closed

    @property
    def is_closing(self) -> bool:
        return self.native is None or self.native.is_closing or self.native.is_closed

    @property
    def is_in_log(self) -> bool:
        """Whether a handler of the log is running here, which must not wait for the library."""
        return self.native is not None and self.native.log.is_written_here

    @property
    def belongs_here(self) -> bool:
        """Whether this process made the client, and did not come from it by a fork."""
        return self.native is not None and self.native.belongs_here

    def text(self, operation: str, function: str, *arguments: object) -> bytes:
        """Calls a function of the library whose first argument is the client."""
        pointer = self.acquire(operation)
        try:
            return self.library.text(function, pointer, *arguments)
        finally:
            self.release()

    def answer(
        self,
        operation: str,
        function: str,
        read: Callable[[bytes, str], Any],
        *arguments: object,
    ) -> Any:
        """What ``read`` makes of the answer of a function that waits.

        A signal handler that raises ends the wait (see `_interrupts`).
        """
        pointer = self.acquire(operation)
        interrupts = self._interrupts
        if interrupts is None:
            assert self.native is not None
            interrupts = self._interrupts = self.native.interrupts()
        assert self.native is not None
        if self.native.log.function is not None and self.native.is_driven:
            read = self._after_its_log(read)
        if interrupts.is_here():
            native = self.library.function(function)
            return interrupts.answer(self, operation, native, read, (pointer, *arguments))
        try:
            return read(self.library.text(function, pointer, *arguments), operation)
        finally:
            self.release()

    def _after_its_log(self, read: Callable[[bytes, str], Any]) -> Callable[[bytes, str], Any]:
        """The same, after writing what the call has logged: an interruption has its outcome."""

        def read_later(text: bytes, operation: str) -> Any:
            assert self.native is not None
            self.native.show_log()
            return read(text, operation)

        return read_later

    def stats(self) -> bytes:
        """What the client has done; after closing, what it had done by then."""
        last = self._last_stats
        return self.text("client.stats", "trillet_client_stats") if last is None else last

    def set_log(self, level: int, write: Callable[[int, str], object] | None) -> None:
        """Has ``write`` called with level and text of each line of the log; None ends it.

        What it raises goes to ``sys.unraisablehook``.
        """
        pointer = self.acquire("client.log_to")
        try:
            assert self.native is not None
            set_log = self.library.function("trillet_client_set_log")
            # Lines that were written for the former one are for nobody else.
            set_log(pointer, 0, None, None)
            log = self.native.log
            log.lines.clear()
            log.write = write
            function = None if write is None else self._taker(self.native)
            lines = id(log.lines) if log.is_driven else None
            if set_log(pointer, level, function, lines) != 0:
                raise self.refusal("client.log_to")
        finally:
            self.release()

    def close(self, timeout_ms: int) -> bool:
        """Whether every running call ended by itself; the client is closed afterwards."""
        if self.is_in_log:
            raise RuntimeError("a client cannot be closed by a handler of its own log")
        try:
            pointer = self.acquire("client.close")
        except ClientClosedError:
            return True
        assert self.native is not None
        self.native.is_closing = True
        try:
            try:
                return self._end("trillet_client_close", pointer, timeout_ms)
            finally:
                if self.belongs_here:
                    self._last_stats = self.library.text("trillet_client_stats", pointer)
        finally:
            self._refuse_calls()
            self.release()

    def begin_drain(self) -> None:
        """Starts nothing more; what is being sent goes on."""
        with suppress(ClientClosedError):
            pointer = self.acquire("client.drain")
            try:
                assert self.native is not None
                self.native.is_closing = True
                self.library.call("trillet_client_begin_drain", pointer)
            finally:
                self.release()

    def drain(self, timeout_ms: int) -> bool:
        """Whether all that was being sent ended in time; the client takes no call afterwards."""
        if self.is_in_log:
            raise RuntimeError("a client cannot be drained by a handler of its own log")
        try:
            pointer = self.acquire("client.drain")
        except ClientClosedError:
            return True
        assert self.native is not None
        self.native.is_closing = True
        try:
            return self._end("trillet_client_drain", pointer, timeout_ms)
        finally:
            self.release()

    def _end(self, function: str, pointer: int, timeout_ms: int) -> bool:
        """Whether nothing had to be cancelled.

        A signal handler that raises ends the wait, what runs is cancelled, and it is raised then.
        """
        assert self.native is not None
        ended: list[int] = []
        try:
            if not self.native.interrupts().is_here():
                return bool(self.library.call(function, pointer, timeout_ms) == 0)
            work = map(self.library.function(function), (pointer,), (timeout_ms,))
            stop = self.native.interrupts().stop_during(pointer, ended.extend, work)
            if stop is not None:
                raise stop
        finally:
            self.native.log.deliver()
        return ended == [0]

    def warm(self, read: Callable[[bytes, str], Any], connections: int, timeout_ms: int) -> Any:
        """Opens connections ahead of the first request."""
        return self.answer("client.warm", "trillet_client_warm", read, connections, timeout_ms)

    def refusal(self, operation: str) -> TrilletError:
        """Why the library took no request."""
        return closed_error(operation) if self.native is None else self.native.refusal(operation)

    def acquire(self, operation: str) -> int:
        """The client, which is not freed before `release`, for a call on this thread.

        That of another process, too: the library itself answers that the process was forked.
        """
        # Counted before it is looked at: whoever closes it in between frees nothing.
        self._uses.append(None)
        pointer = self._pointer
        if pointer is None:
            self.release()
            raise self.refusal(operation)
        return pointer

    def release(self) -> None:
        """Ends what `acquire` began."""
        self._uses.pop()
        if self._pointer is None:
            self._let_go()

    def hold(self, holder: object, operation: str) -> int:
        """The client, which is not freed before `Native.let_go`, for what outlives this call."""
        pointer = self.acquire(operation)
        try:
            assert self.native is not None
            self.native.holders.add(holder)
            return pointer
        finally:
            self.release()

    def desk(self, make: Callable[[Handle, int], Any], operation: str = "client.map") -> Any:
        """What hands requests to the library's thread, made at the first request."""
        pointer = self.acquire(operation)
        try:
            if not self.belongs_here:
                raise self.refusal(operation)
            with self.lock:
                if self._desk is None:
                    self._desk = make(self, pointer)
                return self._desk
        finally:
            self.release()

    def abandon(self) -> None:
        """Lets go of a client that nobody calls any more."""
        self._refuse_calls()
        self._let_go()

    def __del__(self) -> None:
        # A call that is running would hold this object. What a signal handler kept from being
        # taken back does not count.
        if self.native is not None:
            self._uses.clear()
            self.abandon()

    def _refuse_calls(self) -> None:
        assert self.native is not None
        self._pointer = None
        self.native.is_closed = True

    def _let_go(self) -> None:
        if not self._uses and self.native is not None:
            self.native.let_go(self._hold)

    def _taker(self, native: Native) -> object:
        # One for good: the library may still be in a function that was replaced.
        with self.lock:
            if native.log.function is None:
                from ctypes import CFUNCTYPE, c_char_p, c_int32, c_void_p, py_object

                if native.is_driven:
                    # No instruction of Python's, before which it would run signal handlers.
                    # Arguments of a derived type stay objects, of which no two are the same key.
                    level = type("Level", (c_int32,), {"__hash__": object.__hash__})
                    taker = CFUNCTYPE(None, py_object, level, c_char_p)(setitem)
                else:
                    taker = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)(native.log.take)
                native.log.function = taker
            return native.log.function
