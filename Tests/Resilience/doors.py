"""The library's two doors, calls that block and calls that do not, behind one interface.

Answers are the library's own JSON: what is tested here is the C interface, not the Python package.
"""

from __future__ import annotations

import ctypes
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import native
from native import DONE_FUNCTION, LOG_FUNCTION, Answer, text

KEY = "sandbox-key"
WORKSPACE = "sandbox-workspace"
LONGEST_WAIT = 60.0

WARNING = 2

# With "caller" a thread of the tests drives each client that has something to drive.
ENGINE = os.environ.get("TRILLET_TEST_ENGINE", "thread")


class Ended(NamedTuple):
    """An answer, and when it was there (``time.monotonic``)."""

    answer: Answer
    at: float


class Pending(Protocol):
    """A request under way."""

    def ended(self) -> Ended: ...


class Door(Protocol):
    """One of the ways to make a request."""

    def start(
        self, client: Client, operation: str, request: object = None, **options: object
    ) -> Pending: ...


def _new_client(options: dict[str, object]) -> tuple[Any, Answer]:
    error = ctypes.c_char_p()
    pointer = native.call("trillet_client_new", text(options), ctypes.byref(error))
    return pointer, {} if pointer else _taken_error(error)


def _taken_error(error: ctypes.c_char_p) -> Answer:
    assert error.value is not None, "the library refused the options and did not say why"
    refused: Answer = json.loads(error.value)
    native.call("trillet_free", error)
    return refused


def refused_options(**options: object) -> Answer:
    """The error of a client with options that are wrong."""
    pointer, refused = _new_client({"apiKey": KEY, "env": False, **options})
    if pointer:
        native.call("trillet_client_free", pointer)
    assert not pointer, "the options were accepted"
    error: Answer = refused["error"]
    return error


