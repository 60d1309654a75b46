"""httpx: its client, and its client for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from clients import AsyncSend, Client, Send, ca_file, check, trust
from suite import service


def options() -> dict[str, Any]:
    found: dict[str, Any] = {"headers": service.HEADERS, "timeout": 60, "trust_env": False}
    if ca_file() is not None:
        # HTTP/2 only where the server offers it.
        found |= {"verify": trust(), "http2": True}
    return found


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    import httpx

    with httpx.Client(**options()) as client:

        def send() -> None:
            answer = client.post(url + service.PATH, json=service.FIELDS)
            answer.raise_for_status()
            check(answer.json(), "status", "success")

        yield send


@asynccontextmanager
async def asynchronous(url: str) -> AsyncIterator[AsyncSend]:
    import httpx

    async with httpx.AsyncClient(**options()) as client:

        async def send() -> None:
            answer = await client.post(url + service.PATH, json=service.FIELDS)
            answer.raise_for_status()
            check(answer.json(), "status", "success")

        yield send


CLIENT = Client(
    "httpx",
    "httpx",
    "httpx",
    blocking=blocking,
    asynchronous=asynchronous,
    wires=("plain", "tls", "h2"),
)
