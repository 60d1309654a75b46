"""The doors of a receiver: ASGI, WSGI, and one for every other framework."""

from __future__ import annotations

import asyncio
import inspect
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from .._model.errors import ConfigurationError
from .reply import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping

    from .reply import Reply

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Application:
    """Serves one path. The object itself is the ASGI application; `wsgi` is the WSGI one."""

    def __init__(self, max_body_bytes: int) -> None:
        self._limit = max_body_bytes

    @abstractmethod
    def answer(
        self, method: str, headers: Mapping[str, str], body: bytes, query: str = ""
    ) -> Reply:
        """The answer to a request, for frameworks with requests of their own.

        Header names may have any case. ``body`` must be the bytes as they arrived.
        """

    def wsgi(
        self, environ: Mapping[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """The WSGI application."""
        headers = {
            name[5:].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        headers["content-type"] = environ.get("CONTENT_TYPE") or "application/json"
        body = self._read(environ)
        if body is None:
            reply = refusal(413)
        else:
            query = environ.get("QUERY_STRING", "")
            reply = self.answer(environ["REQUEST_METHOD"], headers, body, query)
        start_response(reply.line, reply.headers)
        return [reply.body]

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        body = await self._receive(receive)
        if body is None:
            reply = refusal(413)
        else:
            query = scope.get("query_string", b"").decode("latin-1")
            loop = asyncio.get_running_loop()
            # A store may wait for a network, which the event loop must not.
            reply = await loop.run_in_executor(
                None, self.answer, scope["method"], headers, body, query
            )
        named = [(name.lower().encode(), value.encode()) for name, value in reply.headers]
        await send({"type": "http.response.start", "status": reply.status, "headers": named})
        await send({"type": "http.response.body", "body": reply.body})

    def _read(self, environ: Mapping[str, Any]) -> bytes | None:
        """The body, None when it is too long."""
        text = environ.get("CONTENT_LENGTH") or ""
        # More digits than any length has would be refused by int() with an error.
        if text.isascii() and text.isdigit():
            length = int(text[:19])
        else:
            # Of a chunked body no length is known; not every server ends its input.
            length = self._limit + 1 if environ.get("wsgi.input_terminated") else 0
        if length > self._limit and text:
            return None
        parts: list[bytes] = []
        while length > 0 and (part := environ["wsgi.input"].read(length)):
            parts.append(part)
            length -= len(part)
        body = b"".join(parts)
        return None if len(body) > self._limit else body

    async def _receive(self, receive: Receive) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b""
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > self._limit:
                return None
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)


def ordinary(function: Callable[..., Any], field: str) -> Callable[..., Any]:
    """The function, which must not be asynchronous: nobody awaits what it returns."""
    call = getattr(function, "__call__", None)  # noqa: B004
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call):
        raise ConfigurationError(
            f"`{field}` is asynchronous, and would never run; give an ordinary function, which is "
            "called outside the event loop",
            field=field,
        )
    return function


async def _live(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
