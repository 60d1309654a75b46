"""Requests on the library's thread, and their answers in an event loop.

The library's completion descriptor is readable while answers wait, so the loop watches it: there
is no thread here, and the library calls nothing of Python's.
"""

from __future__ import annotations

import asyncio
from threading import get_ident

from ._answers import answers
from ._errors import InternalError, TrilletError
from ._handle import closed_error
from ._window import Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._answers import Answer
    from ._handle import Handle
    from ._window import Request

# How many answers are fetched before the loop may do something else.
AT_ONCE = 64


class LoopWindow(Window):
    """A window whose answers a task awaits."""

    waiter: asyncio.Future[None] | None = None

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class LoopDesk:
    """Hands the requests of one client to the library, and its answers to whom they are for.

    The event loop holds the desk while it watches the descriptor. The desk does not hold the
    client, so that one that nobody uses is collected.
    """

    def __init__(self, handle: Handle, loop: asyncio.AbstractEventLoop, operation: str) -> None:
        library = handle.library
        self.loop = loop
        self.thread = get_ident()
        self._handle = handle
        self._client = handle.acquire_thread(operation)
        self._submit = library.function("trillet_submit")
        self._cancel = library.function("trillet_cancel")
        self._next = library.function("trillet_next_many")
        self._taken = library.taken
        self._owners: dict[int, asyncio.Future[Answer] | tuple[LoopWindow, int, Request]] = {}
        # Made when closing begins; whether all requests ended by themselves, when it has ended.
        self._closed: asyncio.Future[bool] | None = None
        self._idle: asyncio.Future[None] | None = None
        self._descriptor: int = library.call("trillet_completion_fd", self._client)
        try:
            if self._descriptor < 0:
                raise handle.refusal(operation)
            loop.add_reader(self._descriptor, self._fetch)
        except BaseException:
            handle.release()
            raise

    async def call(self, operation: str, name: bytes, text: bytes, options: bytes | None) -> Answer:
        """The answer to a request; it is cancelled with the task that waits for it."""
        identifier: int = 0
        if self._closed is None:
            identifier = self._submit(self._client, name, text, options, None, None)
        if not identifier:
            raise self.refusal(operation)
        future: asyncio.Future[Answer] = self.loop.create_future()
        self._owners[identifier] = future
        try:
            return await future
        except BaseException:
            if identifier in self._owners:
                self._cancel(self._client, identifier)
            raise

    # MARK: Windows

    def submit(self, window: Window, index: int, request: Request, text: bytes) -> int:
        """The identifier of the request; 0 when the library does not take it."""
        assert isinstance(window, LoopWindow)
        if self._closed is not None:
            return 0
        identifier: int = self._submit(
            self._client, window.operation_text, text, window.options_text, None, None
        )
        if identifier:
            self._owners[identifier] = (window, index, request)
        return identifier

    def refusal(self, operation: str) -> TrilletError:
        if self._closed is not None:
            return closed_error(operation)
        return self._handle.refusal(operation)

    async def receive(self, window: LoopWindow) -> None:
        """Waits for an answer of the window."""
        window.waiter = self.loop.create_future()
        await window.waiter

    def cancel(self, window: LoopWindow) -> None:
        """Asks the window's requests to end."""
        for identifier, owner in self._owners.items():
            if isinstance(owner, tuple) and owner[0] is window:
                self._cancel(self._client, identifier)

    # MARK: Answers

    def _fetch(self) -> None:
        owned = self._next(self._client, 0, AT_ONCE)
        try:
            fetched = answers(self._taken(owned)) if owned else []
        except TrilletError as error:
            # This is the copy of a loop in a forked process.
            self.loop.remove_reader(self._descriptor)
            self._fail(error)
            return
        for answer in fetched:
            owner = self._owners.pop(answer["id"], None)
            if isinstance(owner, tuple):
                window, index, request = owner
                window.arrived.append((index, request, answer))
                window.wake()
            elif owner is not None and not owner.done():
                owner.set_result(answer)
        if self._idle is not None and not self._owners and not self._idle.done():
            self._idle.set_result(None)

    def _fail(self, error: TrilletError) -> None:
        for owner in self._owners.values():
            if isinstance(owner, tuple):
                window, index, request = owner
                window.arrived.append((index, request, None))
                window.wake()
            elif not owner.done():
                owner.set_exception(error)
        self._owners.clear()

    # MARK: The end

    async def close(self, timeout_ms: int) -> bool:
        """Whether every request ended by itself; the client is closed afterwards."""
        if self._closed is not None:
            return await asyncio.shield(self._closed)
        self._closed = self.loop.create_future()
        try:
            if self._owners and timeout_ms:
                self._idle = self.loop.create_future()
                await asyncio.wait({self._idle}, timeout=_seconds(timeout_ms))
        finally:
            ended = not self._owners
            self._end()
            self._closed.set_result(ended)
        return ended

    def close_at_once(self) -> bool:
        """The same where the loop has ended, and nobody waits any more."""
        ended = not self._owners
        self._owners.clear()
        if self._closed is None:
            self._closed = self.loop.create_future()
            self._end()
        return ended

    def abandon(self) -> None:
        """Cancels what is under way and frees the client, from whatever thread."""
        self._owners.clear()
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

    def _end(self) -> None:
        self._handle.close(0)
        while self._owners:
            before = len(self._owners)
            self._fetch()
            if len(self._owners) == before:
                break
        self._fail(InternalError("the answer was lost when the client closed", sent="maybe"))
        self._leave()

    def _leave(self) -> None:
        if not self.loop.is_closed():
            self.loop.remove_reader(self._descriptor)
        self._handle.release()
        self._handle.abandon()


def _seconds(milliseconds: int) -> float | None:
    return None if milliseconds < 0 else milliseconds / 1000
