"""Functions of the library that follow a batch for as long as it takes.

They run on a thread of their own: the caller's stays free for Ctrl-C, or for its event loop. What
they report is handed over to the caller, and they go on when the caller has answered.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from contextlib import suppress
from ctypes import CFUNCTYPE, c_char_p, c_int32, c_void_p, cast
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Union

from ._base import without_none
from ._encoding import read
from ._errors import ForkedError
from ._exit import ended_before_exit
from ._running_loop import running_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._base import Client

_Function = CFUNCTYPE(c_int32, c_void_p, c_char_p)
# How soon it is noticed that the client has been closed, or that this is a forked process.
_SLICE_SECONDS = 0.25
# How long whoever leaves waits for files to be closed.
_PATIENCE_SECONDS = 0.25


class _Answer:
    """What the library answered in the end, or what could not be."""

    def __init__(self, text: bytes, error: BaseException | None) -> None:
        self.text = text
        self.error = error


Event = Union[dict[str, Any], _Answer]


class _Following:
    """One call of such a function, and the thread it runs on."""

    def __init__(
        self,
        client: Client,
        operation: str,
        fields: dict[str, object],
        options: bytes | None,
        deliver: Callable[[Event], object],
    ) -> None:
        request = client._request(operation, without_none(fields), None)
        self.operation = operation
        self._handle = client._open_handle(operation)
        self._deliver = deliver
        # Whether the caller wants no more, for each report.
        self._verdicts: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._is_left = False
        deadline = fields.get("deadlineMs")
        milliseconds = deadline if isinstance(deadline, (int, float)) and deadline > 0 else inf
        self._deadline = monotonic() + milliseconds / 1000
        address = self._handle.acquire(operation)
        name = "trillet_" + operation.replace(".", "_")
        arguments = (name, address, request, options)
        self.thread = threading.Thread(
            target=self._run, args=arguments, name="trillet-follow", daemon=True
        )
        ended_before_exit(self)
        try:
            self.thread.start()
        except BaseException:
            self._handle.release()
            raise

    @property
    def is_lost(self) -> bool:
        """Whether the thread stayed behind in the process that this one was forked from."""
        return not self._handle.belongs_here

    def answer(self, wants_no_more: bool) -> None:
        self._verdicts.put(wants_no_more)

    def leave(self) -> None:
        """Has the function end; what it still reports is for nobody."""
        self._is_left = True
        self._verdicts.put(True)

    def end(self) -> None:
        """The same for the end of the program, which waits for the thread."""
        if not self.is_lost:
            self.leave()
            self._handle.close(0)
            self.thread.join(5)

    def _run(self, function: str, *arguments: object) -> None:
        tell = _Function(self._tell)
        try:
            text = self._handle.library.text(function, *arguments, cast(tell, c_void_p), None)
            answer = _Answer(text, None)
        except BaseException as error:
            answer = _Answer(b"", error)
        finally:
            self._handle.release()
        with suppress(RuntimeError):  # The event loop has closed.
            self._deliver(answer)

    def _tell(self, _user_data: int | None, text: bytes) -> int:
        # Nothing may be raised through the library.
        try:
            return int(self._is_left or self._wants_no_more(read(text)))
        except BaseException:
            return 1

    def _wants_no_more(self, report: dict[str, Any]) -> bool:
        # The pause until the next look is made here, where it can be ended at any time.
        end = min(monotonic() + report["nextLookMs"] / 1000, self._deadline)
        self._deliver(report)
        wants_no_more = self._verdicts.get()
        while not wants_no_more and not self._handle.is_closing:
            rest = end - monotonic()
            if rest <= 0:
                break
            with suppress(queue.Empty):
                wants_no_more = self._verdicts.get(timeout=min(rest, _SLICE_SECONDS))
        return wants_no_more


class Following:
    """Follows a batch, for a thread that waits for its reports."""

    def __init__(
        self,
        client: Client,
        operation: str,
        fields: dict[str, object],
        options: bytes | None,
    ) -> None:
        self._response = client._response
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._followed = _Following(client, operation, fields, options, self._events.put)
        self.data: Any = None

    def next(self) -> dict[str, Any] | None:
        """The next report, to be answered; None at the end, when ``data`` is there."""
        while True:
            with suppress(queue.Empty):
                event = self._events.get(timeout=_SLICE_SECONDS * 4)
                break
            if self._followed.is_lost:
                raise _forked(self._followed.operation)
        if isinstance(event, _Answer):
            if event.error is not None:
                raise event.error
            self.data = self._response(event.text, self._followed.operation).data
            return None
        return event

    def answer(self, wants_no_more: bool) -> None:
        self._followed.answer(wants_no_more)

    def leave(self) -> None:
        self._followed.leave()
        if not self._followed.is_lost:
            self._followed.thread.join(_PATIENCE_SECONDS)


class AsyncFollowing:
    """Follows a batch, for a task that awaits its reports."""

    def __init__(
        self,
        client: Client,
        operation: str,
        fields: dict[str, object],
        options: bytes | None,
    ) -> None:
        self._response = client._response
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        loop = running_loop(operation)

        def deliver(event: Event) -> None:
            loop.call_soon_threadsafe(self._events.put_nowait, event)

        self._followed = _Following(client, operation, fields, options, deliver)
        self.data: Any = None

    async def next(self) -> dict[str, Any] | None:
        """The next report, to be answered; None at the end, when ``data`` is there."""
        event = await self._events.get()
        if isinstance(event, _Answer):
            if event.error is not None:
                raise event.error
            self.data = self._response(event.text, self._followed.operation).data
            return None
        return event

    def answer(self, wants_no_more: bool) -> None:
        self._followed.answer(wants_no_more)

    def leave(self) -> None:
        self._followed.leave()


def _forked(operation: str) -> ForkedError:
    meta = {"operation": operation, "attempts": 0}
    return ForkedError("the client was made before a fork", meta=meta)
