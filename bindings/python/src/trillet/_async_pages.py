"""The pages of a list, and what is on them, for `asyncio`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ._own_thread import started
from ._pages import on_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from ._pages import Pager

Page = TypeVar("Page")
Item = TypeVar("Item")


class _Source:
    """The pages as the pager fetches them, on a thread: its rules are not written twice."""

    def __init__(self, pager: Pager) -> None:
        self._pager = pager
        self._coming: asyncio.Future[Any] | None = None

    async def next(self) -> Any:
        if self._coming is None:
            self._coming = started(self._pager.next)
        coming = self._coming
        try:
            # The page that a cancelled task waited for is there for the next one.
            return await asyncio.shield(coming)
        finally:
            if coming.done():
                self._coming = None

    async def close(self) -> None:
        # Freeing waits for a page that is under way: on the thread, not here.
        await asyncio.shield(started(self._pager.free))


class AsyncPages(Generic[Page]):
    """The pages of a list, as `Pages` has them, for ``async for``."""

    def __init__(self, pager: Pager) -> None:
        self._source = _Source(pager)

    async def aclose(self) -> None:
        """Ends early, and cancels a page that is being fetched ahead."""
        await self._source.close()

    def __aiter__(self) -> AsyncIterator[Page]:
        return self

    async def __anext__(self) -> Page:
        page = await self._source.next()
        if page is None:
            raise StopAsyncIteration
        return cast("Page", page)

    async def __aenter__(self) -> AsyncPages[Page]:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncItems(Generic[Item]):
    """Everything on the pages of a list, one by one, for ``async for``."""

    def __init__(self, pager: Pager, name: str) -> None:
        self._source = _Source(pager)
        self._name = name
        self._items: deque[Item] = deque()

    async def aclose(self) -> None:
        """Ends early, and cancels a page that is being fetched ahead."""
        self._items.clear()
        await self._source.close()

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        while not self._items:
            page = await self._source.next()
            if page is None:
                raise StopAsyncIteration
            self._items.extend(on_page(page, self._name))
        return self._items.popleft()

    async def __aenter__(self) -> AsyncItems[Item]:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
