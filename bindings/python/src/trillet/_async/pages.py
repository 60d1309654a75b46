"""The pages of a list, and what is on them, for `asyncio`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._core.pager import on_page
from .own_thread import started

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from .._core.pager import Pager

Page = TypeVar("Page")
Item = TypeVar("Item")


class _Source:
    """The pages as the pager fetches them, on a thread: its rules are not written twice."""

    def __init__(self, pager: Pager) -> None:
        self._pager = pager
        # The page that is being fetched, until whoever asked for it has taken it out: one that a
        # cancelled task waited for is there for the next.
        self.coming: asyncio.Future[Any] | None = None

    async def next(self) -> Any:
        """The next page, the same until ``coming`` is None; None after the last one."""
        coming = self.coming
        if coming is None:
            self.coming = coming = started(self._fetch)
        try:
            return await asyncio.shield(coming)
        except BaseException:
            if coming.done():
                self.coming = None
            raise

    async def close(self) -> None:
        # Freeing waits for a page that is under way: on the thread, not here.
        await asyncio.shield(started(self._pager.free))

    def _fetch(self) -> Any:
        page = self._pager.next()
        if page is not None:
            self._pager.fetched.clear()
        return page


class AsyncPages(Generic[Page]):
    """The pages of a list, like `Pages`, for ``async for``."""

    def __init__(self, pager: Pager) -> None:
        self._source = _Source(pager)

    async def aclose(self) -> None:
        """Ends the iteration early, and cancels a page being fetched ahead."""
        await self._source.close()

    def __aiter__(self) -> AsyncIterator[Page]:
        return self

    async def __anext__(self) -> Page:
        page: Page | None = await self._source.next()
        self._source.coming = None
        if page is None:
            raise StopAsyncIteration
        return page

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
    """The items on the pages of a list, one by one, for ``async for``."""

    def __init__(self, pager: Pager, name: str) -> None:
        self._source = _Source(pager)
        self._name = name
        self._items: deque[Item] = deque()

    async def aclose(self) -> None:
        """Ends the iteration early, and cancels a page being fetched ahead."""
        self._items.clear()
        await self._source.close()

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        while not self._items:
            page = await self._source.next()
            if page is None:
                self._source.coming = None
                raise StopAsyncIteration
            items: deque[Item] = deque(on_page(page, self._name))
            self._items = items
            self._source.coming = None
        item = self._items[0]
        del self._items[0]
        return item

    async def __aenter__(self) -> AsyncItems[Item]:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
