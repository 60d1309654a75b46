"""aiohttp, which is for asyncio alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clients import AsyncSend, Client, ca_file, check, trust
from suite import service


@asynccontextmanager
async def asynchronous(url: str) -> AsyncIterator[AsyncSend]:
    import aiohttp

    connector = aiohttp.TCPConnector(ssl=trust()) if ca_file() else None
    async with aiohttp.ClientSession(headers=service.HEADERS, connector=connector) as session:

        async def send() -> None:
            body = service.encode(service.FIELDS).encode()
            async with session.post(url + service.PATH, data=body) as answer:
                answer.raise_for_status()
                check(await answer.json(), "status", "success")

        yield send


CLIENT = Client("aiohttp", "aiohttp", "aiohttp", asynchronous=asynchronous, wires=("plain", "tls"))
