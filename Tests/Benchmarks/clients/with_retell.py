"""retell-sdk: `call.create_phone_call`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from clients import AsyncSend, Client, Send, check
from suite import service

FIELDS: dict[str, Any] = {
    "from_number": "+12025550117",
    "to_number": service.NUMBER,
    "override_agent_id": "oBeDLoLOeuAbiuaMFXRtDOLriTJ5tSxD",
    "retell_llm_dynamic_variables": service.FIELDS["dynamic_variables"],
    "metadata": {"campaign": "spring renewal", "row": 1042, "attempt": 1, "crm": "x-9921-03548"},
}
assert len(service.encode(FIELDS)) == service.SIZE, len(service.encode(FIELDS))


def options(url: str) -> dict[str, Any]:
    return {"api_key": service.API_KEY, "base_url": url, "timeout": 60}


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    import retell

    with retell.Retell(**options(url)) as client:

        def send() -> None:
            check(client.call.create_phone_call(**FIELDS), "call_status", "registered")

        yield send


@asynccontextmanager
async def asynchronous(url: str) -> AsyncIterator[AsyncSend]:
    import retell

    async with retell.AsyncRetell(**options(url)) as client:

        async def send() -> None:
            check(await client.call.create_phone_call(**FIELDS), "call_status", "registered")

        yield send


CLIENT = Client(
    "retell-sdk",
    "retell",
    "retell-sdk",
    uses="`call.create_phone_call`",
    blocking=blocking,
    asynchronous=asynchronous,
)
