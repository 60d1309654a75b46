"""vapi_server_sdk: `calls.create`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from clients import AsyncSend, Client, Send, check
from suite import service


def fields() -> dict[str, Any]:
    from vapi.types import AssistantOverrides, CreateCustomerDto

    return {
        "assistant_id": "6a1c9a5e-9b0c-4c0b-8b1f-3c6f0e9d7a22",
        "phone_number_id": "3d1b0f6e-58a7-4b39-8d3c-0f2d9a7c6b15",
        "customer": CreateCustomerDto(
            number=service.NUMBER, name="Ada Moss, spring renewal no 1042"
        ),
        "assistant_overrides": AssistantOverrides(
            variable_values=service.FIELDS["dynamic_variables"]
        ),
    }


def options(url: str) -> dict[str, Any]:
    return {"token": service.API_KEY, "base_url": url, "timeout": 60}


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    import vapi

    client = vapi.Vapi(**options(url))
    call = fields()

    def send() -> None:
        check(client.calls.create(**call), "status", "queued")

    yield send


@asynccontextmanager
async def asynchronous(url: str) -> AsyncIterator[AsyncSend]:
    import vapi

    client = vapi.AsyncVapi(**options(url))
    call = fields()

    async def send() -> None:
        check(await client.calls.create(**call), "status", "queued")

    yield send


CLIENT = Client(
    "vapi_server_sdk",
    "vapi",
    "vapi_server_sdk",
    uses="`calls.create`",
    blocking=blocking,
    asynchronous=asynchronous,
)
