"""The client whose calls block."""

from __future__ import annotations

from .._core.base import checked_connections, checked_timeout
from .._native.imports import ready
from .._native.prototypes import ENDPOINTS
from .batches import BatchCalls
from .calls import Calls
from .groups import Groups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Any

    from .._model.options import RequestOptions
    from .._model.response import Response
    from .futures import Futures
    from .map import Results


class Trillet(Groups):
    """A client of the Trillet API.

    Any number of threads can share a client. It keeps its connections open between calls; make it
    once, and close it at the end, for example by ``with``. Calls block until the answer arrives;
    other Python threads run meanwhile. After a fork the child needs its own client: this one raises
    `ForkedError` there.

    Unpickling opens a new client with the same options and the key of the new process's
    environment. A client that was given an ``api_key`` cannot be pickled.

    With ``engine="caller"`` the library starts no thread. `map` and the futures of `submit` go on
    only while somebody waits for one of them; every other method works as it does without.

    ``Trillet.__init__`` describes the options, with their ranges and defaults.
    """

    _futures: Futures | None = None
    _modules = ("_sync.map", "_model.options", "_sync.pages")

    @property
    def calls(self) -> Calls:
        """Calls: each rings a real phone. It is recorded unless the flow says otherwise, and
        usually lasts at most one hour.
        """
        return Calls(self)

    @property
    def batch_calls(self) -> BatchCalls:
        """Batch calls: from a file of contacts to the result of each call."""
        return BatchCalls(self)

    def call(
        self,
        operation: str,
        request: Mapping[str, object] | str | bytes | None = None,
        *,
        options: RequestOptions | None = None,
    ) -> Response:
        """Calls any operation, including those without a method in this package.

        Args:
            operation: An operation's name (``"agents.get"``), or a method and a path
                (``"GET /v2/api/call-history"``).
            request: The request's fields by their API names, or JSON text, which is sent unchanged.
            options: Options that override the client's for this request.

        Returns:
            The answer: its data, HTTP status and meta information.

        Raises:
            TrilletError: The call failed; see its subclasses.
        """
        name = self._plain_text("operation", operation, "client.call")
        text = self._whole_request(request, operation)
        handle = self._open_handle(operation)
        given = self._options(options, operation)
        response: Response = handle.answer(
            operation, "trillet_call", self._response, name, text, given
        )
        return response

    def map(
        self,
        operation: str,
        requests: Iterable[Mapping[str, object] | str | bytes],
        *,
        max_in_flight: int | None = None,
        ordered: bool = True,
        options: RequestOptions | None = None,
    ) -> Results:
        """Makes many calls of one operation at once, and returns a result for each.

            numbers = ({"agentId": agent, "toNumber": number} for number in numbers)
            for result in client.map("calls.send", numbers):
                if not result.ok:
                    print(result.request["toNumber"], result.sent, result.error)

        A failed call raises nothing: its `Result` has the error, and says whether the service may
        have acted. Requests are taken from the iterable as calls end, so it may be endless. If the
        iterable raises, the exception is raised here after the calls in flight have ended.

        Leaving the loop cancels the calls in flight without reporting their outcomes. To stop and
        get them, call `Results.cancel` and continue the loop. The same holds after Ctrl-C, or
        another exception from a signal handler: another loop over the same object returns the
        remaining results.

        Args:
            operation: As for `call`.
            requests: The requests, each as for `call`.
            max_in_flight: The most requests in flight. Default: as many as the client allows; with
                ``requests_per_minute`` no more than get their turn well within ``timeout_ms``.
            ordered: Whether results arrive in the order of the requests. A slow call then holds
                back later results, and up to four times ``max_in_flight`` requests are taken ahead.
                False returns each result as its call ends.
            options: Options that override the client's for each of these requests.

        Returns:
            An iterator with one `Result` for each request. Any number of iterators may run at the
            same time, each in one thread at a time.

        Raises:
            ClientClosedError: The client is closed. If it is closed meanwhile, this is raised after
                the last result.
            ForkedError: The client was made before a fork.
        """
        from .map import Results, ThreadWindow

        handle = self._open_handle("client.map")
        window = ThreadWindow(self, operation, requests, max_in_flight, ordered, options)
        return Results(handle, window)

    def submit(
        self,
        operation: str,
        request: Mapping[str, object] | str | bytes | None = None,
        *,
        options: RequestOptions | None = None,
    ) -> Future[Response]:
        """Starts a call and returns a `concurrent.futures.Future` at once.

            future = client.submit("calls.send", {"agentId": agent, "toNumber": number})
            while not done(future):  # whatever the program has to do meanwhile
                ...
            print(future.result().data)

        For programs with their own event loop or deadlines: wait in slices by
        ``future.result(timeout)``, or use ``add_done_callback``. Such a callback runs on a thread
        of the client.

        With ``engine="caller"`` whoever calls ``result``, ``exception`` or ``done``, or iterates
        over a `map`, sends and receives for all futures, and runs their callbacks. What cannot do
        that is refused: `concurrent.futures.wait`, ``as_completed`` and `asyncio.wrap_future`.

        ``future.cancel()`` asks the request to end and returns False. The future still ends: with
        `RequestCancelledError` and its ``sent``, or with an answer that arrived before. For
        asyncio, use `AsyncTrillet`; for many calls, `map`.

        Args:
            operation: As for `call`.
            request: As for `call`.
            options: Options that override the client's for this request.

        Raises:
            ClientClosedError: The client is closed.
            ForkedError: The client was made before a fork.
        """
        ready("_sync.futures")
        from .futures import Futures

        name = self._plain_text("operation", operation, "client.submit")
        text = self._whole_request(request, operation)
        handle = self._open_handle(operation)
        given = self._options(options, operation)
        futures = self._futures
        if futures is None:
            with handle.lock:
                futures = self._futures = self._futures or Futures(self, handle, operation)
        return futures.submit(operation, name, text, given)

    def close(self, timeout_ms: int = 5000) -> bool:
        """Closes the client; closing it again does nothing.

        Args:
            timeout_ms: How long running calls of other threads may take to end, in milliseconds;
                the others are cancelled. A negative number waits for all.

        Returns:
            Whether every running call ended by itself.

        A signal handler that raises meanwhile, such as Ctrl-C's, ends the wait: what runs is
        cancelled, the client is closed, and what the handler raised is raised.
        """
        timeout = checked_timeout(timeout_ms, "close")
        return self._handle is None or self._handle.close(timeout)

    def drain(self, timeout_ms: int = 5000) -> bool:
        """Starts nothing more, and lets requests on the wire end: for a program that must stop.

        Calls that wait for their turn, a connection or another attempt raise
        `RequestCancelledError` at once, with ``sent`` "no" unless an earlier attempt may have
        arrived. New calls raise `ClientClosedError`. In contrast, `close` keeps starting waiting
        calls. A signal handler may drain the client: the call that it interrupts ends within the
        same time, after the handler has returned.

        Args:
            timeout_ms: How long requests on the wire may take to end, in milliseconds; the others
                are cancelled. A negative number waits for all.

        Returns:
            Whether every request on the wire ended by itself.

        A signal handler that raises meanwhile ends the wait, as in `close`.
        """
        timeout = checked_timeout(timeout_ms, "drain")
        return self._handle is None or self._handle.drain(timeout)

    def warm(self, connections: int = 1, timeout_ms: int = -1) -> dict[str, Any]:
        """Opens connections before the first call, so that it does not wait for them.

        It sends no request that acts, and no key.

        Args:
            connections: How many simultaneous calls are to find an open connection.
            timeout_ms: How long it may take; a negative number is the client's ``timeout_ms``.

        Returns:
            ``open``, how many simultaneous calls will find an open connection, and
            ``connections``: for each ``for`` ("calls" or "submitted"), ``lookupMs``,
            ``connectMs``, ``tlsMs``, ``protocol`` and ``reused``.

        Raises:
            TrilletError: No connection could be opened.
        """
        count = checked_connections(connections)
        timeout = checked_timeout(timeout_ms, "warm")
        handle = self._open_handle("client.warm")
        opened: dict[str, Any] = handle.warm(self._data, count, timeout)
        return opened

    def __enter__(self) -> Trillet:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _endpoint(
        self,
        operation: str,
        fields: dict[str, object],
        extra_fields: Mapping[str, object] | None,
        options: RequestOptions | None,
    ) -> Any:
        """Calls an operation by its own function and returns the data of its answer."""
        text = self._request(operation, fields, extra_fields)
        handle = self._handle or self._open_handle(operation)
        given = self._options(options, operation) if options else None
        return handle.answer(operation, ENDPOINTS[operation], self._data, text, given)
