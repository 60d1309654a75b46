"""The functions for lists and whole batches, as C has them: JSON in, JSON out."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from doors import Answer, Client
from trillet._native.library import load

_PROGRESS_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_char_p)

# Is told how a batch stands; True ends the wait.
Progress = Callable[[Answer], Any]


def _text(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return json.dumps(value).encode()


class Pager:
    def __init__(self, client: ListClient, pointer: Any) -> None:
        self._client = client
        self._pointer = pointer

    def next(self) -> Answer | None:
        text = self._client.library.call("trillet_pager_next", self._pointer)
        if not text:
            return None
        answer: Answer = json.loads(self._client.library.taken(text))
        return answer

    def pages(self) -> list[Answer]:
        """The rest of the pages, an error among them."""
        pages = []
        while (page := self.next()) is not None:
            pages.append(page)
            assert len(pages) < 1000, "the pager does not end"
        return pages

    def free(self) -> None:
        self._client.library.call("trillet_pager_free", self._pointer)


class ListClient(Client):
    """A ``trillet_client`` with the functions for lists."""

    library = load()

    def __enter__(self) -> ListClient:
        return self

    @contextmanager
    def pager(self, operation: str, request: object = None, **options: object) -> Iterator[Pager]:
        pointer = self.library.call(
            "trillet_pager_new",
            self._pointer,
            operation.encode(),
            _text(request),
            _text(options or None),
        )
        assert pointer
        pager = Pager(self, pointer)
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

        callback = _PROGRESS_FUNCTION(tell) if progress is not None else None
        pointer = None if callback is None else ctypes.cast(callback, ctypes.c_void_p)
        text = self.library.text(
            function, self._pointer, _text(request), _text(options or None), pointer, None
        )
        if failures:
            raise failures[0]
        answer: Answer = json.loads(text)
        return answer


def items(pages: list[Answer], name: str) -> list[Any]:
    """Everything on the pages, which must all be good."""
    found: list[Any] = []
    for page in pages:
        assert page["ok"], page
        data = page["data"]
        found += data if isinstance(data, list) else data[name]
    return found
