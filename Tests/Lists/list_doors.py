"""The functions for lists and whole batches, as C has them: JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import native
from doors import Client
from native import PROGRESS_FUNCTION, Answer, text

# Is told how a batch stands; True ends the wait.
Progress = Callable[[Answer], Any]


class Pager:
    def __init__(self, pointer: Any) -> None:
        self._pointer = pointer

    def next(self) -> Answer | None:
        owned = native.call("trillet_pager_next", self._pointer)
        return native.taken(owned) if owned else None

    def pages(self) -> list[Answer]:
        """The rest of the pages, an error among them."""
        pages = []
        while (page := self.next()) is not None:
            pages.append(page)
            assert len(pages) < 1000, "the pager does not end"
        return pages

    def free(self) -> None:
        native.call("trillet_pager_free", self._pointer)


class ListClient(Client):
    """A ``trillet_client`` with the functions for lists."""

    def __enter__(self) -> ListClient:
        return self

    @contextmanager
    def pager(self, operation: str, request: object = None, **options: object) -> Iterator[Pager]:
        pointer = native.call(
            "trillet_pager_new",
            self._pointer,
            operation.encode(),
            text(request),
            text(options or None),
        )
        assert pointer
        pager = Pager(pointer)
        try:
            yield pager
        finally:
            pager.free()

    def pages(self, operation: str, request: object = None, **options: object) -> list[Answer]:
        with self.pager(operation, request, **options) as pager:
            return pager.pages()

    def wait(self, request: object, progress: Progress | None = None, **options: object) -> Answer:
        return self._follow("trillet_batch_calls_wait", request, progress, options)

    def results(
        self, request: object, progress: Progress | None = None, **options: object
    ) -> Answer:
        return self._follow("trillet_batch_calls_results", request, progress, options)

    def wait_for_calls(
        self, request: object, progress: Progress | None = None, **options: object
    ) -> Answer:
        return self._follow("trillet_calls_wait", request, progress, options)

    def find_call(self, request: object, **options: object) -> Answer:
        arguments = text(request), text(options or None)
        return native.answer("trillet_calls_find", self._pointer, *arguments)

    def _follow(
        self,
        function: str,
        request: object,
        progress: Progress | None,
        options: dict[str, object],
    ) -> Answer:
        failures: list[BaseException] = []

        def tell(_: object, report: bytes) -> int:
            try:
                assert progress is not None
                return 1 if progress(json.loads(report)) else 0
            except BaseException as error:  # none may pass through C
                failures.append(error)
                return 1

        callback = PROGRESS_FUNCTION(tell) if progress is not None else None
        pointer = None if callback is None else native.address(callback)
        arguments = text(request), text(options or None), pointer, None
        answer = native.answer(function, self._pointer, *arguments)
        if failures:
            raise failures[0]
        return answer


def items(pages: list[Answer], name: str) -> list[Any]:
    """Everything on the pages, which must all be good."""
    found: list[Any] = []
    for page in pages:
        assert page["ok"], page
        data = page["data"]
        found += data if isinstance(data, list) else data[name]
    return found
