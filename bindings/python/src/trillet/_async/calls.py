"""Calls as coroutines, followed to their end."""

from __future__ import annotations

from .._core.call_fields import followed_call, sought_call
from .._core.overload import overload
from .._native.imports import ready
from . import lists as _operations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .._model.call_types import CallEnd, CallFound, CallProgressUpdate, CallsEnd
    from .._model.errors import TrilletError
    from .._model.options import RequestOptions


class AsyncCalls(_operations.AsyncCalls):
    __doc__ = _operations.AsyncCalls.__doc__

    @overload
    async def wait(
        self,
        call: Mapping[str, Any] | str,
        *,
        progress: Callable[[CallProgressUpdate], object] | bool | None = None,
        deadline_ms: int | None = None,
        min_interval_ms: int | None = None,
        max_interval_ms: int | None = None,
        lost_ms: int | None = None,
        settle_ms: int | None = None,
        window_ms: int | None = None,
        options: RequestOptions | None = None,
    ) -> CallEnd: ...

    @overload
    async def wait(
        self,
        call: list[Any] | tuple[Any, ...],
        *,
        progress: Callable[[CallProgressUpdate], object] | bool | None = None,
        deadline_ms: int | None = None,
        min_interval_ms: int | None = None,
        max_interval_ms: int | None = None,
        lost_ms: int | None = None,
        settle_ms: int | None = None,
        window_ms: int | None = None,
        options: RequestOptions | None = None,
    ) -> CallsEnd: ...

    async def wait(
        self,
        call: Mapping[str, Any] | str | list[Any] | tuple[Any, ...],
        *,
        progress: Callable[[Any], object] | bool | None = None,
        deadline_ms: int | None = None,
        min_interval_ms: int | None = None,
        max_interval_ms: int | None = None,
        lost_ms: int | None = None,
        settle_ms: int | None = None,
        window_ms: int | None = None,
        options: RequestOptions | None = None,
    ) -> CallEnd | CallsEnd:
        """Follows a call, or a list of calls, to the end.

            call = await client.calls.send(agent_id, "+12025550164")
            end = await client.calls.wait(call)
            print(end["outcome"], end["record"]["transcript"])

        It polls the call history within the limits of the client, many calls in one request, and
        survives temporary faults. Cancelling the task ends it at any time.

        Args:
            call: What `send` returned, a call's id, or a dictionary with `agentId`, `toNumber` and
                `time` for a call without an id; or a list of these.
            progress: Called in the event loop after each poll, with a dictionary of the state and
                its changes; it may be a coroutine function. Returning true ends the wait. An
                exception also ends it, and is raised here. True shows a bar on standard error, with
                `rich` or `tqdm` where one is installed.
            deadline_ms: The longest the wait may take, in milliseconds. Default: no limit.
            min_interval_ms: The shortest time between two polls, in milliseconds (1000).
            max_interval_ms: The longest time between two polls, in milliseconds (10000).
            lost_ms: How long a call may be missing from the history before it is "lost", in
                milliseconds (600000).
            settle_ms: How late a call may appear in the history, in milliseconds (30000).
            window_ms: How long after its time a call without an id may have begun, in milliseconds
                (120000).
            options: Options that override the client's for each poll.

        Returns:
            How the call ended, with its `record`; for a list, the number of calls in each state and
            `calls`, in the order given. A call that is "lost" or "ambiguous" was not found.

        Raises:
            RequestTimeoutError: The deadline has passed; `body` has the states so far.
            RequestCancelledError: The client was closed.
            TrilletError: Any other failure; every error is one.
        """
        ready("_async.batch_results")
        from .batch_results import followed

        fields: dict[str, object] = {
            **followed_call(call),
            "deadlineMs": deadline_ms,
            "minIntervalMs": min_interval_ms,
            "maxIntervalMs": max_interval_ms,
            "lostMs": lost_ms,
            "settleMs": settle_ms,
            "windowMs": window_ms,
        }
        end: CallEnd | CallsEnd = await followed(
            self._client, "calls.wait", fields, progress, options
        )
        return end

    async def find(
        self,
        call: TrilletError | Mapping[str, Any],
        *,
        settle_ms: int | None = None,
        deadline_ms: int | None = None,
        options: RequestOptions | None = None,
    ) -> CallFound:
        """Says whether the phone rang, after `send` raised an error whose `sent` is "maybe".

            except trillet.TrilletError as error:
                if error.sent == "maybe":
                    found = await client.calls.find(error)

        Call again only if `found` is "no": then the whole call history since the request was read,
        at least `settle_ms` after this began, and it has no such call.

        Args:
            call: The error, or a dictionary with `agentId`, `toNumber` and `since`.
            settle_ms: How late a call may appear in the history, in milliseconds (30000).
            deadline_ms: How long to try, in milliseconds (120000 more than `settle_ms`).
            options: Options that override the client's for each request.

        Returns:
            `found` is "yes", "no" or "unknown"; `record` is the call's, `reason` why it is unknown.

        Raises:
            RequestCancelledError: The client was closed.
            TrilletError: Any other failure; every error is one.
        """
        from .pages import AsyncPages

        fields = {**sought_call(call), "settleMs": settle_ms, "deadlineMs": deadline_ms}
        reports: AsyncPages[CallFound] = AsyncPages(self._pager("calls.find", fields, options))
        async with reports:
            async for report in reports:
                found = report
        return found
