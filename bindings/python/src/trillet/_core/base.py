"""What the clients have in common: their options, and what becomes of arguments."""

from __future__ import annotations

import sys

from .._model.errors import ClientClosedError, InvalidArgumentError
from .._native.handle import Handle
from .._native.imports import no_fork, ready
from .._native.library import load
from .._native.prototypes import VERSION
from .client_options import CLIENT_OPTION_NAMES, ClientOptions
from .secret import SecretBytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping
    from typing import Any

    from .._model.errors import TrilletError
    from .._model.options import RequestOptions
    from .._model.stats import Stats

LONGEST_TIMEOUT_MS = 2**31 - 1


class Client(ClientOptions):
    """The options of a client, its handle, and what needs no waiting."""

    _handle: Handle | None = None
    # What its methods need: imported at once, as a fork may happen later.
    _modules: tuple[str, ...] = ()

    # What sends submitted requests where the caller does not say; None for the library's default.
    _engine: str | None = None

    def _open(self, options: dict[str, object]) -> None:
        ready("_json.answers", "_json.encoding", "_native.info", "_native.interrupts")
        ready(*self._modules)
        from .._json import encoding as _encoding
        from .._json.answers import data, response
        from .._native.info import certificates

        given: dict[str, Any] = {
            name: value for name, value in options.items() if value is not None
        }
        if self._engine is not None:
            given.setdefault("engine", self._engine)
        named = {CLIENT_OPTION_NAMES[name]: value for name, value in given.items()}
        named["userAgent"] = _user_agent(given.get("user_agent"))
        library = load()
        if "ca_file" not in given and (file := certificates(library)) is not None:
            named["caFile"] = file
        self._encoding = _encoding
        self._response = response
        self._data = data
        text = SecretBytes(_encoding.write(named, "client.new"))
        # The first one prepares libcurl and OpenSSL, each once for a process and its children.
        with no_fork():
            self._handle = Handle(library, text, given.get("engine") == "caller")
        self._has_own_key = given.pop("api_key", None) is not None
        # What a copy in another process is opened with.
        self._options_given = given

    def stats(self) -> Stats:
        """Returns what this client has done so far, or until it was closed.

        It counts calls, errors by type, retries, latencies, waits, connections, bytes and the
        queue; `trillet.Stats` lists the members.

        Raises:
            ForkedError: The client was made before a fork.
        """
        answer = self._encoding.read(self._open_handle("client.stats").stats())
        if not answer.get("ok", True):
            from .._model.errors import from_answer

            raise from_answer(answer)
        stats: Stats = answer
        return stats

    def log_to(self, logger: logging.Logger | None, level: int | str | None = None) -> None:
        """Sends the client's log to a logger of `logging`; None stops it.

        A line consists of key=value pairs, for example ``event=call_failed
        operation=calls.send type=timeout sent=maybe``. It contains neither the API key nor a whole
        phone number.

        The logger's handlers run on a thread of the library and delay its other work: put slow ones
        behind a `logging.handlers.QueueHandler`. With `AsyncTrillet` or ``engine="caller"`` they
        run on the threads that wait for answers, for instance in the event loop. Exceptions of
        handlers go to `sys.unraisablehook`, but there KeyboardInterrupt and SystemExit are raised.
        Handlers must not close this client.

        Args:
            logger: Where the lines go.
            level: The lowest level to log, ``logging.INFO`` or ``"INFO"``. Default: the logger's
                current level. ERROR logs failed requests, WARNING retried attempts, INFO every
                request, DEBUG every attempt and connection.

        Raises:
            ClientClosedError: The client is closed.
            ForkedError: The client was made before a fork.
            RuntimeError: This is a sub-interpreter, into which no other thread can call.
        """
        from .._native.log import line_writer, native_level, refuse_sub_interpreter

        handle = self._open_handle("client.log_to")
        refuse_sub_interpreter("client.log_to")
        if logger is None:
            handle.set_log(0, None)
        else:
            handle.set_log(native_level(logger, level), line_writer(logger))

    @property
    def closed(self) -> bool:
        """Whether the client is closed."""
        return self._handle is None or self._handle.closed

    def __repr__(self) -> str:
        return f"<trillet {type(self).__name__}, {'closed' if self.closed else 'open'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # A pickle ends up in queues, on disks and in crash reports: no place for a key.
        # docs/decisions.md, no-key-in-pickles.
        if self._handle is None or self._has_own_key:
            raise TypeError(
                "this client was given an api_key, and a key is not written into a pickle; let the "
                "client take it from TRILLET_API_KEY, or make another client where it is needed"
            )
        return _reopened, (type(self), self._options_given)

    if TYPE_CHECKING:

        def _endpoint(
            self,
            operation: str,
            fields: dict[str, object],
            extra_fields: Mapping[str, object] | None,
            options: RequestOptions | None,
        ) -> Any:
            """Calls an operation; the client for asyncio gives a coroutine."""

        def _open_desk(self, operation: str) -> Any:
            """What hands in requests for an event loop, of a client for asyncio."""

    def _open_handle(self, operation: str) -> Handle:
        if self._handle is None:
            raise ClientClosedError(
                "the client was never opened: its constructor failed",
                meta={"operation": operation, "attempts": 0},
            )
        return self._handle

    def _request(
        self,
        operation: str,
        fields: dict[str, object],
        extra_fields: Mapping[str, object] | None,
    ) -> bytes:
        """The request of a method: its own fields, which the further ones join."""
        if extra_fields:
            if not fields.keys().isdisjoint(extra_fields):
                name = next(name for name in extra_fields if name in fields)
                reason = f"`{name}` is also in extra_fields; give it once"
                raise _invalid(reason, name, operation)
            fields.update(extra_fields)
        return self._encoding.write(fields, operation)

    def _whole_request(
        self, request: Mapping[str, object] | str | bytes | None, operation: str
    ) -> bytes:
        """The request of a call by name: a mapping, or JSON text that is passed on."""
        if request is None:
            return b""
        if isinstance(request, (str, bytes)):
            return self._plain_text("request", request, operation)
        return self._encoding.write(request, operation)

    def _options(self, options: RequestOptions | None, operation: str) -> bytes | None:
        if not options:
            return None
        from .._model.options import REQUEST_OPTION_NAMES

        named: dict[str, object] = {}
        for name, value in options.items():
            if name not in REQUEST_OPTION_NAMES:
                known = ", ".join(REQUEST_OPTION_NAMES)
                raise _invalid(f"{name!r} is no request option; known are {known}", name, operation)
            if value is not None:
                named[REQUEST_OPTION_NAMES[name]] = value
        return self._encoding.write(named, operation)

    def _plain_text(self, field: str, text: str | bytes, operation: str) -> bytes:
        if not isinstance(text, (str, bytes)):
            raise TypeError(f"{field} is of type {type(text).__name__}; give a str")
        try:
            encoded = text.encode("utf-8") if isinstance(text, str) else text
        except UnicodeEncodeError as error:
            reason = f"the {field} has a lone surrogate at index {error.start}, which is no text"
            raise _invalid(reason, field, "client.call") from None
        offset = encoded.find(0)
        if offset >= 0:
            # C text ends at a NUL: passed on, the rest would be dropped without a word.
            nul = _invalid(f"the {field} has a NUL at byte {offset}", field, "client.call")
            nul.offset = offset
            raise nul
        return encoded


