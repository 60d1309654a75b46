"""``validate="strict"``: an unknown field is refused, and nothing is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import trillet
from operations import AGENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer

CALL = {"agentId": AGENT, "toNumber": "+12025550164"}


def test_an_unknown_field_is_refused_with_the_one_that_may_be_meant(
    server: RecordingServer, connect: Callable[..., trillet.Trillet]
) -> None:
    with pytest.raises(trillet.InvalidArgumentError) as caught:
        connect(validate="strict").calls.send(AGENT, "+12025550164", extra_fields={"metadatta": {}})
    assert caught.value.field == "metadatta"
    assert caught.value.sent == "no"
    assert "did you mean 'metadata'?" in str(caught.value)
    assert not server.requests


def test_open_objects_take_anything(
    server: RecordingServer, connect: Callable[..., trillet.Trillet]
) -> None:
    client = connect(validate="strict")
    client.calls.send(AGENT, "+12025550164", dynamic_variables={"any": 1}, metadata={"x": {}})
    assert len(server.requests) == 1


def test_a_request_overrides_its_client(
    server: RecordingServer, connect: Callable[..., trillet.Trillet]
) -> None:
    request = {**CALL, "colour": 1}
    connect(validate="strict").call("calls.send", request, options={"validate": True})
    for client, options in (
        (connect(validate="strict"), None),
        (connect(), trillet.RequestOptions(validate="strict")),
    ):
        with pytest.raises(trillet.InvalidArgumentError):
            client.call("calls.send", request, options=options)
    assert len(server.requests) == 1


def test_an_asyncio_client_is_as_strict(
    server: RecordingServer, connect_async: Callable[..., trillet.AsyncTrillet]
) -> None:
    async def call() -> None:
        async with connect_async(validate="strict") as client:
            await client.call("calls.send", {**CALL, "agentld": "a"})

    with pytest.raises(trillet.InvalidArgumentError) as caught:
        asyncio.run(call())
    assert caught.value.field == "agentld"
    assert not server.requests
