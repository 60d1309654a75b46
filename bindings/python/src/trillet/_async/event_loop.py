"""Requests of one client, and their answers in an event loop.

The library's completion descriptor is readable while there is something to do, so the loop watches
it: there is no thread here, and the library calls nothing of Python's.
"""

from __future__ import annotations

import asyncio
from threading import get_ident
from weakref import ref

from .._core.window import Window
from .._model.errors import InternalError, TrilletError
from .._native.fetched import Fetched
from .._native.native import closed_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .._core.pager import Pager
    from .._json.answers import Answer
    from .._native.handle import Handle


class LoopWindow(Window):
    """A window whose answers a task awaits."""

    waiter: asyncio.Future[None] | None = None

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class LoopDesk:
    """Hands the requests of one client to the library, and its answers to whom they are for.

    The event loop holds the desk while it watches the descriptor. The desk does not hold the
    client object, so that one that nobody uses is collected.
    """

    _is_left = True

    def __init__(self, handle: Handle, loop: asyncio.AbstractEventLoop, operation: str) -> None:
        library = handle.library
        assert handle.native is not None
        self.loop = loop
        self.thread = get_ident()
        self.native = handle.native
        self._handle = handle
        self._submit = library.function("trillet_submit")
        self._cancel = library.function("trillet_cancel")
        self._hold = object()
        self._is_left = False
        self._client = handle.hold(self._hold, operation)
        self._fetched = Fetched(handle.native, self._client)
        # Who waits, by the identifiers of the requests.
        self._calls: dict[int, asyncio.Future[Answer]] = {}
        # Batches that somebody waits for.
        self._followed: set[Pager] = set()
        # Not held: the requests of a window may know the client, and the loop holds this object.
        self._windows: dict[ref[LoopWindow], None] = {}
        # Made when closing begins; whether all requests ended by themselves, when it has ended.
        self._closed: asyncio.Future[bool] | None = None
        self._idle: asyncio.Future[None] | None = None
        self._descriptor: int = library.call("trillet_completion_fd", self._client)
        if self._descriptor < 0:
            raise handle.refusal(operation)
        loop.add_reader(self._descriptor, self._fetch)

    async def call(
        self,
        operation: str,
        name: bytes,
        text: bytes,
        options: bytes | None,
        read: Callable[[Answer], Any],
    ) -> Any:
        """What ``read`` makes of the answer; the request is cancelled with the task that waits."""
        if self._closed is not None:
            raise self.refusal(operation)
        future: asyncio.Future[Answer] = self.loop.create_future()
        identifier: int = 0
        try:
            identifier = self._submit(self._client, name, text, options, None, None)
            if not identifier:
                raise self.refusal(operation)
            self._calls[identifier] = future
            answer = await future
        except BaseException:
            if identifier in self._calls:
                self._cancel(self._client, identifier)
            raise
        return read(answer)

    def page(self, pager: Pager) -> asyncio.Future[Answer]:
        """The next page, which is on its way whether somebody waits for it or not."""
        if self._closed is not None:
            raise self.refusal(pager.operation)
        future: asyncio.Future[Answer] = self.loop.create_future()
        identifier = pager.submit()
        if not identifier:
            raise self.refusal(pager.operation)
        self._calls[identifier] = future
        return future

    async def report(self, pager: Pager) -> Answer:
        """What is told next of a batch, which is not followed any further without this task."""
        future = self.page(pager)
        self._followed.add(pager)
        try:
            return await future
        finally:
            self._followed.discard(pager)

    def catch_up(self) -> None:
        """Does what is ready, before the loop comes to it."""
        if self._closed is None and not self._is_left:
            self._fetch()

    # MARK: Windows

    def join(self, window: LoopWindow, holder: object) -> None:
        """Takes up a window, for one that holds the client as long as it is used."""
        if not self._is_left:
            self.native.holders.add(holder)
        window.hand_in_by(self._submit if self._closed is None else _takes_none, self._client)
        windows = self._windows
        windows[ref(window, lambda gone: windows.pop(gone, None))] = None

    def forget(self, window: LoopWindow) -> None:
        """Drops a window that has all of its answers."""
        self._windows.pop(ref(window), None)

    def refusal(self, operation: str) -> TrilletError:
        if self._closed is not None:
            return closed_error(operation)
        return self.native.refusal(operation)

    async def receive(self, window: LoopWindow) -> None:
        """Waits for an answer of the window."""
        self._sort()
        if not window.arrived:
            window.waiter = self.loop.create_future()
            await window.waiter

    def cancel(self, window: LoopWindow) -> None:
        """Asks the window's requests to end."""
        for identifier in list(window.flying):
            self._cancel(self._client, identifier)

    def leave(self, window: LoopWindow) -> None:
        """Cancels the window's requests; their answers are dropped when they come."""
        self.cancel(window)
        if not window.flying:
            self.forget(window)

    def _open_windows(self) -> list[LoopWindow]:
        return [window for each in list(self._windows) if (window := each()) is not None]

    # MARK: Answers

    def _fetch(self) -> None:
        try:
            self._fetched.fetch(0)
            self._sort()
        except TrilletError as error:
            # This is the copy of a loop in a forked process.
            self.loop.remove_reader(self._descriptor)
            self._fail(error)
        except BaseException:
            # What was fetched makes the descriptor readable no more.
            self.loop.call_soon(self._sort)
            raise

    def _sort(self) -> None:
        """Hands each fetched answer to the one who waits for it."""
        self._fetched.sort()
        unclaimed, calls = self._fetched.unclaimed, self._calls
        for identifier in list(unclaimed):
            future = calls.get(identifier)
            if future is not None:
                if not future.done():
                    future.set_result(unclaimed[identifier])
                del calls[identifier], unclaimed[identifier]
        if unclaimed:
            self._share(unclaimed)
        if self._idle is not None and not self._idle.done() and not self._is_busy:
            self._idle.set_result(None)

    def _share(self, unclaimed: dict[int, Answer]) -> None:
        """Lets the windows take what is theirs."""
        for window in self._open_windows():
            if window.claim(unclaimed):
                window.wake()
            if window.is_left:
                window.arrived.clear()
                if not window.flying:
                    self.forget(window)
        # Here every request is entered before its answer is fetched. What is left is of a call that
        # was interrupted while it was handed in, or of a window that is gone: nobody waits for it.
        unclaimed.clear()

    @property
    def _is_busy(self) -> bool:
        return bool(self._calls) or any(window.flying for window in self._open_windows())

    def _fail(self, error: TrilletError) -> None:
        for future in self._calls.values():
            if not future.done():
                future.set_exception(error)
        self._calls.clear()
        for window in self._open_windows():
            window.lose()
            window.wake()

    # MARK: The end

    async def close(self, timeout_ms: int) -> bool:
        """Whether every request ended by itself; the client is closed afterwards."""
        if self._closed is not None:
            return await asyncio.shield(self._closed)
        self._closed = self.loop.create_future()
        for window in self._open_windows():
            window.hand_in_by(_takes_none, self._client)
        for pager in self._followed:
            pager.free()
        try:
            await self._become_idle(timeout_ms)
        finally:
            ended = not self._is_busy
            self._end()
            self._closed.set_result(ended)
        return ended

    async def drain(self, timeout_ms: int) -> bool:
        """Whether what was being sent ended in time; the client takes no call afterwards."""
        self._handle.begin_drain()
        await self._become_idle(timeout_ms)
        return self._handle.drain(0)

    async def _become_idle(self, timeout_ms: int) -> None:
        if not self._is_busy or not timeout_ms:
            return
        if self._idle is None or self._idle.done():
            self._idle = self.loop.create_future()
        await asyncio.wait({self._idle}, timeout=_seconds(timeout_ms))

    def close_at_once(self) -> bool:
        """The same where the loop has ended, and nobody waits any more."""
        ended = not self._is_busy
        self._calls.clear()
        if self._closed is None:
            self._closed = self.loop.create_future()
            self._end()
        return ended

    def abandon(self) -> None:
        """Cancels what is under way and frees the client, from whatever thread."""
        self._calls.clear()
        try:
            is_here = asyncio.get_running_loop() is self.loop
        except RuntimeError:
            is_here = False
        if not is_here and not self.loop.is_closed():
            # The descriptor must stay open until the loop has stopped watching it.
            try:
                self.loop.call_soon_threadsafe(self._leave)
                return
            except RuntimeError:
                pass  # It has closed in between.
        self._leave()

    def __del__(self) -> None:
        # A loop that watches the descriptor holds this object: it goes in the same moment, or has
        # closed.
        self._leave()

    def _end(self) -> None:
        try:
            self._handle.close(0)
            self._sort()
            while self._is_busy:
                self._fetched.fetch(0)
                if not self._fetched.texts:
                    break
                self._sort()
            self._fail(InternalError("the answer was lost when the client closed", sent="maybe"))
        finally:
            self._leave()

    def _leave(self) -> None:
        if self._is_left:
            return
        if not self.loop.is_closed():
            self.loop.remove_reader(self._descriptor)
        self._is_left = True
        self.native.let_go(self._hold)
        self._handle.abandon()


def _takes_none(*_: object) -> int:
    """What a client that is closing answers to a request."""
    return 0


def _seconds(milliseconds: int) -> float | None:
    return None if milliseconds < 0 else milliseconds / 1000
