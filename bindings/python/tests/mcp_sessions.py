"""Sessions of the mcp package's own client with ``trillet mcp``."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from conftest import KEY, WORKSPACE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

TOKEN = "a-token-of-the-tests"


class Questions:
    """A person who answers every question in the same way."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.asked: list[str] = []

    async def __call__(self, context: Any, params: Any) -> Any:
        self.asked.append(params.message)
        return types.ElicitResult.model_validate({"action": self.action, "content": {}})


class Told(NamedTuple):
    is_error: bool
    text: str


def environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_API_KEY": KEY,
        "TRILLET_WORKSPACE_ID": WORKSPACE,
        "TRILLET_BASE_URL": url,
        "TRILLET_MCP_TOKEN": TOKEN,
    }


def command(*flags: object) -> list[str]:
    return ["-m", "trillet", "mcp", *map(str, flags)]


@asynccontextmanager
async def over_stdio(
    url: str, *flags: object, person: Questions | None = None
) -> AsyncIterator[ClientSession]:
    server = StdioServerParameters(
        command=sys.executable, args=command(*flags), env=environment(url)
    )
    async with (
        stdio_client(server) as (incoming, outgoing),
        ClientSession(incoming, outgoing, elicitation_callback=person) as session,
    ):
        await session.initialize()
        yield session


@contextmanager
def http_server(url: str, *flags: object) -> Iterator[str]:
    """The address of a server; it ends by Ctrl-C, and cleanly."""
    with subprocess.Popen(
        [sys.executable, *command("--http", 0, *flags)],
        env=environment(url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stderr is not None
            yield server.stderr.readline().split()[0]
        finally:
            server.send_signal(signal.SIGINT)
            out, _ = server.communicate(timeout=20)
        assert server.returncode == 0
        assert out == ""


@asynccontextmanager
async def over_http(
    address: str, *, person: Questions | None = None
) -> AsyncIterator[ClientSession]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        httpx.AsyncClient(headers=headers, timeout=60) as client,
        streamable_http_client(address, http_client=client) as (incoming, outgoing, _),
        ClientSession(incoming, outgoing, elicitation_callback=person) as session,
    ):
        await session.initialize()
        yield session


async def use(session: ClientSession, tool: str, **arguments: object) -> Told:
    result = await session.call_tool(tool, arguments)
    texts = [each.text for each in result.content if isinstance(each, types.TextContent)]
    return Told(result.isError, "\n".join(texts))


def run(test: Callable[[], Awaitable[None]], seconds: float = 60) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(test(), seconds)

    asyncio.run(bounded())
