"""Batches that are followed: to the end, and call by call."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import IO, TYPE_CHECKING, Any, Union

from ._encoding import read
from ._following import Following

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import TracebackType

    from . import types
    from ._batch_types import ResultsEnd
    from ._client import Trillet
    from ._options import RequestOptions

Progress = Union["Callable[[Any], object]", None]


def followed(
    client: Trillet,
    operation: str,
    fields: dict[str, object],
    progress: Progress,
    options: RequestOptions | None,
) -> Any:
    """What the library answers in the end."""
    following = Following(client, operation, fields, client._options(options, operation))
    try:
        while (report := following.next()) is not None:
            following.answer(progress is not None and bool(progress(report)))
        return following.data
    except BaseException:
        following.leave()
        raise


class BatchResults:
    """The calls of a batch whose outcome is final, from `BatchCalls.results`.

    The library writes them to a temporary file, with the same rules as for a file of yours: none is
    missed and none appears twice. This iterator reads them from there.

    Attributes:
        end: The summary that `results` with a file returns; None before the last call.
    """

    end: ResultsEnd | None = None

    def __init__(
        self,
        client: Trillet,
        fields: dict[str, object],
        progress: Progress,
        options: RequestOptions | None,
    ) -> None:
        text = client._options(options, "batch_calls.results")
        client._open_handle("batch_calls.results")
        self._calls = self._run(client, fields, progress, text)

    def close(self) -> None:
        """Ends the iteration early."""
        self._calls.close()

    def __iter__(self) -> Iterator[types.BatchCall]:
        return self._calls

    def __next__(self) -> types.BatchCall:
        return next(self._calls)

    def __enter__(self) -> BatchResults:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(
        self,
        client: Trillet,
        fields: dict[str, object],
        progress: Progress,
        options: bytes | None,
    ) -> Generator[types.BatchCall, None, None]:
        file = WrittenCalls()
        following: Following | None = None
        try:
            fields = {**fields, "file": file.path}
            following = Following(client, "batch_calls.results", fields, options)
            while (report := following.next()) is not None:
                yield from file.read()
                following.answer(progress is not None and bool(progress(report)))
            yield from file.read()
            self.end = following.data
        except BaseException:
            if following is not None:
                following.leave()
            raise
        finally:
            file.remove()


class WrittenCalls:
    """A temporary file of results, which is read while the library writes it."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="trillet-")
        self.path = os.path.join(self._folder, "results.jsonl")
        self._file: IO[bytes] | None = None

    def read(self) -> Iterator[types.BatchCall]:
        """The calls that have been written since the last time."""
        if self._file is None:
            try:
                self._file = open(self.path, "rb")  # noqa: SIM115
            except FileNotFoundError:
                return
        for line in self._file:
            call: types.BatchCall = read(line)
            yield call

    def remove(self) -> None:
        if self._file is not None:
            self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)
