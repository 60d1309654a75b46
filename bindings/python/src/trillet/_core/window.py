"""The requests of one `map` that were taken and whose results have not been handed on."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from itertools import chain, count, islice, repeat

from .._json.encoding import write
from .._model.errors import (
    InternalError,
    InvalidArgumentError,
    RequestCancelledError,
    TrilletError,
    from_answer,
)
from .._model.response import Response
from .client_options import MAX_IN_FLIGHT, TIMEOUT_MS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Protocol

    from .._json.answers import Answer
    from .._model.options import RequestOptions
    from .base import Client

    Request = Mapping[str, object] | str | bytes
    # A request and its number.
    Taken = tuple[Request, int]

    class Desk(Protocol):
        """Where requests are handed in."""

        def refusal(self, operation: str) -> TrilletError: ...
        def cancel(self, window: Any) -> None: ...


# How many times as many requests as may be under way are taken while an early one takes long.
_AHEAD = 4
# What follows the last request.
_END: Any = object()


class Result:
    """The outcome of one request.

    Attributes:
        index: Its position among the requests, from 0.
        request: The request as you passed it.
        response: The answer, or None if the call failed.
        error: Why the call failed, or None if it succeeded.
    """

    __slots__ = ("error", "index", "request", "response")

    def __init__(
        self, index: int, request: Request, response: Response | None, error: TrilletError | None
    ) -> None:
        self.index = index
        # As type checkers see it, what it was given as: they cannot know which.
        self.request: Any = request
        self.response = response
        self.error = error

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return self.error is None

    @property
    def sent(self) -> str:
        """Whether the service may have acted: ``"no"``, ``"maybe"`` or ``"yes"``."""
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
    """Takes requests while there is room, and puts results in order. For one thread at a time.

    Each request is in one place at any time: `_taken` when it was taken from the iterable, `flying`
    when it was handed in, `arrived` when there is an answer or an error, and `_early` when its turn
    has not come. `_fetched` describes how it moves: an exception at any moment leaves the window
    as it was before the step or after it. Each step is one call into C, because Python 3.9 runs
    signal handlers between any two instructions: what a loop was given would be lost before it is
    stored, and a request whose identifier is lost would be handed in again.
    """

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
        # The requests that were handed in, by their identifiers.
        self.flying: dict[int, Taken] = {}
        # What became of requests; None for an answer that was lost.
        self.arrived: deque[tuple[Taken, Answer | TrilletError | None]] = deque()
        # Whether requests that are still being handed in are to end, too.
        self.is_cancelled = False
        # Whether nobody wants the results any more.
        self.is_left = False
        # What ended the taking of requests before its time.
        self.failure: BaseException | None = None
        # How many results were given, and where the next one is.
        self.given = 0
        self.held: Any = self.arrived
        self.place = 0
        self._write = client._whole_request
        self._source: Iterator[Request] | None = chain(iter(requests), repeat(_END))
        self._interruption: BaseException | None = None
        self._limit = _limit(client, max_in_flight, options)
        # Several at a time: handing in wakes the library's thread.
        self.low = self._limit - max(1, self._limit // 8)
        # Requests that were taken from the iterable, and the identifiers of those at the front that
        # were handed in. There is one more request than identifiers, or none.
        self._taken: deque[Request] = deque()
        self._identifiers: deque[int] = deque()
        numbers = count()
        self._numbered: Iterator[Taken] = zip(
            map(deque.popleft, repeat(self._taken)),
            numbers,
        )
        self._handed_in: Iterator[tuple[int, Taken]] = zip(
            map(deque.popleft, repeat(self._identifiers)),
            self._numbered,
        )
        self._submit: Any = None
        self._offers: Iterator[bytes] | None = None
        # Results whose turn has not come; None where they need no order.
        self._early: dict[int, tuple[Taken, Answer | TrilletError | None]] | None = (
            {} if ordered else None
        )

    def hand_in_by(self, submit: Any, client: int) -> None:
        """How requests are handed in, as long as this window is used."""
        self._submit = submit
        self._client, self._none = repeat(client), repeat(None)
        self._name, self._options = repeat(self.operation_text), repeat(self.options_text)

    def fill(self, desk: Desk) -> None:
        """Hands in as many requests as there is room for, if it is worth while."""
        under_way = len(self.flying) + len(self.arrived)
        if under_way > self.low or (self._source is None and not self._taken):
            return
        # A signal handler that iterates as well must not hand in what is being handed in.
        if self._offers is not None and self._offers.gi_running:  # type: ignore[attr-defined]
            return
        ahead = under_way + len(self._early or ())
        self._offers = offers = self._texts(
            min(self._limit - under_way, self._limit * _AHEAD - ahead)
        )
        none = self._none
        try:
            self._identifiers.extend(
                map(self._submit, self._client, self._name, offers, self._options, none, none)
            )
        finally:
            self.settle()
        if self.is_cancelled:
            desk.cancel(self)
        if 0 in self.flying:
            refusal = desk.refusal(self.operation)
            self.stop(refusal)
            self.arrived.extend(zip(map(self.flying.pop, (0,)), repeat(refusal)))

    def settle(self) -> None:
        """Enters the requests that were handed in."""
        if self._identifiers:
            with suppress(IndexError):
                self.flying.update(self._handed_in)

    def _texts(self, room: int) -> Iterator[bytes]:
        """The next requests as JSON: those that can be written, as far as there is room."""
        taken, identifiers, flying = self._taken, self._identifiers, self.flying
        while room > 0:
            if (identifiers and not identifiers[-1]) or 0 in flying:
                return  # The library has just taken no request.
            if not self._takes():
                return
            room -= 1
            request = taken[-1]
            try:
                if type(request) is dict:
                    text = write(request, self.operation)
                else:
                    text = self._write(request, self.operation)
            except TrilletError as error:
                self._fail(error)
            except TypeError as error:
                # One row that is wrong must not end the calls of all others.
                self._fail(_invalid(error, self.operation))
            else:
                yield text

    def _takes(self) -> bool:
        """Whether there is a further request, which then is the last of those taken."""
        source, taken = self._source, self._taken
        if source is None:
            self.settle()
            if taken:
                self._fail(_never_handed_in(self.operation))
            return False
        # Those that were handed in are entered all at once in the end.
        if len(taken) <= len(self._identifiers):
            # Outside: an exception between the two calls is not the iterable's.
            one = islice(source, 1)
            try:
                taken.extend(one)
            except Exception as error:
                if self.failure is None:
                    self.failure = error
                self._source = None
                return False
            except BaseException as error:
                # The iterable may be finished by it, if it is a generator.
                if len(taken) <= len(self._identifiers):
                    self._interruption = error
                raise
        if taken[-1] is _END:
            self.settle()
            if self._interruption is not None and self.failure is None:
                self.failure = _ended_early(self._interruption)
            self._source = None
            taken.clear()
            return False
        self._interruption = None
        return True

    def _fail(self, error: TrilletError) -> None:
        """Gives the request that was taken last its result."""
        self.settle()
        self.arrived.extend(islice(zip(self._numbered, repeat(error)), 1))

    def stop(self, failure: BaseException | None = None) -> None:
        """Takes no further requests; the failure is for the end."""
        if self.failure is None:
            self.failure = failure
        self._source = None

    def claim(self, unclaimed: dict[int, Answer]) -> bool:
        """Whether answers of this window are there, which it takes."""
        self.settle()
        if unclaimed:
            flying = self.flying
            ids = list(filter(flying.__contains__, unclaimed))
            try:
                self.arrived.extend(zip(map(flying.pop, ids), map(unclaimed.pop, ids)))
            except KeyError:
                # A finalizer or a signal handler has taken them in between.
                return bool(self.arrived)
        return bool(self.arrived)

    def lose(self) -> None:
        """There will be no more answers."""
        self.settle()
        self.arrived.extend(zip(map(self.flying.pop, list(self.flying)), repeat(None)))

    def leave(self) -> None:
        """Takes no further requests, and forgets what it has."""
        self.is_left = True
        self.stop()
        self.settle()
        self._taken.clear()
        self.arrived.clear()
        if self._early is not None:
            self._early.clear()

    @property
    def is_untouched(self) -> bool:
        """Whether no request was taken yet."""
        return not (self._taken or self.flying or self.arrived or self._early or self.given)

    @property
    def is_over(self) -> bool:
        """Whether every request that was taken has its result, and no other will be taken."""
        return not (self.flying or self.arrived or self._taken) and self._source is None

    def next(self) -> Result | None:
        """The next result, or None while it is not there.

        Whoever hands it on deletes ``held[place]`` and counts it in ``given``, without a call in
        between: until then it is here, and is the next one again.
        """
        arrived, early = self.arrived, self._early
        while arrived:
            taken, outcome = arrived[0]
            if early is None or taken[1] == self.given:
                self.held, self.place = arrived, 0
                return self._result(taken, outcome)
            early[taken[1]] = arrived[0]
            del arrived[0]
        if early and self.given in early:
            self.held, self.place = early, self.given
            return self._result(*early[self.given])
        return None

    def take_back(self, given: int, held: Any, place: int, entry: Any) -> None:
        """Puts a result back that an exception has kept from being given."""
        self.given = given
        if held is not self.arrived:
            held[place] = entry
        elif not held or held[0] is not entry:
            held.appendleft(entry)

    def _result(self, taken: Taken, outcome: Answer | TrilletError | None) -> Result:
        request, index = taken
        if isinstance(outcome, dict):
            # Without a further call, of which there is one for each request.
            if outcome["ok"]:
                response = Response(outcome["data"], outcome["status"], outcome["meta"])
                return Result(index, request, response, None)
            return Result(index, request, None, from_answer(outcome))
        if outcome is None:
            meta = {"operation": self.operation, "attempts": 0}
            outcome = InternalError("the answer was lost", sent="maybe", meta=meta)
        return Result(index, request, None, outcome)


def _limit(client: Client, max_in_flight: int | None, options: RequestOptions | None) -> int:
    if max_in_flight is not None:
        if isinstance(max_in_flight, bool) or not isinstance(max_in_flight, int):
            raise TypeError(f"map: max_in_flight is {max_in_flight!r}; give a whole number")
        if max_in_flight < 1:
            raise ValueError(f"map: max_in_flight is {max_in_flight}; it is at least 1")
        return max_in_flight
    given = client._options_given
    limit: int = given.get("max_in_flight") or MAX_IN_FLIGHT
    rate: int = given.get("requests_per_minute") or 0
    if rate:
        # Waiting for a turn counts against the timeout: what is handed in must get its turn in
        # half of it. docs/decisions.md, map-and-rate.
        timeout = (options or {}).get("timeout_ms") or given.get("timeout_ms") or TIMEOUT_MS
        limit = max(1, min(limit, rate * timeout // 120_000))
    return limit


def _never_handed_in(operation: str) -> RequestCancelledError:
    meta = {"operation": operation, "attempts": 0}
    return RequestCancelledError(
        "the request was cancelled before it was handed in", sent="no", meta=meta
    )


def _ended_early(interruption: BaseException) -> RuntimeError:
    """Why there are fewer results than requests: not to be mistaken for a run that is complete."""
    ended = RuntimeError(
        f"{type(interruption).__name__} ended the iterable of the requests; those it had not given "
        "were not sent"
    )
    ended.__cause__ = interruption
    return ended


def _invalid(error: TypeError, operation: str) -> InvalidArgumentError:
    reason = str(error).removeprefix(f"{operation}: ")
    invalid = InvalidArgumentError(reason, sent="no", meta={"operation": operation, "attempts": 0})
    invalid.__cause__ = error
    return invalid
