"""Many calls at once, in an event loop."""

from __future__ import annotations

import asyncio

from ._event_loop import AT_ONCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from types import TracebackType

    from ._async_client import AsyncTrillet
    from ._event_loop import LoopWindow
    from ._window import Result


class AsyncResults:
    """The results of `AsyncTrillet.map`, one for each request. For one task at a time."""

    def __init__(self, client: AsyncTrillet, window: LoopWindow) -> None:
        self._client = client
        self._window = window
        self._results = self._run()

    def cancel(self) -> None:
        """Cancels the calls under way and takes no further requests.

        The results of the requests that were taken still come; `Result.sent` tells of each
        whether the service can have acted.
        """
        self._window.stop()
        self._client._open_desk(self._window.operation).cancel(self._window)

    async def aclose(self) -> None:
        """Cancels the calls under way without telling what became of them."""
        await self._results.aclose()

    def __aiter__(self) -> AsyncIterator[Result]:
        return self._results

    async def __anext__(self) -> Result:
        return await self._results.__anext__()

    async def __aenter__(self) -> AsyncResults:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _run(self) -> AsyncGenerator[Result, None]:
        window = self._window
        desk = self._client._open_desk(window.operation)
        given = 0
        try:
            while True:
                window.fill(desk)
                result = window.take()
                if result is not None:
                    yield result
                    given += 1
                    if given % AT_ONCE == 0:
                        # Results that are there already must not keep other tasks waiting.
                        await asyncio.sleep(0)
                elif window.under_way:
                    await desk.receive(window)
                else:
                    break
        finally:
            desk.cancel(window)
        if window.failure is not None:
            raise window.failure
