"""aiohttp, which is for asyncio alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clients import AsyncSend, Client, check
from suite import service


@asynccontextmanager
async def asynchronous(url: str) -> AsyncIterator[AsyncSend]:
    import aiohttp

    async with aiohttp.ClientSession(headers=service.HEADERS) as session:

        async def send() -> None:
            body = service.encode(service.FIELDS).encode()
            async with session.post(url + service.PATH, data=body) as answer:
                answer.raise_for_status()
                check(await answer.json(), "status", "success")

        yield send


CLIENT = Client("aiohttp", "aiohttp", "aiohttp", asynchronous=asynchronous)
