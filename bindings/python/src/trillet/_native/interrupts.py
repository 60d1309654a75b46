"""Signals that arrive while the library waits on the main thread.

Python runs signal handlers between its own instructions, on the main thread. So the library asks
there, every now and then, whether a call goes on, and the handlers run meanwhile. What one raises
ends the call, and is raised again once the library has returned.
"""

from __future__ import annotations

import os
import threading
from _thread import get_ident
from ctypes import CFUNCTYPE, c_int32, c_void_p, cast, pythonapi
from itertools import repeat, starmap
from types import BuiltinFunctionType, GeneratorType

from .._json.encoding import read
from .._model.errors import InternalError, RequestCancelledError, TrilletError, from_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from .library import Library

    class Use(Protocol):
        """A use of a client that the end of a call ends."""

        def release(self) -> None: ...


_Check = CFUNCTYPE(c_int32, c_void_p)
_run_handlers = pythonapi.PyErr_CheckSignals


class _Level:
    """The library's question and what handlers raised meanwhile.

    A handler that makes a call is inside of a question, so its call needs another one.
    """

    verdicts: GeneratorType[int, object, None]

    def __init__(self) -> None:
        self.kept: list[BaseException] = []
        self.is_spent = False
        self.verdicts = self._run()
        next(self.verdicts)
        self._function = _Check(self.verdicts.send)
        self.address = cast(self._function, c_void_p).value

    def _run(self) -> Any:
        """Answers the library whether a call is to end.

        A generator, and not a function: Python runs handlers as soon as either begins, and this one
        goes on within its ``try``. The outer one is for a second signal while the first is kept.
        """
        try:
            for _ in repeat(None):
                try:
                    yield 1 if self.kept else 0
                    _run_handlers()
                except GeneratorExit:
                    return
                except BaseException as error:
                    self.kept.append(error)
        except BaseException as error:
            self.is_spent = True
            self.kept.append(error)
        yield 1


# Never freed: a client may have its address as long as there is one.
_levels: list[_Level] = []
_main_thread = threading.main_thread().ident


def _forked() -> None:
    global _main_thread
    _main_thread = threading.main_thread().ident


os.register_at_fork(after_in_child=_forked)


def _handlers_run_here() -> bool:
    """Whether this is the main thread of the main interpreter, whatever else is patched."""
    return bool(pythonapi._PyOS_IsMainThread())


if isinstance(get_ident, BuiltinFunctionType) and hasattr(pythonapi, "_PyOS_IsMainThread"):

    def is_main_thread() -> bool:
        """Whether signal handlers run on this thread; it is quick to say so."""
        return get_ident() == _main_thread

else:
    # gevent and eventlet give each of their tasks an identity.
    is_main_thread = _handlers_run_here


def _level() -> _Level:
    for level in _levels:
        if not level.verdicts.gi_running and not level.is_spent:
            return level
    level = _Level()
    _levels.append(level)
    return level


class Interrupts:
    """Runs signal handlers while calls of one client wait on the main thread."""

    def __init__(self, library: Library) -> None:
        self._free = library.free
        self._set = library.function("trillet_client_set_interrupt")
        self._level: _Level | None = None
        self.is_here = is_main_thread

    def answer(
        self,
        use: Use,
        operation: str,
        function: Any,
        read: Callable[[bytes, str], Any],
        arguments: tuple[Any, ...],
    ) -> Any:
        """What ``read`` makes of the answer of a function; it ends the use of the client."""
        owned: list[Any] = []
        text: bytes | None = None
        level = outer = self._level
        try:
            try:
                if outer is None or outer.verdicts.gi_running or outer.is_spent:
                    self.listen(arguments[0])
                level = self._level
                # One call into C, within which no handler runs: what it returns is not lost.
                owned.extend(starmap(function, (arguments,)))
                text = owned[0].value
                self._free(owned.pop())
                if level is not None and level.kept:
                    stop = level.kept[-1]
                elif text is None:
                    raise InternalError("the library answered nothing", sent="maybe")
                else:
                    return read(text, operation)
            finally:
                self._restore(arguments[0], outer)
                use.release()
        except TrilletError:
            raise
        except BaseException as error:
            # Of a handler that ran after the wait, instead of what was kept during it.
            if level is not None:
                level.kept.clear()
            explain(error, owned[0].value if owned else text, operation)
            raise
        assert level is not None
        level.kept.clear()
        explain(stop, text, operation)
        raise stop

    def stop_during(
        self, client: int, work: Callable[[Any], object], argument: object
    ) -> BaseException | None:
        """What a handler raised during a function that waits in the library once."""
        level = outer = self._level
        try:
            self.listen(client)
            level = self._level
            work(argument)
            return level.kept[-1] if level is not None and level.kept else None
        finally:
            if level is not None:
                level.kept.clear()
            self._restore(client, outer)

    def listen(self, client: int) -> None:
        """Has the library ask during the calls of this thread, where handlers can run."""
        level = self._level
        if level is None or level.verdicts.gi_running or level.is_spent:
            if not _handlers_run_here():
                return
            self._level = level = _level()
            self._set(client, level.address, None)

    def _restore(self, client: int, outer: _Level | None) -> None:
        """Ends a call that a handler made, for the call that waits for the handler."""
        if outer is not self._level and outer is not None and outer.verdicts.gi_running:
            self._level = outer
            self._set(client, outer.address, None)


def explain(error: BaseException, text: bytes | None, operation: str) -> TrilletError:
    """Puts what became of the call at the end of the error's causes."""
    outcome = _outcome(text, operation)
    last, seen = error, {id(error)}
    while (cause := last.__cause__) is not None and not isinstance(cause, TrilletError):
        if id(cause) in seen:
            return outcome
        seen.add(id(cause))
        last = cause
    last.__cause__ = outcome
    return outcome


def _outcome(text: bytes | None, operation: str) -> TrilletError:
    if text is None:
        meta = {"operation": operation, "attempts": 0}
        return RequestCancelledError("interrupted before it was sent", sent="no", meta=meta)
    try:
        answer = read(text)
    except TrilletError as error:
        return error
    if not answer["ok"]:
        return from_answer(answer)
    return RequestCancelledError(
        "the call succeeded, but a signal handler raised before its answer, which is in `body`, "
        "could be returned",
        status=answer["status"],
        sent="yes",
        body=answer["data"],
        meta=answer["meta"],
    )
