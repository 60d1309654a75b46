# Generated from _async/batch_results.py by Tools/python/blocking_twins.py. Do not edit.
"""Batches that are followed: to the end, and call by call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

from .._core.progress_bar import bar_of, close_bar
from .._core.written_calls import WrittenCalls
from .._model.call_details import RecordedCalls
from .._model.frames import frame_of
from .following import Following
from .lists import Calls

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import TracebackType

    from .._core.base import Client
    from .._model.batch_types import ResultsEnd
    from .._model.detailed_call import DetailedCall
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
        has_details: bool,
    ) -> None:
        client._options(options, "batch_calls.results")
        client._open_handle("batch_calls.results")
        self._batch_id = fields["batchId"]
        self._has_details = has_details
        calls = self._run(client, fields, progress, options)
        self._calls = self._detailed(client, calls, options) if has_details else calls

    def to_dataframe(self, library: str | None = None) -> Any:
        """The calls that have not been read yet, as a data frame of pandas or polars.

            frame = client.batch_calls.results(batch_id, wait=True).to_dataframe()

        It has the columns of a CSV file of results. Phone numbers stay text, times are Unix
        milliseconds. With ``details`` it also has ``call_id``, ``outcome``, ``transcript``,
        ``summary``, ``cost``, ``recording`` and ``call_history_id``.

        Args:
            library: "pandas" or "polars". Default: the first of them that is installed.

        Raises:
            ImportError: It is not installed.
            TrilletError: As for `BatchCalls.results`.
        """
        calls = []
        for call in self:
            calls.append(call)
        return frame_of(calls, library, self._has_details)

    def __repr__(self) -> str:
        state = "in progress" if self.end is None else f"{self.end['inFile']} calls"
        return f"<trillet BatchResults of {self._batch_id}, {state}>"

    def _repr_html_(self) -> str:
        from .._model.notebook import of_value

        end = self.end
        return of_value({} if end is None else {**end, **end["batch"]}, repr(self)[1:-1])

    def close(self) -> None:
        """Ends the iteration early."""
        self._calls.close()

    def __iter__(self) -> Iterator[DetailedCall]:
        return self._calls

    def __next__(self) -> DetailedCall:
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

    def _detailed(
        self,
        client: Client,
        calls: Generator[DetailedCall, None, None],
        options: RequestOptions | None,
    ) -> Generator[DetailedCall, None, None]:
        """The calls with what the history knows of them, which is asked once they have ended."""
        try:
            ended = []
            for call in calls:
                ended.append(call)
        finally:
            calls.close()
        records = RecordedCalls()
        batch = str(self._batch_id)
        history = Calls(client).list_all_history(batch_id=batch, limit=100, options=options)
        for record in history:
            records.add(record)
        for call in ended:
            yield records.joined(call)

    def _run(
        self,
        client: Client,
        fields: dict[str, object],
        progress: Progress,
        options: RequestOptions | None,
    ) -> Generator[DetailedCall, None, None]:
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
