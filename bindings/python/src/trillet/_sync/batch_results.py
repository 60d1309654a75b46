# Generated from _async/batch_results.py by Tools/python/blocking_twins.py. Do not edit.
"""Batches that are followed: to the end, and call by call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

from .._core.progress_bar import bar_of, close_bar
from .._core.written_calls import WrittenCalls
from .._model.frames import frame_of
from .following import Following

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import TracebackType

    from .. import types
    from .._core.base import Client
    from .._model.batch_types import ResultsEnd
    from .._model.options import RequestOptions

Progress = Union["Callable[[Any], object]", bool, None]


def followed(
    client: Client,
    operation: str,
    fields: dict[str, object],
    progress: Progress,
    options: RequestOptions | None,
) -> Any:
    """What the library answers in the end."""
    following = Following(client, operation, fields, options)
    reader = bar_of(progress)
    try:
        while (report := following.next()) is not None:
            following.answer(following.told(reader, report))
        return following.data
    except BaseException:
        following.leave()
        raise
    finally:
        close_bar(reader)


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
        client: Client,
        fields: dict[str, object],
        progress: Progress,
        options: RequestOptions | None,
    ) -> None:
        client._options(options, "batch_calls.results")
        client._open_handle("batch_calls.results")
        self._batch_id = fields["batchId"]
        self._calls = self._run(client, fields, progress, options)

    def to_dataframe(self, library: str | None = None) -> Any:
        """The calls that have not been read yet, as a data frame of pandas or polars.

            frame = client.batch_calls.results(batch_id, wait=True).to_dataframe()

        It has the columns of a CSV file of results. Phone numbers stay text, times are Unix
        milliseconds.

        Args:
            library: "pandas" or "polars". Default: the first of them that is installed.

        Raises:
            ImportError: It is not installed.
            TrilletError: As for `BatchCalls.results`.
        """
        calls = []
        for call in self:
            calls.append(call)
        return frame_of(calls, library)

    def __repr__(self) -> str:
        state = "in progress" if self.end is None else f"{self.end['inFile']} calls"
        return f"<trillet BatchResults of {self._batch_id}, {state}>"

    def close(self) -> None:
        """Ends the iteration early."""
        self._calls.close()

    def __iter__(self) -> Iterator[types.BatchCall]:
        return self._calls

    def __next__(self) -> types.BatchCall:
        return self._calls.__next__()

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
        client: Client,
        fields: dict[str, object],
        progress: Progress,
        options: RequestOptions | None,
    ) -> Generator[types.BatchCall, None, None]:
        file = WrittenCalls()
        following: Following | None = None
        reader = bar_of(progress)
        try:
            fields = {**fields, "file": file.path}
            following = Following(client, "batch_calls.results", fields, options)
            while (report := following.next()) is not None:
                for call in file.read():
                    yield call
                following.answer(following.told(reader, report))
            for call in file.read():
                yield call
            self.end = following.data
        except BaseException:
            if following is not None:
                following.leave()
            raise
        finally:
            close_bar(reader)
            file.remove()
