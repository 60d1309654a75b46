"""Batch calls as coroutines, followed to their end."""

from __future__ import annotations

from .._core.overload import overload
from .._native.imports import ready
from . import lists as _operations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Coroutine
    from typing import Any

    from .._model.batch_types import BatchEnd, BatchProgressUpdate, ResultsEnd, ResultsUpdate
    from .._model.options import RequestOptions
    from .batch_results import AsyncBatchResults


class AsyncBatchCalls(_operations.AsyncBatchCalls):
    __doc__ = _operations.AsyncBatchCalls.__doc__

    async def wait(
        self,
        batch_id: str,
        *,
        progress: Callable[[BatchProgressUpdate], object] | bool | None = None,
        deadline_ms: int | None = None,
        min_interval_ms: int | None = None,
        max_interval_ms: int | None = None,
        scheduled_at: str | None = None,
        stuck_ms: int | None = None,
        stop_when_stuck: bool | None = None,
        options: RequestOptions | None = None,
    ) -> BatchEnd:
        """Follows a batch until it has ended.

            end = await client.batch_calls.wait(batch_id, progress=print)
            print(end["completed"], "of", end["total"])

        It polls at the pace of the batch, within the limits of the client, and survives temporary
        faults. Cancelling the task ends it at any time.

        Args:
            batch_id: The batch's id.
            progress: Called in the event loop after each poll, with a dictionary of the state and
                the counts; it may be a coroutine function. Returning true ends the wait. An
                exception also ends it, and is raised here. True shows a bar on standard error, with
                `rich` or `tqdm` where one is installed.
            deadline_ms: The longest the wait may take, in milliseconds. Default: no limit.
            min_interval_ms: The shortest time between two polls, in milliseconds (1000).
            max_interval_ms: The longest time between two polls, in milliseconds (30000).
            scheduled_at: When the batch starts, as passed to `start`: until then it does not count
                as stuck.
            stuck_ms: How long nothing may change before the state is "stuck", in milliseconds
                (600000).
            stop_when_stuck: Whether that ends the wait. Default false.
            options: Options that override the client's for each poll.

        Returns:
            The last state; `endedBy` is "batch", "progress" or "stuck".

        Raises:
            RequestTimeoutError: The deadline has passed; `body` is the last state.
            RequestCancelledError: The client was closed.
            NotFoundError: The batch does not exist, or is not yours.
            TrilletError: Any other failure; every error is one.
        """
        ready("_async.batch_results")
        from .batch_results import followed

        fields: dict[str, object] = {
            "batchId": batch_id,
            "deadlineMs": deadline_ms,
            "minIntervalMs": min_interval_ms,
            "maxIntervalMs": max_interval_ms,
            "scheduledAt": scheduled_at,
            "stuckMs": stuck_ms,
            "stopWhenStuck": stop_when_stuck,
        }
        end: BatchEnd = await followed(self._client, "batch_calls.wait", fields, progress, options)
        return end

    @overload
    def results(
        self,
        batch_id: str,
        file: None = None,
        *,
        status: str | None = None,
        details: bool | None = None,
        wait: bool | None = None,
        progress: Callable[[ResultsUpdate], object] | bool | None = None,
        deadline_ms: int | None = None,
        min_interval_ms: int | None = None,
        max_interval_ms: int | None = None,
        scheduled_at: str | None = None,
        stuck_ms: int | None = None,
        stop_when_stuck: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncBatchResults: ...

    @overload
    def results(
        self,
        batch_id: str,
        file: str | bytes | os.PathLike[str] | os.PathLike[bytes],
        *,
        format: str | None = None,
        status: str | None = None,
        wait: bool | None = None,
        resume: bool | None = None,
        progress: Callable[[ResultsUpdate], object] | bool | None = None,
        deadline_ms: int | None = None,
        min_interval_ms: int | None = None,
        max_interval_ms: int | None = None,
        scheduled_at: str | None = None,
        stuck_ms: int | None = None,
        stop_when_stuck: bool | None = None,
        options: RequestOptions | None = None,
    ) -> Coroutine[Any, Any, ResultsEnd]: ...

    def results(
        self,
        batch_id: str,
        file: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
        *,
        format: str | None = None,
        status: str | None = None,
        details: bool | None = None,
        wait: bool | None = None,
        resume: bool | None = None,
        progress: Callable[[Any], object] | bool | None = None,
        deadline_ms: int | None = None,
        min_interval_ms: int | None = None,
        max_interval_ms: int | None = None,
        scheduled_at: str | None = None,
        stuck_ms: int | None = None,
        stop_when_stuck: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncBatchResults | Coroutine[Any, Any, ResultsEnd]:
        """Writes the outcome of each call of a batch to a file, or returns them one by one.

            await client.batch_calls.results(batch_id, "results.csv", wait=True)

            async for call in client.batch_calls.results(batch_id, status="failed"):
                print(call["phone_number"], call.get("error"))

        Each call appears once, when its outcome is final: it has completed or failed, or the batch
        has ended without dialling it.

        Args:
            batch_id: The batch's id.
            file: The path to write to. Default: return the calls one by one.
            format: "csv" or "jsonl". Default: by the ending of `file`.
            status: Only "completed", "failed" or "waiting" (never dialled) calls. Default "all".
            details: Give each call ``details`` from the history, such as the call's id, outcome,
                transcript, cost and recording (`CallDetails`), or None where there is no record
                that fits, or not yet. Not for a file; the calls come when the last one is there.
            wait: Follow the batch to its end. Default false: only what is final now.
            resume: Continue a file that an earlier run left: add only missing calls. Default false:
                an existing file is an error.
            progress: As for `wait`, after each page, with the count `written`.
            deadline_ms: As for `wait`.
            min_interval_ms: The shortest time between two polls, in milliseconds (1000).
            max_interval_ms: The longest time between two polls, in milliseconds (30000).
            scheduled_at: When the batch starts.
            stuck_ms: How long nothing may change before the batch is "stuck", in milliseconds
                (600000).
            stop_when_stuck: Whether that ends the wait. Default false.
            options: Options that override the client's for each request.

        Returns:
            With a file, a summary; its `isComplete` says whether the file has every requested call.
            Without a file, an iterator of calls; after the last call, its `end` is the summary.

        Raises:
            InvalidArgumentError: The file cannot be written, exists, or is not of this batch.
            TrilletError: As for `wait`. The file keeps what was written, for `resume`.
        """
        ready("_async.batch_results")
        from .batch_results import AsyncBatchResults, followed

        fields: dict[str, object] = {
            "batchId": batch_id,
            "file": file,
            "format": format,
            "status": status,
            "wait": wait,
            "resume": resume,
            "deadlineMs": deadline_ms,
            "minIntervalMs": min_interval_ms,
            "maxIntervalMs": max_interval_ms,
            "scheduledAt": scheduled_at,
            "stuckMs": stuck_ms,
            "stopWhenStuck": stop_when_stuck,
        }
        if file is None:
            if format is not None or resume is not None:
                raise TypeError("results: format and resume are for a file; give the file")
            return AsyncBatchResults(self._client, fields, progress, options, details is True)
        if details:
            raise TypeError("results: details are for calls one by one; leave out the file")
        end: Coroutine[Any, Any, ResultsEnd] = followed(
            self._client, "batch_calls.results", fields, progress, options
        )
        return end
