"""httpx: its client, and its client for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from clients import AsyncSend, Client, Send, check
from suite import service


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    import httpx

    with httpx.Client(headers=service.HEADERS, timeout=60, trust_env=False) as client:

        def send() -> None:
            answer = client.post(url + service.PATH, json=service.FIELDS)
            answer.raise_for_status()
            check(answer.json(), "status", "success")

        yield send


@asynccontextmanager
async def asynchronous(url: str) -> AsyncIterator[AsyncSend]:
    import httpx

    async with httpx.AsyncClient(headers=service.HEADERS, timeout=60, trust_env=False) as client:

        async def send() -> None:
            answer = await client.post(url + service.PATH, json=service.FIELDS)
            answer.raise_for_status()
            check(answer.json(), "status", "success")

        yield send


CLIENT = Client("httpx", "httpx", "httpx", blocking=blocking, asynchronous=asynchronous)
