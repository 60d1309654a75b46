"""The pages of a list, and what is on them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from .._core.pager import Seen, on_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from .._core.pager import Pager

Page = TypeVar("Page")
Item = TypeVar("Item")


class Pages(Generic[Page]):
    """The pages of a list, fetched on demand.

    A `retryable` error does not end the iteration: the next ``next()`` asks for the same page
    again. If the list changes meanwhile so that an item may have been skipped, `ResponseError` is
    raised.
    """

    def __init__(self, pager: Pager) -> None:
        self._pager = pager

    def close(self) -> None:
        """Ends the iteration early, and cancels a page being fetched ahead."""
        self._pager.free()

    def __iter__(self) -> Iterator[Page]:
        return self

    def __next__(self) -> Page:
        page: Page | None = self._pager.next()
        if page is None:
            raise StopIteration
        # No call stands between here and the caller.
        del self._pager.fetched[0]
        return page

    def __enter__(self) -> Pages[Page]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Items(Generic[Item]):
    """The items on the pages of a list, one by one, with the errors of `Pages`."""

    def __init__(self, pager: Pager, name: str, is_moving: bool = False) -> None:
        self._pager = pager
        self._name = name
        self._seen = Seen() if is_moving else None
        self._items: deque[Item] = deque()

    def close(self) -> None:
        """Ends the iteration early, and cancels a page being fetched ahead."""
        self._items.clear()
        self._pager.free()

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        while not self._items:
            page = self._pager.next()
            if page is None:
                raise StopIteration
            found: list[Item] = on_page(page, self._name)
            items: deque[Item] = deque(self._seen.fresh(found) if self._seen else found)
            # No call stands between these two, and none between the last two.
            self._items = items
            del self._pager.fetched[0]
            if self._seen:
                self._seen.add(found)
        item = self._items[0]
        del self._items[0]
        return item

    def __enter__(self) -> Items[Item]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
