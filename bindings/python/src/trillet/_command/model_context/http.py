"""The server over streamable HTTP, for programs of this machine that know its token."""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import sys
from typing import TYPE_CHECKING, Any

from ... import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKEN_VARIABLE = "TRILLET_MCP_TOKEN"
_SHORTEST = 16


def token_of_environment() -> tuple[str, bool]:
    """The token, and whether it was made just now."""
    given = os.environ.get(TOKEN_VARIABLE, "")
    if not given:
        return secrets.token_urlsafe(32), True
    if len(given) < _SHORTEST or not given.isascii() or not given.isprintable() or " " in given:
        raise ConfigurationError(
            f"{TOKEN_VARIABLE} must be {_SHORTEST} or more printable ASCII characters without "
            "spaces; leave it out to have one made",
            field=TOKEN_VARIABLE,
        )
    return given, False


def listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            f"Port {port} cannot be used ({error}); name another by --http, or 0 for any",
            field="http",
        ) from None


class Guarded:
    """Lets nobody in without the token."""

    def __init__(self, application: Any, token: str) -> None:
        self._application = application
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not self._knows(scope["headers"]):
            headers = [(b"www-authenticate", b"Bearer"), (b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b"Give the token as Bearer.\n"})
            return
        await self._application(scope, receive, send)

    def _knows(self, headers: list[tuple[bytes, bytes]]) -> bool:
        given = [value for name, value in headers if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._expected)


def _application(server: Any, port: int, token: str) -> Any:
    from contextlib import asynccontextmanager

    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.applications import Starlette
    from starlette.routing import Route

    names = [f"{host}:{port}" for host in ("127.0.0.1", "localhost")]
    manager = StreamableHTTPSessionManager(
        server,
        security_settings=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=names,
            allowed_origins=[f"http://{name}" for name in names],
        ),
        max_sessions=100,
    )

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with manager.run():
            yield

    class Endpoint:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await manager.handle_request(scope, receive, send)

    # A class, which Starlette calls with the connection as it is.
    routes = [Route("/mcp", endpoint=Endpoint(), methods=None)]
    return Guarded(Starlette(routes=routes, lifespan=lifespan), token)


async def serve_http(server: Any, listener: socket.socket) -> None:
    """Until Ctrl-C."""
    import uvicorn

    token, is_new = token_of_environment()
    port = listener.getsockname()[1]
    print(f"http://127.0.0.1:{port}/mcp (Ctrl-C ends)", file=sys.stderr)
    if is_new:
        print(f"Authorization: Bearer {token}", file=sys.stderr)
    sys.stderr.flush()
    config = uvicorn.Config(
        _application(server, port, token),
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=2,
    )
    await uvicorn.Server(config).serve(sockets=[listener])
