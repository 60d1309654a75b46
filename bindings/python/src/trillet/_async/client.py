"""The client for asyncio."""

from __future__ import annotations

import warnings
from threading import get_ident

from .._core.base import checked_connections, checked_timeout
from .._json.answers import data_of, response_of
from .batches import AsyncBatchCalls
from .calls import AsyncCalls
from .event_loop import LoopDesk
from .groups import AsyncGroups
from .own_thread import started
from .running_loop import running_loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping
    from types import TracebackType
    from typing import Any

    from .._model.options import RequestOptions
    from .._model.response import Response
    from .map import AsyncResults


class AsyncTrillet(AsyncGroups):
    """A client of the Trillet API for `asyncio`: the methods of `Trillet` as coroutines.

        async with trillet.AsyncTrillet() as client:
            call = await client.calls.send(agent_id, "+12025550164")

    A client belongs to the event loop of its first use; make another one for another loop. The loop
    itself sends and receives, without any thread, however many requests are in flight: calls,
    `map`, lists, batches, `drain` and `aclose` need none. A thread exists only while `warm` waits.

    While a coroutine keeps the loop from running, nothing is sent or repeated. Answers that came in
    the meantime count, even if ``timeout_ms`` is over by then.

    Cancelling a task cancels its request. A cancelled task cannot know whether the service has
    acted by then. If that matters, let the request end, or use `map` and `AsyncResults.cancel`.

    Close it with ``async with`` or `aclose`. If an open client is garbage collected, it warns with
    a `ResourceWarning` and cancels its requests.

    Arguments, exceptions and pickling are those of `Trillet`.
    """

    _desk: LoopDesk | None = None
    # The event loop sends and receives: no thread stands between.
    _engine = "caller"
    _modules = ("_async.batch_results", "_async.map", "_async.pages", "_model.options")

    @property
    def calls(self) -> AsyncCalls:
        """Calls: each rings a real phone. It is recorded unless the flow says otherwise, and
        usually lasts at most one hour.
        """
        return AsyncCalls(self)

    @property
    def batch_calls(self) -> AsyncBatchCalls:
        """Batch calls: from a file of contacts to the result of each call."""
        return AsyncBatchCalls(self)

    async def call(
        self,
        operation: str,
        request: Mapping[str, object] | str | bytes | None = None,
        *,
        options: RequestOptions | None = None,
    ) -> Response:
        """Calls any operation, as `Trillet.call` does.

        Args:
            operation: An operation's name (``"agents.get"``), or a method and a path
                (``"GET /v2/api/call-history"``).
            request: The request's fields by their API names, or JSON text, which is sent unchanged.
            options: Options that override the client's for this request.

        Returns:
            The answer: its data, HTTP status and meta information.

        Raises:
            TrilletError: The call failed; see its subclasses.
            RuntimeError: The client belongs to another event loop.
        """
        name = self._plain_text("operation", operation, "client.call")
        text = self._whole_request(request, operation)
        desk = self._open_desk(operation)
        given = self._options(options, operation)
        response: Response = await desk.call(operation, name, text, given, response_of)
        return response

    def map(
        self,
        operation: str,
        requests: Iterable[Mapping[str, object] | str | bytes],
        *,
        max_in_flight: int | None = None,
        ordered: bool = True,
        options: RequestOptions | None = None,
    ) -> AsyncResults:
        """Makes many calls of one operation at once, as `Trillet.map` does, for ``async for``.

            async for result in client.map("calls.send", requests, ordered=False):
                ...

        After ``break``, Python cancels the remaining calls when it finalizes the loop; with ``async
        with client.map(…) as results`` it does so at once. After a cancellation of the task,
        another loop over the same object continues; call `AsyncResults.cancel` first to send
        nothing more.
        """
        from .event_loop import LoopWindow
        from .map import AsyncResults

        window = LoopWindow(self, operation, requests, max_in_flight, ordered, options)
        return AsyncResults(self, window)

    async def aclose(self, timeout_ms: int = 5000) -> bool:
        """Closes the client; closing it again does nothing.

        Args:
            timeout_ms: How long running calls may take to end, in milliseconds; the others are
                cancelled. A negative number waits for all.

        Returns:
            Whether every running call ended by itself.
        """
        timeout = checked_timeout(timeout_ms, "aclose")
        if self._handle is None:
            return True
        if self._desk is None:
            return self._handle.close(0)
        if self._desk.loop.is_closed():
            return self._desk.close_at_once()
        return await self._open_desk("client.aclose").close(timeout)

    async def drain(self, timeout_ms: int = 5000) -> bool:
        """Starts nothing more, and lets requests on the wire end, as `Trillet.drain` does.

        If its task is cancelled, requests on the wire go on to their own end.
        """
        timeout = checked_timeout(timeout_ms, "drain")
        if self._handle is None:
            return True
        if self._desk is None or self._desk.loop.is_closed():
            return self._handle.drain(0)
        return await self._open_desk("client.drain").drain(timeout)

    async def warm(self, connections: int = 1, timeout_ms: int = -1) -> dict[str, Any]:
        """Opens connections before the first call, as `Trillet.warm` does.

        A thread waits for them, while this loop goes on.
        """
        count = checked_connections(connections)
        timeout = checked_timeout(timeout_ms, "warm")
        handle = self._open_handle("client.warm")

        def read(text: bytes, _operation: str) -> Any:
            return data_of(self._encoding.read(text))

        opened: dict[str, Any] = await started(lambda: handle.warm(read, count, timeout))
        return opened

    async def __aenter__(self) -> AsyncTrillet:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if self._handle is None or self.closed or not self._handle.belongs_here:
            return
        warnings.warn(
            f"{self!r} was not closed: use 'async with', or await its aclose()",
            ResourceWarning,
            source=self,
            stacklevel=2,
        )
        if self._desk is not None:
            self._desk.abandon()

    def _endpoint(
        self,
        operation: str,
        fields: dict[str, object],
        extra_fields: Mapping[str, object] | None,
        options: RequestOptions | None,
    ) -> Coroutine[Any, Any, Any]:
        """Calls an operation; the coroutine gives the data of its answer."""
        text = self._request(operation, fields, extra_fields)
        desk = self._open_desk(operation)
        given = self._options(options, operation) if options else None
        return desk.call(operation, operation.encode(), text, given, data_of)

    def _open_desk(self, operation: str) -> LoopDesk:
        desk = self._desk
        # Asking asyncio for the running loop costs a system call.
        if desk is not None and desk.thread == get_ident() and desk.loop.is_running():
            return desk
        loop = running_loop(operation)
        if desk is None:
            desk = LoopDesk(self._open_handle(operation), loop, operation)
            self._desk = desk
        elif desk.loop is not loop:
            if not self._open_handle(operation).belongs_here:
                raise desk.refusal(operation)
            raise RuntimeError(
                f"{operation}: this client belongs to another event loop, the one it was used in "
                "first; make a client for each loop"
            )
        return desk
