"""Batch calls as coroutines, followed to their end."""

from __future__ import annotations

from . import _async_resources as _operations
from ._overload import overload

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Coroutine
    from typing import Any

    from . import types
    from ._async_batch_results import AsyncBatchResults
    from ._async_pages import AsyncItems, AsyncPages
    from ._batch_types import BatchEnd, BatchProgressUpdate, ResultsEnd, ResultsUpdate
    from ._options import RequestOptions


class AsyncBatchCalls(_operations.AsyncBatchCalls):
    __doc__ = _operations.AsyncBatchCalls.__doc__

    def call_pages(
        self,
        batch_id: str,
        *,
        page: int | None = None,
        limit: int | None = None,
        status: str | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPages[types.BatchCallPage]:
        """The pages of `list_calls`, one after the other.

        The calls of a batch that is running change their places in a list by status: such a list
        may end with a `ResponseError`. `results` misses and repeats none.

        Args:
            batch_id: The batch's id.
            page: The first page, from 1. Default 1.
            limit: How many calls a page has; more than 100 is cut to 100. Default 20.
            status: Only calls in this state: `waiting`, `active`, `completed`, `failed`, or `all`.
                Default `all`.
            prefetch: Fetch the next page while this one is worked on. Default false.
            options: What these requests do differently from the client.

        Returns:
            An iterator of pages.
        """
        from ._async_pages import AsyncPages

        fields = {
            "batchId": batch_id,
            "page": page,
            "limit": limit,
            "status": status,
            "prefetch": prefetch,
        }
        return AsyncPages(self._pager("batch_calls.list_calls", fields, options))

    def list_all_calls(
        self,
        batch_id: str,
        *,
        limit: int | None = None,
        status: str | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncItems[types.BatchCall]:
        """Every call of a batch, fetched page by page.

        Args: those of `call_pages`.

        Returns:
            An iterator of calls.
        """
        from ._async_pages import AsyncItems

        fields = {"batchId": batch_id, "limit": limit, "status": status, "prefetch": prefetch}
        return AsyncItems(self._pager("batch_calls.list_calls", fields, options), "calls")

    async def wait(
        self,
        batch_id: str,
        *,
        progress: Callable[[BatchProgressUpdate], object] | None = None,
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

        How often it looks follows the pace of the batch and the limits of the client. Faults that
        pass are ridden out. Cancelling the task ends it at any time.

        Args:
            batch_id: The batch's id.
            progress: Is called in the event loop after each look, with a dictionary of the state
                and the counts; it may be a coroutine function. A result that is true ends the wait;
                what it raises ends the wait, too, and is raised here.
            deadline_ms: How long it may take, in milliseconds. Without it, as long as it takes.
            min_interval_ms: The least time between two looks (1000).
            max_interval_ms: The longest (30000).
            scheduled_at: When the batch is to start, as `start` was told: until then it is not
                taken for being stuck.
            stuck_ms: How long nothing may move before the state is "stuck" (600000).
            stop_when_stuck: Whether that ends the wait. Default false.
            options: What each look does differently from the client.

        Returns:
            The last state; `endedBy` is "batch", "progress" or "stuck".

        Raises:
            RequestTimeoutError: The deadline; `body` is the last state.
            RequestCancelledError: The client was closed.
            NotFoundError: There is no such batch, or it is not yours.
            TrilletError: Whatever else went wrong; every error is one.
        """
        from ._async_batch_results import followed

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
        wait: bool | None = None,
        progress: Callable[[ResultsUpdate], object] | None = None,
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
        progress: Callable[[ResultsUpdate], object] | None = None,
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
        wait: bool | None = None,
        resume: bool | None = None,
        progress: Callable[[Any], object] | None = None,
        deadline_ms: int | None = None,
        min_interval_ms: int | None = None,
        max_interval_ms: int | None = None,
        scheduled_at: str | None = None,
        stuck_ms: int | None = None,
        stop_when_stuck: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncBatchResults | Coroutine[Any, Any, ResultsEnd]:
        """What became of each call of a batch: written to a file, or one by one.

            await client.batch_calls.results(batch_id, "results.csv", wait=True)

            async for call in client.batch_calls.results(batch_id, status="failed"):
                print(call["phone_number"], call.get("error"))

        A call comes once, when its outcome is final: it has completed or failed, or the batch has
        ended without dialling it.

        Args:
            batch_id: The batch's id.
            file: Where to write. Without it the calls are given one by one.
            format: "csv" or "jsonl". Default by the ending of `file`.
            status: Only "completed", "failed" or "waiting" calls, the last being those that were
                never dialled. Default "all".
            wait: Follow the batch to its end. Default false: what is final now.
            resume: Go on with a file that an earlier run left; only calls that are not in it are
                added. Without it an existing file is an error.
            progress: As for `wait`, after each page, with what has been `written`.
            deadline_ms: As for `wait`, and so are the following.
            min_interval_ms: The least time between two looks (1000).
            max_interval_ms: The longest (30000).
            scheduled_at: When the batch is to start.
            stuck_ms: How long nothing may move before the batch is "stuck" (600000).
            stop_when_stuck: Whether that ends the wait. Default false.
            options: What each request does differently from the client.

        Returns:
            With a file, what was written to it; `isComplete` tells whether it has every call that
            was asked for. Without, an iterator of calls, whose `end` tells the same in the end.

        Raises:
            InvalidArgumentError: The file cannot be written, exists, or is not of this batch.
            TrilletError: As for `wait`. What has been written stays, for `resume`.
        """
        from ._async_batch_results import AsyncBatchResults, followed

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
            return AsyncBatchResults(self._client, fields, progress, options)
        end: Coroutine[Any, Any, ResultsEnd] = followed(
            self._client, "batch_calls.results", fields, progress, options
        )
        return end
