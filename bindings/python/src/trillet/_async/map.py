"""Many calls at once, in an event loop."""

from __future__ import annotations

import asyncio

from .._native.fetched import AT_ONCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType
    from typing import Protocol

    from .._core.window import Result
    from .event_loop import LoopDesk, LoopWindow

    class Opener(Protocol):
        """A client that hands in requests in the loop that is running."""

        def _open_desk(self, operation: str) -> LoopDesk: ...


class AsyncResults:
    """The results of `AsyncTrillet.map`, one for each request. For one task at a time.

    An outside exception, such as the cancellation of the task, ends a loop over the results but not
    the results: another loop over the same object continues where the first one stopped.
    """

    _desk: LoopDesk | None = None

    def __init__(self, client: Opener, window: LoopWindow) -> None:
        self._client = client
        self._window = window
        # Until this object goes.
        self._hold = object()

    def cancel(self) -> None:
        """Cancels the calls in flight and takes no further requests.

        Every request already taken still gets a result; its `Result.sent` says whether the service
        may have acted.
        """
        self._window.stop()
        if self._desk is not None:
            self._desk.cancel(self._window)

    async def aclose(self) -> None:
        """Cancels the calls in flight without reporting their outcomes."""
        self._leave()

    def __aiter__(self) -> AsyncIterator[Result]:
        return self

    async def __anext__(self) -> Result:
        window, desk = self._window, self._desk or self._open_desk()
        if window.given % AT_ONCE == AT_ONCE - 1:
            # Results that are there already must not keep other tasks waiting.
            await asyncio.sleep(0)
        flying, arrived = window.flying, window.arrived
        while True:
            if len(flying) + len(arrived) <= window.low:
                window.fill(desk)
            given = window.given
            result = window.next()
            if result is not None and window.given == given:
                # No call stands between here and the caller's loop.
                del window.held[window.place]
                window.given = given + 1
                return result
            if window.is_left:
                raise StopAsyncIteration
            if flying:
                await desk.receive(window)
            elif window.is_over:
                break
        desk.forget(window)
        failure = window.failure
        window.failure = None
        if failure is not None:
            raise failure
        raise StopAsyncIteration

    async def __aenter__(self) -> AsyncResults:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        desk = self._desk
        if desk is None:
            return
        try:
            if not desk.native.is_closed and desk.native.belongs_here:
                self._leave()
        finally:
            desk.native.let_go(self._hold)

    def _leave(self) -> None:
        self._window.leave()
        if self._desk is not None:
            self._desk.leave(self._window)

    def _open_desk(self) -> LoopDesk:
        desk = self._client._open_desk(self._window.operation)
        desk.join(self._window, self._hold)
        self._desk = desk
        return desk
