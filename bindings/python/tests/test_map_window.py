"""How many requests `map` takes ahead of whoever reads its results."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from test_map import echo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import trillet
    from recording_server import RecordingServer

IN_FLIGHT = 16


class Numbers:
    """Requests without end, and how many of them were taken."""

    taken = 0

    def __iter__(self) -> Iterator[dict[str, object]]:
        while True:
            self.taken += 1
            yield {"number": self.taken}


@pytest.mark.parametrize("ordered", [True, False])
def test_requests_follow_while_earlier_results_are_still_to_be_read(
    ordered: bool, client: trillet.Trillet, server: RecordingServer
) -> None:
    echo(server)
    numbers = Numbers()
    with client.map("POST /x", numbers, max_in_flight=IN_FLIGHT, ordered=ordered) as results:
        assert all(result.ok for result in islice(results, IN_FLIGHT // 4 + 1))
        assert numbers.taken > IN_FLIGHT, "whoever reads slowly does not let the line run dry"
        assert numbers.taken <= (4 if ordered else 2) * IN_FLIGHT


def test_an_event_loop_takes_requests_while_earlier_results_are_still_to_be_read(
    connect_async: Callable[..., trillet.AsyncTrillet], server: RecordingServer
) -> None:
    echo(server)
    numbers = Numbers()

    async def main() -> None:
        async with connect_async() as client:
            results = client.map("POST /x", numbers, max_in_flight=IN_FLIGHT, ordered=False)
            async with results:
                for _ in range(IN_FLIGHT // 4 + 1):
                    await results.__anext__()
                assert IN_FLIGHT < numbers.taken <= 2 * IN_FLIGHT

    asyncio.run(main())
