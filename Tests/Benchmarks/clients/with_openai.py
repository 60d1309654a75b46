"""openai: its raw post, which has its retries, headers and models but no service of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from clients import AsyncSend, Client, Send, check
from suite import service


def options(url: str) -> dict[str, Any]:
    return {"api_key": service.API_KEY, "base_url": url, "timeout": 60, "max_retries": 2}


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    import openai

    with openai.OpenAI(**options(url)) as client:

        def send() -> None:
            answer = client.post(service.PATH, cast_to=dict[str, Any], body=service.FIELDS)
            check(answer, "status", "success")

        yield send


@asynccontextmanager
async def asynchronous(url: str) -> AsyncIterator[AsyncSend]:
    import openai

    async with openai.AsyncOpenAI(**options(url)) as client:

        async def send() -> None:
            answer = await client.post(service.PATH, cast_to=dict[str, Any], body=service.FIELDS)
            check(answer, "status", "success")

        yield send


CLIENT = Client(
    "openai",
    "openai",
    "openai",
    uses="a raw `post`",
    blocking=blocking,
    asynchronous=asynchronous,
)
