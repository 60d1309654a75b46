"""The pages of a list, and what is on them, for `asyncio`."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._core.pager import Seen, on_page
from .._json.answers import data_of
from .._model.errors import TrilletError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from .._json.answers import Answer
    from .pager import AsyncPager

Page = TypeVar("Page")
Item = TypeVar("Item")


class _Source:
    """The pages as the library's pager gives them: its rules are not written twice."""

    def __init__(self, pager: AsyncPager) -> None:
        self._pager = pager
        # The page that is being fetched, until whoever asked for it has taken it out: one that a
        # cancelled task waited for is there for the next.
        self._coming: asyncio.Future[Answer] | None = None

    async def next(self) -> Any:
        """The next page, the same until it is `taken`; None after the last one."""
        if self._pager.is_free:
            return None
        coming = self._coming
        if coming is None:
            self._coming = coming = self._pager.desk().page(self._pager)
        try:
            page = data_of(await asyncio.shield(coming))
        except asyncio.CancelledError:
            raise
        except BaseException:
            self._coming = None
            raise
        if page is None:
            self.close()
        return page

    def taken(self) -> None:
        """Nobody asks for that page again."""
        self._coming = None
        if self._pager.prefetches and not self._pager.is_free:
            with suppress(TrilletError):  # It is told to whoever asks for the page.
                self._coming = self._pager.desk().page(self._pager)

    def close(self) -> None:
        self._coming = None
        self._pager.free()


class AsyncPages(Generic[Page]):
    """The pages of a list, like `Pages`, for ``async for``."""

    def __init__(self, pager: AsyncPager) -> None:
        self._source = _Source(pager)

    async def aclose(self) -> None:
        """Ends the iteration early, and cancels a page being fetched ahead."""
        self._source.close()

    def __aiter__(self) -> AsyncIterator[Page]:
        return self

    async def __anext__(self) -> Page:
        page: Page | None = await self._source.next()
        if page is None:
            raise StopAsyncIteration
        self._source.taken()
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

    def __init__(self, pager: AsyncPager, name: str, is_moving: bool = False) -> None:
        self._source = _Source(pager)
        self._name = name
        self._seen = Seen() if is_moving else None
        self._items: deque[Item] = deque()

    async def aclose(self) -> None:
        """Ends the iteration early, and cancels a page being fetched ahead."""
        self._items.clear()
        self._source.close()

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        while not self._items:
            page = await self._source.next()
            if page is None:
                raise StopAsyncIteration
            found: list[Item] = on_page(page, self._name)
            self._items = deque(self._seen.fresh(found) if self._seen else found)
            self._source.taken()
            if self._seen:
                self._seen.add(found)
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