class Client:
    """A ``trillet_client``; freed at the end of the ``with``."""

    def __init__(self, url: str, **options: object) -> None:
        given = {"apiKey": KEY, "workspaceId": WORKSPACE, "baseUrl": url, "env": False, **options}
        given.setdefault("engine", ENGINE)
        self._is_driven = given["engine"] == "caller"
        self._driver: threading.Thread | None = None
        self._is_over = threading.Event()
        self._pointer, error = _new_client(given)
        assert self._pointer, error
        self._fetched: dict[int, Ended] = {}
        self._fetching = threading.Lock()
        self._blocking: list[threading.Thread] = []
        self._log: object = None
        self._callbacks: list[object] = []

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close(0)
        for thread in self._blocking:
            thread.join(LONGEST_WAIT)
            assert not thread.is_alive(), "a call is still running after the client was closed"
        self._is_over.set()
        if self._driver is not None:
            self._driver.join(LONGEST_WAIT)
            assert not self._driver.is_alive(), "the client is driven after it was closed"
        native.call("trillet_client_free", self._pointer)

    def call(self, operation: str, request: object = None, **options: object) -> Answer:
        """The blocking door, on this thread."""
        arguments = operation.encode(), text(request), text(options or None)
        return native.answer("trillet_call", self._pointer, *arguments)

    def submit(self, operation: str, request: object = None, **options: object) -> int:
        """The door that does not block; the answer waits for `fetched`."""
        return self._submit(operation, request, options, None)

    def submit_with_callback(
        self,
        done: Callable[[Answer], None],
        operation: str,
        request: object = None,
        **options: object,
    ) -> int:
        """The same; the answer is given to `done`, on the client's own thread."""
        return self._submit(operation, request, options, self._callback(done))

    def _submit(
        self, operation: str, request: object, options: dict[str, object], done: object
    ) -> int:
        arguments = operation.encode(), text(request), text(options or None)
        self._have_it_driven()
        number: int = native.call("trillet_submit", self._pointer, *arguments, done, None)
        return number

    def _have_it_driven(self) -> None:
        if not self._is_driven or self._driver is not None:
            return

        def drive() -> None:
            while not self._is_over.is_set():
                native.call("trillet_drive", self._pointer, 50)
                # Only a client that was closed returns at once, and again.
                self._is_over.wait(0.0001)

        self._driver = threading.Thread(target=drive, daemon=True)
        self._driver.start()

    def _callback(self, done: Callable[[Answer], None]) -> object:
        def on_done(_: object, __: int, answer: bytes) -> None:
            done(json.loads(answer))

        function = DONE_FUNCTION(on_done)
        self._callbacks.append(function)  # as long as the library may call it
        return native.address(function)

    def cancel(self, number: int) -> int:
        result: int = native.call("trillet_cancel", self._pointer, number)
        return result

    def next(self, timeout_ms: int) -> tuple[int, Ended] | None:
        """The answer of the next request that has ended, and which one that was."""
        number = ctypes.c_uint64()
        arguments = self._pointer, timeout_ms, ctypes.byref(number)
        owned = native.call("trillet_next", *arguments)
        if not owned:
            return None
        at = time.monotonic()
        return number.value, Ended(native.taken(owned), at)

    def fetched(self, number: int) -> Ended:
        """The answer of one submitted request; those of others are kept for who asks for them."""
        deadline = time.monotonic() + LONGEST_WAIT
        while True:
            with self._fetching:
                if number in self._fetched:
                    return self._fetched.pop(number)
                came = self.next(100)
                if came is not None:
                    assert came[0] not in self._fetched, "a request was answered twice"
                    self._fetched[came[0]] = came[1]
            assert time.monotonic() < deadline, f"request {number} was never answered"

    def close(self, timeout_ms: int) -> int:
        result: int = native.call("trillet_client_close", self._pointer, timeout_ms)
        return result

    def stats(self) -> Answer:
        return native.answer("trillet_client_stats", self._pointer)

    def set_log(self, level: int, receive: Callable[[str], None]) -> None:
        """Gives the lines of the log to a function, on the client's own thread."""

        def on_line(_: object, __: int, message: bytes) -> None:
            receive(message.decode())

        self._have_it_driven()
        function = LOG_FUNCTION(on_line)
        arguments = level, native.address(function), None
        assert native.call("trillet_client_set_log", self._pointer, *arguments) == 0
        self._log = function  # as long as the library may call it

    def in_background(
        self, operation: str, request: object, options: dict[str, object]
    ) -> Future[Ended]:
        """The blocking door, on a thread of its own."""
        future: Future[Ended] = Future()

        def run() -> None:
            try:
                answer = self.call(operation, request, **options)
                future.set_result(Ended(answer, time.monotonic()))
            except BaseException as error:
                future.set_exception(error)

        thread = threading.Thread(target=run, daemon=True)
        self._blocking.append(thread)
        thread.start()
        return future


class BlockingCall:
    def __init__(self, future: Future[Ended]) -> None:
        self._future = future

    def ended(self) -> Ended:
        return self._future.result(LONGEST_WAIT)


class Submission:
    def __init__(self, client: Client, number: int) -> None:
        self.client = client
        self.number = number

    def ended(self) -> Ended:
        return self.client.fetched(self.number)

    def cancel(self) -> int:
        return self.client.cancel(self.number)


class Blocking:
    """``trillet_call``, each on its own thread."""

    def start(
        self, client: Client, operation: str, request: object = None, **options: object
    ) -> BlockingCall:
        return BlockingCall(client.in_background(operation, request, options))

    def __repr__(self) -> str:
        return "blocking"


class Submitting:
    """``trillet_submit`` and ``trillet_next``."""

    def start(
        self, client: Client, operation: str, request: object = None, **options: object
    ) -> Submission:
        number = client.submit(operation, request, **options)
        assert number != 0, "the request was not accepted"
        return Submission(client, number)

    def __repr__(self) -> str:
        return "submit"


BLOCKING = Blocking()
SUBMITTING = Submitting()
DOORS: tuple[Door, ...] = (BLOCKING, SUBMITTING)


@contextmanager
def elapsed() -> Iterator[list[float]]:
    """How long the block took, in seconds, once it has ended."""
    taken: list[float] = []
    start = time.monotonic()
    yield taken
    taken.append(time.monotonic() - start)
