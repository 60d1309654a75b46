"""The library's client, kept alive as long as a call uses it."""

from __future__ import annotations

import os
import threading

from ._errors import ClientClosedError, from_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._library import Library


class Handle:
    """Owns one ``trillet_client`` and frees it once: when it is closed and no call uses it."""

    def __init__(self, library: Library, options: bytes) -> None:
        import ctypes

        from ._encoding import read

        self._library = library
        # A signal handler may close the client while its thread is inside the lock.
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._users = 0
        self._closed = False
        error = ctypes.c_void_p()
        self._pointer: int | None = library.call("trillet_client_new", options, ctypes.byref(error))
        if self._pointer is None:
            raise from_answer(read(library.taken(error.value)))

    @property
    def closed(self) -> bool:
        return self._closed

    def text(self, operation: str, function: str, *arguments: object) -> bytes:
        """Calls a function of the library whose first argument is the client."""
        pointer = self._acquire(operation)
        try:
            return self._library.text(function, pointer, *arguments)
        finally:
            self._release()

    def close(self, timeout_ms: int) -> bool:
        """Whether every running call ended by itself; the client is closed afterwards."""
        try:
            pointer = self._acquire("client.close")
        except ClientClosedError:
            return True
        try:
            return bool(self._library.call("trillet_client_close", pointer, timeout_ms) == 0)
        finally:
            self._closed = True
            self._release()

    def abandon(self) -> None:
        """Frees the client when nobody refers to it any more."""
        if self._pointer is not None and self._belongs_here():
            self._closed = True
            self._free_if_unused()

    def _acquire(self, operation: str) -> int:
        if not self._belongs_here():
            # The lock may have been copied while another thread of the parent held it, so it is
            # not touched; the library itself answers that the process was forked.
            pointer = self._pointer
        else:
            with self._lock:
                # Counted before it is looked at: whoever interrupts in between frees nothing.
                self._users += 1
                pointer = None if self._closed else self._pointer
                if pointer is None:
                    self._users -= 1
        if pointer is None:
            raise ClientClosedError(
                "the client is closed; make a new one",
                meta={"operation": operation, "attempts": 0},
            )
        return pointer

    def _release(self) -> None:
        if self._belongs_here():
            with self._lock:
                self._users -= 1
            self._free_if_unused()

    def _free_if_unused(self) -> None:
        with self._lock:
            if not self._closed or self._users > 0:
                return
            pointer, self._pointer = self._pointer, None
        if pointer is not None:
            self._library.call("trillet_client_free", pointer)

    def _belongs_here(self) -> bool:
        return os.getpid() == self._process
