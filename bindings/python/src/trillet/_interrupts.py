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
from itertools import repeat, starmap, tee
from operator import attrgetter, itemgetter
from types import BuiltinFunctionType

from ._encoding import read
from ._errors import InternalError, RequestCancelledError, TrilletError, from_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from ._handle import Handle
    from ._library import Library

_Check = CFUNCTYPE(c_int32, c_void_p)
_run_handlers = pythonapi.PyErr_CheckSignals
_value = attrgetter("value")
_first = itemgetter(0)


class _Level:
    """The library's question and what handlers raised meanwhile.

    A handler that makes a call is inside of a question, so its call needs another one.
    """

    def __init__(self) -> None:
        self.kept: list[BaseException] = []
        self._is_spent = False
        self._verdicts = self._run()
        next(self._verdicts)
        self._function = _Check(self._verdicts.send)
        self.address = cast(self._function, c_void_p).value

    @property
    def is_usable(self) -> bool:
        return not self._verdicts.gi_running and not self._is_spent

    def _run(self) -> Generator[int, object, None]:
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
            self._is_spent = True
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
        if level.is_usable:
            return level
    level = _Level()
    _levels.append(level)
    return level


class Interrupts:
    """Runs signal handlers while calls of one client wait on the main thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._set = library.function("trillet_client_set_interrupt")
        self._level: _Level | None = None
        self.is_here = is_main_thread

    def answer(
        self,
        handle: Handle,
        client: int,
        operation: str,
        call: Callable[[], Any],
        read: Callable[[bytes, str], Any],
    ) -> Any:
        """What ``read`` makes of the text that ``call`` returns, a use of the handle ended."""
        texts: list[bytes | None] = []
        outer = self._level
        try:
            try:
                level = self.listen(client)
                fetch(self._library, call, texts)
                stop = _taken(level)
                value = read(_text(texts), operation) if stop is None else None
            finally:
                if outer is not self._level and outer is not None:
                    self._level = outer
                    self._set(client, outer.address, None)
                handle.release()
            if stop is None:
                return value
        except TrilletError:
            raise
        except BaseException as error:
            # Of a handler that ran after the wait.
            explain(error, texts, operation)
            raise
        explain(stop, texts, operation)
        raise stop

    def check(self, texts: list[bytes | None], operation: str) -> None:
        """Raises what a handler raised while the library waited."""
        stop = _taken(self._level)
        if stop is not None:
            explain(stop, texts, operation)
            raise stop

    def listen(self, client: int) -> _Level | None:
        """Has the library ask during the calls of this thread; None where no handler can run."""
        level = self._level
        if level is None or not level.is_usable:
            if not _handlers_run_here():
                return None
            level = _level()
            self._level = level
            self._set(client, level.address, None)
        return level


def fetch(library: Library, call: Callable[[], Any], texts: list[bytes | None]) -> None:
    """Adds the text that a call returns. No signal handler runs between the call and that."""
    owned, again = tee(starmap(call, ((),)))
    texts.extend(map(_first, zip(map(_value, owned), map(library.free, again))))


def _taken(level: _Level | None) -> BaseException | None:
    """What handlers raised during a wait."""
    if level is None or not level.kept:
        return None
    stop = level.kept[-1]
    level.kept.clear()
    return stop


def _text(texts: list[bytes | None]) -> bytes:
    text = texts[0]
    if text is None:
        raise InternalError("the library answered nothing", sent="maybe")
    return text


def explain(error: BaseException, texts: list[bytes | None], operation: str) -> None:
    """Puts what became of the call at the end of the error's causes."""
    last, seen = error, {id(error)}
    while (cause := last.__cause__) is not None and not isinstance(cause, TrilletError):
        if id(cause) in seen:
            return
        seen.add(id(cause))
        last = cause
    last.__cause__ = _outcome(texts, operation)


def _outcome(texts: list[bytes | None], operation: str) -> TrilletError:
    if not texts or texts[0] is None:
        meta = {"operation": operation, "attempts": 0}
        return RequestCancelledError("interrupted before it was sent", sent="no", meta=meta)
    try:
        answer = read(texts[0])
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
