"""The client whose calls block."""

from __future__ import annotations

from ._base import Client, checked_connections, checked_timeout
from ._batches import BatchCalls
from ._imports import ready
from ._lists import Agents, Flows
from ._prototypes import ENDPOINTS
from ._resources import Calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Any

    from ._futures import Futures
    from ._map import Results
    from ._options import RequestOptions
    from ._response import Response


class Trillet(Client):
    """A client of the Trillet API.

    It is safe to use from any number of threads, keeps its connections open between calls, and
    is best made once and closed at the end, for instance by ``with``. Calls block until the
    answer is there; other Python threads run meanwhile. After a fork the child needs a client
    of its own: this one raises `ForkedError` there.

    A pickled client is opened anew where it is unpickled, with the same options and the key of
    that place: one that was given an ``api_key`` cannot be pickled.

    Args:
        api_key: The API key. Without it ``TRILLET_API_KEY`` of the environment is used.
        workspace_id: The workspace. Without it ``TRILLET_WORKSPACE_ID`` is used.
        base_url: Where the service is. Without it ``TRILLET_BASE_URL`` is used, or the service
            itself, ``https://api.trillet.ai``.
        routes: ``"overview"`` (the default) or ``"published"``: which of the two documented
            sets of paths and field names is used.
        timeout_ms: The time one request may take in all, with every wait and every attempt, in
            milliseconds (60000).
        connect_timeout_ms: The time a connection may take, in milliseconds (10000).
        max_retries: How often a failed request may be sent again (2). A POST is only when the
            service certainly did not act on it: a phone must not ring twice.
        max_retry_after_ms: The longest pause the service may ask for, in milliseconds (60000); a
            longer one is raised as an error.
        requests_per_minute: How many requests may start in a minute, evenly spaced; 0 for no
            limit (0).
        max_connections: How many connections there are at most (64).
        max_in_flight: How many requests are under way at once at most; others wait (64).
        max_queued: How many requests of `map`, `submit` and `AsyncTrillet` may wait (100000).
        max_response_bytes: The largest answer that is read, in bytes.
        proxy: The proxy's URL; ``""`` uses none. Where it is given, the environment's proxies
            and ``no_proxy`` do not count.
        ca_file: A file of certificate authorities to trust, in PEM form.
        headers: Further headers of every request, by name.
        user_agent: Added to the User-Agent header.
        validate: False sends requests without checking their fields.
        allow_insecure_http: True permits plain http to hosts other than this one; the key then
            crosses the network readable.
        env: False ignores the environment variables named above.

    Raises:
        ConfigurationError: An option is missing or wrong; ``field`` names it.
        LibraryError: The native library cannot be used.
    """

    _futures: Futures | None = None
    _modules = ("_map", "_options", "_pages")

    @property
    def agents(self) -> Agents:
        """Voice agents: create, list, get, update, delete."""
        return Agents(self)

    @property
    def flows(self) -> Flows:
        """Call flows: create, list, get, update, delete."""
        return Flows(self)

    @property
    def calls(self) -> Calls:
        """Outbound calls: send."""
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
        """Calls any operation, also one that this package has no method for.

        Args:
            operation: An operation's name (``"agents.get"``), or a method and a path
                (``"GET /v2/api/call-history"``).
            request: The request's fields by their API names; or JSON text, which is passed on
                unchanged.
            options: What overrides the client's options for this request.

        Returns:
            The answer: its data, HTTP status and meta information.

        Raises:
            TrilletError: The call did not succeed; see its subclasses.
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
        """Makes many calls of one operation at once, and gives what became of each.

            numbers = ({"agentId": agent, "toNumber": number} for number in numbers)
            for result in client.map("calls.send", numbers):
                if not result.ok:
                    print(result.request["toNumber"], result.sent, result.error)

        A call that fails raises nothing: its `Result` has the error, and whether the service can
        have acted. Requests are taken from the iterable as calls end, so it may be endless. If it
        raises, that is raised here once the calls under way have ended.

        Leaving the loop cancels the calls under way, and what became of them is not told. To stop
        and be told, call `Results.cancel` and go on with the loop. So it is after Ctrl-C, or
        another exception from a signal handler: the results that were not given yet are still
        there, for another loop over the same object.

        Args:
            operation: As for `call`.
            requests: The requests, each as for `call`.
            max_in_flight: How many are under way at once at most. Without it as many as the
                client allows, and with ``requests_per_minute`` no more than get their turn
                well within ``timeout_ms``.
            ordered: Whether results come in the order of the requests, which holds them back
                while an earlier call takes long; up to four times as many requests as may be
                under way are then taken ahead. False gives each as it ends.
            options: What overrides the client's options for each of these requests.

        Returns:
            An iterator of one `Result` for each request. Any number may run at the same time, each
            in one thread at a time.

        Raises:
            ClientClosedError: The client is closed. Closed on the way, this is raised after the
                last result.
            ForkedError: The client was made before a fork.
        """
        from ._map import Results, ThreadWindow

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
        """Begins a call and returns at once, with a `concurrent.futures.Future`.

            future = client.submit("calls.send", {"agentId": agent, "toNumber": number})
            while not done(future):  # whatever the program has to do meanwhile
                ...
            print(future.result().data)

        It is for programs with an event loop or deadlines of their own, which wait in slices by
        ``future.result(timeout)`` or are told by ``add_done_callback``; such a callback runs on a
        thread of the client.

        ``future.cancel()`` asks the request to end and returns False: the future still ends, with
        `RequestCancelledError` and what its ``sent`` says, or with the answer that had come
        before. For asyncio there is `AsyncTrillet`; for many calls, `map`.

        Args:
            operation: As for `call`.
            request: As for `call`.
            options: What overrides the client's options for this request.

        Raises:
            ClientClosedError: The client is closed.
            ForkedError: The client was made before a fork.
        """
        ready("_futures")
        from ._futures import Futures

        name = self._plain_text("operation", operation, "client.submit")
        text = self._whole_request(request, operation)
        handle = self._open_handle(operation)
        given = self._options(options, operation)
        futures = self._futures
        if futures is None:
            with handle.lock:
                futures = self._futures = self._futures or Futures(self, handle)
        return futures.submit(operation, name, text, given)

    def close(self, timeout_ms: int = 5000) -> bool:
        """Closes the client; closing it again does nothing.

        Args:
            timeout_ms: How long running calls of other threads may take to end, in
                milliseconds; the rest is cancelled. A negative number waits for all.

        Returns:
            Whether every running call ended by itself.

        A signal handler that raises meanwhile, such as Ctrl-C's, ends the wait: what runs is
        cancelled, the client is closed, and what the handler raised is raised.
        """
        timeout = checked_timeout(timeout_ms, "close")
        return self._handle is None or self._handle.close(timeout)

    def drain(self, timeout_ms: int = 5000) -> bool:
        """Starts nothing more, and lets what is being sent end; for a program asked to end.

        Calls that wait for their turn, a connection or another attempt raise
        `RequestCancelledError` at once, with ``sent`` "no" unless an earlier attempt may have
        arrived. New ones raise `ClientClosedError`. `close` would go on starting what waits. A
        signal handler may drain the client: the call that it interrupts ends in the same time,
        after the handler has returned.

        Args:
            timeout_ms: How long requests that are being sent may take to end, in milliseconds;
                the rest is cancelled. A negative number waits for all.

        Returns:
            Whether every request that was being sent ended by itself.

        A signal handler that raises meanwhile ends the wait, as in `close`.
        """
        timeout = checked_timeout(timeout_ms, "drain")
        return self._handle is None or self._handle.drain(timeout)

    def warm(self, connections: int = 1, timeout_ms: int = -1) -> dict[str, Any]:
        """Opens connections ahead of the first call, so that it need not wait for them.

        No request that acts is sent, and no key.

        Args:
            connections: How many calls at the same time are to find an open connection.
            timeout_ms: How long it may take; a negative number is the client's ``timeout_ms``.

        Returns:
            ``open``, how many calls at the same time will find an open connection, and
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