def without_none(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def checked_timeout(timeout_ms: int, method: str) -> int:
    """Milliseconds as the library takes them; a negative number has no end."""
    if isinstance(timeout_ms, bool) or not isinstance(timeout_ms, int):
        raise TypeError(
            f"{method}: timeout_ms is {timeout_ms!r}; give a whole number of milliseconds"
        )
    return max(-1, min(timeout_ms, LONGEST_TIMEOUT_MS))


def checked_connections(connections: int) -> int:
    """A number of connections as the library takes it."""
    if isinstance(connections, bool) or not isinstance(connections, int):
        raise TypeError(f"warm: connections is {connections!r}; give a whole number")
    return max(-1, min(connections, LONGEST_TIMEOUT_MS))


def _reopened(kind: type[Client], options: dict[str, Any]) -> Client:
    return kind(**options)


def _user_agent(added: object) -> object:
    if added is not None and not isinstance(added, str):
        return added  # The library refuses it by name.
    version = ".".join(str(part) for part in sys.version_info[:2])
    own = f"trillet-python/{VERSION} Python/{version}"
    return own if not added else f"{own} {added}"


def _invalid(message: str, field: str, operation: str) -> TrilletError:
    meta = {"operation": operation, "attempts": 0}
    return InvalidArgumentError(message, field=field, sent="no", meta=meta)
