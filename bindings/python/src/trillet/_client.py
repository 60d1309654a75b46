"""The client."""

from __future__ import annotations

import sys

from ._errors import (
    ClientClosedError,
    InvalidArgumentError,
    ResponseError,
    TrilletError,
    from_answer,
)
from ._handle import Handle
from ._library import load
from ._prototypes import VERSION
from ._resources import Agents, BatchCalls, Calls, Flows

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any, NoReturn

    from ._options import RequestOptions

_RESOURCES = ("batch_calls", "agents", "flows", "calls")
_LONGEST_TIMEOUT_MS = 2**31 - 1


class Response:
    """The answer to a call by operation name.

    Attributes:
        data: The answer's JSON value; None when it was empty.
        status: The HTTP status.
        meta: ``operation``, ``attempts``, ``elapsedMs`` and ``requestId``.
    """

    __slots__ = ("data", "meta", "status")

    def __init__(self, data: Any, status: int, meta: dict[str, Any]) -> None:
        self.data = data
        self.status = status
        self.meta = meta

    def __repr__(self) -> str:
        return f"<trillet Response {self.status} to {self.meta.get('operation')}>"


class Trillet:
    """A client of the Trillet API.

    It is safe to use from any number of threads, keeps its connections open between calls, and
    is best made once and closed at the end, for instance by ``with``. Calls block until the
    answer is there; other Python threads run meanwhile. After a fork the child needs a client
    of its own: this one raises `ForkedError` there.

    Args:
        api_key: The API key. Without it ``TRILLET_API_KEY`` of the environment is used.
        workspace_id: The workspace. Without it ``TRILLET_WORKSPACE_ID`` is used.
        base_url: Where the service is. Without it ``TRILLET_BASE_URL`` is used, or the service
            itself, ``https://api.trillet.ai``.
        routes: ``"overview"`` (the default) or ``"published"``: which of the two documented
            sets of paths and field names is used.
        timeout_ms: The time one request may take, in milliseconds (60000).
        connect_timeout_ms: The time a connection may take, in milliseconds (10000).
        max_retries: Accepted, but every request is sent once in this version.
        requests_per_minute: Accepted, but not yet acted upon in this version.
        max_connections: How many idle connections are kept.
        max_in_flight: Accepted, but not yet acted upon in this version.
        max_response_bytes: The largest answer that is read, in bytes.
        proxy: The proxy's URL; ``""`` uses none, whatever the environment says.
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

    _handle: Handle | None = None

    def __init__(
        self,
        api_key: str | None = None,
        workspace_id: str | None = None,
        *,
        base_url: str | None = None,
        routes: str | None = None,
        timeout_ms: int | None = None,
        connect_timeout_ms: int | None = None,
        max_retries: int | None = None,
        requests_per_minute: int | None = None,
        max_connections: int | None = None,
        max_in_flight: int | None = None,
        max_response_bytes: int | None = None,
        proxy: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        validate: bool | None = None,
        allow_insecure_http: bool | None = None,
        env: bool | None = None,
    ) -> None:
        from . import _encoding

        options = {
            "apiKey": api_key,
            "workspaceId": workspace_id,
            "baseUrl": base_url,
            "routes": routes,
            "timeoutMs": timeout_ms,
            "connectTimeoutMs": connect_timeout_ms,
            "maxRetries": max_retries,
            "requestsPerMinute": requests_per_minute,
            "maxConnections": max_connections,
            "maxInFlight": max_in_flight,
            "maxResponseBytes": max_response_bytes,
            "proxy": proxy,
            "caFile": ca_file,
            "headers": headers,
            "userAgent": _user_agent(user_agent),
            "validate": validate,
            "allowInsecureHttp": allow_insecure_http,
            "env": env,
        }
        self._encoding = _encoding
        given = {name: value for name, value in options.items() if value is not None}
        self._handle = Handle(load(), _encoding.write(given, "client.new"))

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
        if request is None:
            text = b""
        elif isinstance(request, (str, bytes)):
            text = self._plain_text("request", request, operation)
        else:
            text = self._encoding.write(request, operation)
        return self._answer(
            operation, "trillet_call", name, text, self._options(options, operation)
        )

    def close(self, timeout_ms: int = 5000) -> bool:
        """Closes the client; closing it again does nothing.

        Args:
            timeout_ms: How long running calls of other threads may take to end, in
                milliseconds; the rest is cancelled. A negative number waits for all.

        Returns:
            Whether every running call ended by itself.
        """
        if isinstance(timeout_ms, bool) or not isinstance(timeout_ms, int):
            raise TypeError(
                f"close: timeout_ms is {timeout_ms!r}; give a whole number of milliseconds"
            )
        handle = self._handle
        return handle is None or handle.close(max(-1, min(timeout_ms, _LONGEST_TIMEOUT_MS)))

    @property
    def closed(self) -> bool:
        """Whether the client is closed."""
        return self._handle is None or self._handle.closed

    def __enter__(self) -> Trillet:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if self._handle is not None:
            self._handle.abandon()

    def __repr__(self) -> str:
        return f"<trillet client, {'closed' if self.closed else 'open'}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Trillet client cannot be copied or pickled; make another one")

    def _endpoint(
        self,
        function: str,
        fields: Mapping[str, object],
        extra_fields: Mapping[str, object] | None,
        options: RequestOptions | None,
    ) -> Any:
        operation = _operation(function)
        request = {name: value for name, value in fields.items() if value is not None}
        for name, value in (extra_fields or {}).items():
            if name in request:
                raise _invalid(f"`{name}` is also in extra_fields; give it once", name, operation)
            request[name] = value
        text = self._encoding.write(request, operation)
        return self._answer(operation, function, text, self._options(options, operation)).data

    def _options(self, options: RequestOptions | None, operation: str) -> bytes | None:
        if not options:
            return None
        from ._options import REQUEST_OPTION_NAMES

        named: dict[str, object] = {}
        for name, value in options.items():
            if name not in REQUEST_OPTION_NAMES:
                known = ", ".join(REQUEST_OPTION_NAMES)
                raise _invalid(f"{name!r} is no request option; known are {known}", name, operation)
            if value is not None:
                named[REQUEST_OPTION_NAMES[name]] = value
        return self._encoding.write(named, operation)

    def _answer(self, operation: str, function: str, *arguments: bytes | None) -> Response:
        handle = self._handle
        if handle is None:
            raise ClientClosedError("the client was never opened: its constructor failed")
        text = handle.text(operation, function, *arguments)
        try:
            answer = self._encoding.read(text)
        except ResponseError as error:
            error.meta = {"operation": operation, "attempts": 1}
            raise
        if not answer["ok"]:
            raise from_answer(answer)
        return Response(answer["data"], answer["status"], answer["meta"])

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


def _operation(function: str) -> str:
    name = function[len("trillet_") :]
    for resource in _RESOURCES:
        if name.startswith(resource + "_"):
            return f"{resource}.{name[len(resource) + 1 :]}"
    return name


def _user_agent(added: object) -> object:
    if added is not None and not isinstance(added, str):
        return added  # The library refuses it by name.
    version = ".".join(str(part) for part in sys.version_info[:2])
    own = f"trillet-python/{VERSION} Python/{version}"
    return own if not added else f"{own} {added}"


def _invalid(message: str, field: str, operation: str) -> TrilletError:
    meta = {"operation": operation, "attempts": 0}
    return InvalidArgumentError(message, field=field, meta=meta)
