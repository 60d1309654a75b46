"""trillet: this project's package, blocking, for asyncio, and with its batch door `map`.

As it is without msgspec, which `with_trillet_speedups` has.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from itertools import repeat
from typing import TYPE_CHECKING, Any

from clients import IN_FLIGHT, AsyncSend, Batch, Client, Send, ca_file, check
from suite import service

if TYPE_CHECKING:
    import trillet

# Names that the service's API does not have on these routes go through `extra_fields`.
CALL: dict[str, Any] = {
    "agent_id": service.AGENT,
    "to_number": service.NUMBER,
    "metadata": service.FIELDS["metadata"],
    "extra_fields": {name: service.FIELDS[name] for name in ("callback_url", "dynamic_variables")},
}


def options(url: str) -> dict[str, Any]:
    return {
        "api_key": service.API_KEY,
        "workspace_id": service.WORKSPACE,
        "base_url": url,
        "env": False,
        "max_in_flight": IN_FLIGHT,
        "ca_file": ca_file(),
    }


def without_msgspec() -> None:
    sys.modules["msgspec"] = None  # type: ignore[assignment]


@contextmanager
def blocking(url: str) -> Iterator[Send]:
    import trillet

    with trillet.Trillet(**options(url)) as client:

        def send() -> None:
            check(client.calls.send(**CALL), "status", "success")

        yield send


@asynccontextmanager
async def asynchronous(url: str) -> AsyncIterator[AsyncSend]:
    import trillet

    async with trillet.AsyncTrillet(**options(url)) as client:

        async def send() -> None:
            check(await client.calls.send(**CALL), "status", "success")

        yield send


def batch(engine: str) -> Callable[[str], AbstractContextManager[Batch]]:
    """`map` of a client with this engine."""

    @contextmanager
    def opened(url: str) -> Iterator[Batch]:
        import trillet

        with trillet.Trillet(**options(url), engine=engine) as client:

            def send(count: int) -> list[float]:
                requests = repeat(service.FIELDS, count)
                results = client.map("calls.send", requests, ordered=False)
                return [latency(result) for result in results]

            yield send

    return opened


def latency(result: trillet.Result) -> float:
    """Checks a result; the seconds are the library's own, with a resolution of 0.1 ms."""
    check(result.data, "status", "success")
    assert result.response is not None
    return float(result.response.meta["elapsedMs"]) / 1000


CLIENT = Client(
    "trillet",
    "trillet",
    None,
    blocking=blocking,
    asynchronous=asynchronous,
    batch=batch("thread"),
    prepare=without_msgspec,
    wires=("plain", "tls", "h2"),
)
