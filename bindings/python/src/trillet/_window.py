"""The requests of one `map` that were taken and whose results have not been handed on."""

from __future__ import annotations

from collections import deque

from ._answers import response_of
from ._encoding import write
from ._errors import InternalError, InvalidArgumentError, TrilletError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Protocol

    from ._answers import Answer
    from ._base import Client
    from ._options import RequestOptions
    from ._response import Response

    Request = Mapping[str, object] | str | bytes

    class Desk(Protocol):
        """Where requests are handed in."""

        def submit(self, window: Window, index: int, request: Request, text: bytes) -> int: ...
        def refusal(self, operation: str) -> TrilletError: ...


_MAX_IN_FLIGHT = 64
_TIMEOUT_MS = 60_000
# How many times as many requests as may be under way are taken while an early one takes long.
_AHEAD = 4


class Result:
    """What became of one request.

    Attributes:
        index: Its position among the requests, from 0.
        request: The request as it was given.
        response: The answer, or None when the call failed.
        error: Why the call failed, or None when it succeeded.
    """

    __slots__ = ("error", "index", "request", "response")

    def __init__(
        self, index: int, request: Request, response: Response | None, error: TrilletError | None
    ) -> None:
        self.index = index
        self.request = request
        self.response = response
        self.error = error

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return self.error is None

    @property
    def sent(self) -> str:
        """Whether the service can have acted: ``"no"``, ``"maybe"`` or ``"yes"``."""
        return "yes" if self.error is None else self.error.sent

    @property
    def data(self) -> Any:
        """The answer's data.

        Raises:
            TrilletError: The call failed; this is its error.
        """
        if self.response is None:
            assert self.error is not None
            raise self.error
        return self.response.data

    def __repr__(self) -> str:
        if self.error is None:
            return f"<trillet Result {self.index}: {self.response!r}>"
        return f"<trillet Result {self.index}: {type(self.error).__name__}, sent {self.sent}>"


class Window:
    """Takes requests while there is room, and puts results in order. For one thread at a time."""

    def __init__(
        self,
        client: Client,
        operation: str,
        requests: Iterable[Request],
        max_in_flight: int | None,
        ordered: bool,
        options: RequestOptions | None,
    ) -> None:
        self.operation = operation
        self.operation_text = client._plain_text("operation", operation, "client.map")
        self.options_text = client._options(options, operation)
        # How many requests were handed in whose answers were not yet looked at.
        self.under_way = 0
        # Answers, from whatever thread fetches them; None for one that was lost.
        self.arrived: deque[tuple[int, Request, Answer | None]] = deque()
        # Whether a request that is still being handed in is to end, too.
        self.is_cancelled = False
        # What ended the taking of requests before its time.
        self.failure: BaseException | None = None
        self._write = client._whole_request
        self._source: Iterator[Request] | None = iter(requests)
        self._limit = _limit(client, max_in_flight, options)
        # Several at a time: handing in wakes the library's thread.
        self._low = self._limit - max(1, self._limit // 8)
        self._taken = 0
        self._given = 0
        # Results of requests that were not handed in.
        self._unsent: deque[Result] = deque()
        # Results whose turn has not come; None where they need no order.
        self._early: dict[int, Result] | None = {} if ordered else None

    def fill(self, desk: Desk) -> None:
        """Hands in as many requests as there is room for, if it is worth while."""
        source = self._source
        if source is None or self.under_way > self._low:
            return
        most = self._given + self._limit * _AHEAD
        while self._source is not None and self.under_way < self._limit and self._taken < most:
            try:
                request = next(source)
            except StopIteration:
                self._source = None
                return
            except Exception as error:
                self.stop(error)
                return
            index = self._taken
            self._taken += 1
            try:
                if type(request) is dict:
                    text = write(request, self.operation)
                else:
                    text = self._write(request, self.operation)
            except TrilletError as error:
                self._unsent.append(Result(index, request, None, error))
            except TypeError as error:
                # One row that is wrong must not end the calls of all others.
                self._unsent.append(Result(index, request, None, _invalid(error, self.operation)))
            else:
                if desk.submit(self, index, request, text):
                    self.under_way += 1
                else:
                    refusal = desk.refusal(self.operation)
                    self._unsent.append(Result(index, request, None, refusal))
                    self.stop(refusal)

    def stop(self, failure: BaseException | None = None) -> None:
        """Takes no further requests; the failure is for the end."""
        self._source = None
        if self.failure is None:
            self.failure = failure

    def take(self) -> Result | None:
        """The next result, or None while it is not there."""
        early = self._early
        while True:
            if early and self._given in early:
                result = early.pop(self._given)
                break
            if self._unsent:
                result = self._unsent.popleft()
            elif self.arrived:
                index, request, answer = self.arrived.popleft()
                self.under_way -= 1
                result = self._result(index, request, answer)
            else:
                return None
            if early is None or result.index == self._given:
                break
            early[result.index] = result
        self._given += 1
        return result

    def _result(self, index: int, request: Request, answer: Answer | None) -> Result:
        if answer is None:
            meta = {"operation": self.operation, "attempts": 0}
            lost = InternalError("the answer was lost on an interruption", sent="maybe", meta=meta)
            return Result(index, request, None, lost)
        try:
            return Result(index, request, response_of(answer), None)
        except TrilletError as error:
            return Result(index, request, None, error)


def _limit(client: Client, max_in_flight: int | None, options: RequestOptions | None) -> int:
    if max_in_flight is not None:
        if isinstance(max_in_flight, bool) or not isinstance(max_in_flight, int):
            raise TypeError(f"map: max_in_flight is {max_in_flight!r}; give a whole number")
        if max_in_flight < 1:
            raise ValueError(f"map: max_in_flight is {max_in_flight}; it is at least 1")
        return max_in_flight
    given = client._options_given
    limit: int = given.get("max_in_flight") or _MAX_IN_FLIGHT
    rate: int = given.get("requests_per_minute") or 0
    if rate:
        # Waiting for a turn counts against the timeout: what is handed in must get its turn in
        # half of it.
        timeout = (options or {}).get("timeout_ms") or given.get("timeout_ms") or _TIMEOUT_MS
        limit = max(1, min(limit, rate * timeout // 120_000))
    return limit


def _invalid(error: TypeError, operation: str) -> InvalidArgumentError:
    reason = str(error).removeprefix(f"{operation}: ")
    invalid = InvalidArgumentError(reason, meta={"operation": operation, "attempts": 0})
    invalid.__cause__ = error
    return invalid
