"""The pages of a list as the library gives them."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from itertools import repeat

from .._model.errors import InternalError, TrilletError
from .._native.interrupts import explain
from .base import without_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from .._model.options import RequestOptions
    from .._native.native import Native
    from .base import Client


class Pager:
    """Owns one ``trillet_pager`` and frees it once."""

    _native: Native | None = None

    def __init__(self, client: Client, operation: str, request: bytes, options: bytes | None):
        self.operation = operation
        self._response = client._response
        # The library asks for one page at a time.
        self._lock = threading.RLock()
        # The page that was fetched, until whoever asked for it has taken it out: a signal handler
        # that raises in between does not lose it (see `_fetched`).
        self.fetched: deque[bytes | None] = deque()
        handle = client._open_handle(operation)
        library = handle.library
        self._hold = object()
        address = handle.hold(self._hold, operation)
        self._native = handle.native
        self._next = library.function("trillet_pager_next")
        self._submit = library.function("trillet_pager_submit")
        self._stop = library.function("trillet_pager_stop")
        self._copies = library.copies
        # The pointer, while there is one. It is taken out and freed in one step.
        self._pointer: list[int] = []
        self._client = address
        free = library.function("trillet_pager_free")
        self._freed: Iterator[None] = map(free, map(list.pop, repeat(self._pointer)))
        new = library.function("trillet_pager_new")
        arguments = [address, operation.encode(), request, options]
        self._pointer.extend(filter(None, map(new, *zip(arguments))))
        if not self._pointer:
            raise InternalError("there is no memory for a pager", sent="no")

    @classmethod
    def over(
        cls,
        client: Client,
        operation: str,
        fields: Mapping[str, object],
        options: RequestOptions | None,
    ) -> Pager:
        request = client._request(operation, without_none(fields), None)
        return cls(client, operation, request, client._options(options, operation))

    def next(self) -> Any:
        """The next page, the same until it is taken out of ``fetched``; None after the last one."""
        with self._lock:
            if not self.fetched:
                self._fetch()
            text = self.fetched[0] if self.fetched else None
            if text is None:
                self.free()
                return None
            try:
                return self._response(text, self.operation).data
            except TrilletError:
                self.fetched.clear()
                raise

    def _fetch(self) -> None:
        try:
            self._ask()
        finally:
            # What ends the client meanwhile has it write its log.
            if self._native is not None and self._pointer:
                self._native.show_log()

    def _ask(self) -> None:
        # The pointer is looked at inside: a signal handler may free the pager until then.
        page = self._copies(map(self._next, self._pointer))
        native = self._native
        if native is None or not native.interrupts().is_here():
            self.fetched.extend(page)
            return
        stop = native.interrupts().stop_during(self._client, self.fetched.extend, page)
        if stop is not None:
            text = self.fetched[0] if self.fetched else None
            if explain(stop, text, self.operation).sent != "yes":
                # It was interrupted, and is asked for again.
                self.fetched.clear()
            raise stop

    def submit(self) -> int:
        """Has the event loop fetch the next page; its identifier, 0 where that cannot be."""
        identifier: int = self._submit(self._pointer[0], None, None) if self._pointer else 0
        return identifier

    def stop(self) -> None:
        """Makes the next page the end."""
        if self._pointer:
            self._stop(self._pointer[0])

    @property
    def is_free(self) -> bool:
        return not self._pointer

    def free(self) -> None:
        with self._lock:
            self.fetched.clear()
            self._free()

    def _free(self) -> None:
        native = self._native
        if native is None:
            return
        if self._pointer and native.belongs_here:
            for _ in self._freed:
                break
        native.let_go(self._hold)

    def __del__(self) -> None:
        if self._native is None:
            return
        if self._native.log.is_running_here:
            # The garbage collector has come by in a callback; a page ahead is cancelled there.
            threading.Thread(target=self._free).start()
        else:
            # Nobody else has this object, so the lock is free or of this thread.
            self._free()


def on_page(page: Any, name: str) -> list[Any]:
    """What is on a page: a bare list on published routes, or under another name, as was seen."""
    if isinstance(page, dict) and not isinstance(page.get(name), list):
        return next(value for value in page.values() if isinstance(value, list))
    items: list[Any] = page if isinstance(page, list) else page[name]
    return items


class Seen:
    """The items of a list that moves on while somebody walks over it."""

    # As many may be added to the list between two pages before an item comes twice.
    _MOST = 10_000

    def __init__(self) -> None:
        self._ids: OrderedDict[object, None] = OrderedDict()

    def fresh(self, items: list[Any]) -> list[Any]:
        """Those that were on no earlier page."""
        return [item for item in items if _id(item) not in self._ids]

    def add(self, items: Iterable[Any]) -> None:
        for item in items:
            identifier = _id(item)
            if identifier is not None:
                self._ids[identifier] = None
        while len(self._ids) > self._MOST:
            self._ids.popitem(last=False)


def _id(item: Any) -> str | None:
    identifier = item.get("_id") if isinstance(item, dict) else None
    return identifier if isinstance(identifier, str) else None
