"""The library's client itself, freed once, by whoever uses it last."""

from __future__ import annotations

import threading
from itertools import repeat
from os import getpid

from .._model.errors import ClientClosedError, ForkedError, InternalError, from_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .._model.errors import TrilletError
    from .interrupts import Interrupts
    from .library import Library


class Log:
    """Takes the lines of the library's log.

    With the engine "thread" they are written where the library calls, on its thread. With "caller"
    that is any thread of the program, where a signal handler could raise into the library: there
    the library puts them into ``lines``, and they are written once it has returned.
    """

    def __init__(self, is_driven: bool) -> None:
        self.write: Callable[[int, str], object] | None = None
        # What the library calls; kept as long as it may.
        self.function: object = None
        self.is_driven = is_driven
        # By their levels, each an object of its own.
        self.lines: dict[Any, bytes] = {}
        self._thread: int | None = None
        self._writers: set[int] = set()
        # At the end of the interpreter a module's names are gone before its objects are.
        self._thread_here = threading.get_ident

    @property
    def is_running_here(self) -> bool:
        """Whether this thread is the one that takes a line at this moment."""
        return self._thread is not None and self._thread == self._thread_here()

    @property
    def is_written_here(self) -> bool:
        """Whether this thread is inside a handler."""
        return self.is_running_here or self._thread_here() in self._writers

    def deliver(self) -> None:
        """Writes the lines that the library has put down.

        An error of a handler must not become that of the call; what ends the program, or comes from
        a signal handler, goes on.
        """
        here = self._thread_here()
        if here in self._writers:
            return
        try:
            self._writers.add(here)
            for level in list(self.lines):
                line = self.lines.pop(level, None)
                write = self.write
                if line is not None and write is not None:
                    try:
                        write(level.value, line.decode("utf-8", "replace"))
                    except Exception as error:
                        tell_nobody(error)
        finally:
            self._writers.discard(here)

    def take(self, _user_data: int | None, level: int, line: bytes) -> None:
        self._thread = self._thread_here()
        write = self.write
        try:
            if write is not None:
                write(level, line.decode("utf-8", "replace"))
        finally:
            self._thread = None


class Native:
    """One ``trillet_client``.

    Whoever may pass it to the library holds it, by a token of its own, from before the first time
    until after the last: the client object, each `map`, each pager, each event loop. The last to
    let go frees it. The garbage collector calls the finalizers of a whole cycle in any order, but
    takes nothing apart before the last of them: so none finds the client freed while it holds it.
    This object has no finalizer, and knows nobody who uses it.
    """

    def __init__(self, library: Library, is_driven: bool) -> None:
        self.library = library
        self.is_driven = is_driven
        self.log = Log(is_driven)
        self.holders: set[object] = set()
        self.is_closing = False
        self._interrupts: Interrupts | None = None
        self.is_closed = False
        self._process = getpid()
        self._getpid = getpid
        # The pointer, while there is one. It is taken out and freed in one step, which a signal
        # handler cannot divide.
        self._client: list[int] = []
        free = library.function("trillet_client_free")
        self._freed: Iterator[None] = map(free, map(list.pop, repeat(self._client)))

    def open(self, options: bytes) -> int:
        """Makes the client.

        Raises:
            TrilletError: The library refuses the options.
        """
        import ctypes

        from .._json.encoding import read

        error = ctypes.c_char_p()
        new = self.library.function("trillet_client_new")
        self._client.extend(filter(None, map(new, (options,), (ctypes.byref(error),))))
        if not self._client:
            raise from_answer(read(self.library.taken(error)))
        return self._client[0]

    @property
    def belongs_here(self) -> bool:
        """Whether this process made the client, and did not come from it by a fork."""
        return self._getpid() == self._process

    def show_log(self) -> None:
        """Writes what a call that has ended has logged, where no thread of the library does."""
        if self.log.function is not None and self.is_driven and self._client:
            self.library.call("trillet_drive", self._client[0], 0)
            self.log.deliver()

    def interrupts(self) -> Interrupts:
        """What runs signal handlers while calls of this client wait."""
        if self._interrupts is None:
            from .interrupts import Interrupts

            self._interrupts = Interrupts(self.library)
        return self._interrupts

    def refusal(self, operation: str) -> TrilletError:
        """Why the library took no request."""
        meta = {"operation": operation, "attempts": 0}
        if not self.belongs_here:
            return ForkedError("the client was made before a fork", meta=meta)
        if self.is_closing or self.is_closed:
            return closed_error(operation)
        return InternalError("the library could not start its thread", sent="no", meta=meta)

    def let_go(self, holder: object) -> None:
        """Ends a hold, and frees the client with the last one; a second time does nothing."""
        self.holders.discard(holder)
        if self.holders:
            return
        if self.log.is_running_here:
            # The garbage collector has come by in a callback, where the library refuses it.
            threading.Thread(target=self._free).start()
        else:
            self._free()

    def _free(self) -> None:
        try:
            for _ in self._freed:
                break
        except IndexError:
            return  # It was freed before.
        # Only now: the library may have been about to call it.
        self.log.function = None


def tell_nobody(error: BaseException) -> None:
    """Passes an error to ``sys.unraisablehook``, as ctypes does with those of callbacks."""
    from ctypes import CFUNCTYPE

    def fail() -> None:
        raise error

    CFUNCTYPE(None)(fail)()


def closed_error(operation: str) -> ClientClosedError:
    """What a request to a closed client raises."""
    meta = {"operation": operation, "attempts": 0}
    return ClientClosedError("the client is closed; make a new one", meta=meta)
