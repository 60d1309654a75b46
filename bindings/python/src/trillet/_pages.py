"""The pages of a list, and what is on them."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ._errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from ._base import Client

Page = TypeVar("Page")
Item = TypeVar("Item")


class Pager:
    """Owns one ``trillet_pager`` and frees it once."""

    _pointer: int | None = None

    def __init__(self, client: Client, operation: str, request: bytes, options: bytes | None):
        self._operation = operation
        self._response = client._response
        self._handle = client._open_handle(operation)
        # The library asks for one page at a time.
        self._lock = threading.RLock()
        address = self._handle.acquire_thread(operation)
        try:
            library = self._handle.library
            self._pointer = library.call(
                "trillet_pager_new", address, operation.encode(), request, options
            )
            if not self._pointer:
                raise InternalError("there is no memory for a pager", sent="no")
        except BaseException:
            self._handle.release()
            raise

    def next(self) -> Any:
        """The next page; None after the last one."""
        with self._lock:
            if self._pointer is None:
                return None
            library = self._handle.library
            owned = library.call("trillet_pager_next", self._pointer)
            if not owned:
                self.free()
                return None
            text = library.taken(owned)
        return self._response(text, self._operation).data

    def free(self) -> None:
        with self._lock:
            pointer, self._pointer = self._pointer, None
            if pointer is not None and self._handle.belongs_here:
                try:
                    self._handle.library.call("trillet_pager_free", pointer)
                finally:
                    self._handle.release()

    def __del__(self) -> None:
        if self._pointer is None:
            return
        if self._handle.is_on_log_thread:
            # The garbage collector has come by in a callback; a page ahead is cancelled there.
            threading.Thread(target=self.free).start()
        else:
            self.free()


class Pages(Generic[Page]):
    """The pages of a list, fetched as they are asked for.

    An error that passes (`TrilletError.retryable`) does not end them: the next ``next()`` asks
    for the same page again. A list that changes on the way so that something may have been passed
    over, is a `ResponseError`.
    """

    def __init__(self, pager: Pager) -> None:
        self._pager = pager

    def close(self) -> None:
        """Ends early, and cancels a page that is being fetched ahead."""
        self._pager.free()

    def __iter__(self) -> Iterator[Page]:
        return self

    def __next__(self) -> Page:
        page = self._pager.next()
        if page is None:
            raise StopIteration
        return cast("Page", page)

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
    """Everything on the pages of a list, one by one; the errors are those of `Pages`."""

    def __init__(self, pager: Pager, name: str) -> None:
        self._pager = pager
        self._name = name
        self._items: deque[Item] = deque()

    def close(self) -> None:
        """Ends early, and cancels a page that is being fetched ahead."""
        self._items.clear()
        self._pager.free()

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        while not self._items:
            page = self._pager.next()
            if page is None:
                raise StopIteration
            self._items.extend(on_page(page, self._name))
        return self._items.popleft()

    def __enter__(self) -> Items[Item]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def on_page(page: Any, name: str) -> list[Any]:
    """What is on a page, which on published routes is a bare list."""
    items: list[Any] = page if isinstance(page, list) else page[name]
    return items
