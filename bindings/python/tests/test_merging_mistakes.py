"""A merge into something that is not the document: it would take the document's place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from recording_server import json_answer

if TYPE_CHECKING:
    from recording_server import RecordingServer

AGENT = "5d1c0a77e2b94f0013ab6c21"
OTHER = AGENT[::-1]
WHOLE = {"name": "Front Desk", "llmModel": "m", "ttsModel": {"provider": "p", "voiceId": "v"}}
WRONG: dict[str, Any] = {
    "nothing": None,
    "a list": [{"_id": AGENT, **WHOLE}],
    "a text": "Front Desk",
    "an empty object": {},
    "an error": {"error": "No agent", **WHOLE},
    "an object around it": {"data": {"_id": AGENT, **WHOLE}, **WHOLE},
    "another one": {"_id": OTHER, **WHOLE},
}


def asked(server: RecordingServer) -> list[str]:
    return [request.method for request in server.requests]


@pytest.mark.parametrize("routes", ["overview", "published"])
@pytest.mark.parametrize("current", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("group", ["agents", "flows"])
def test_nothing_is_changed_for_the_wrong_document(
    server: RecordingServer, group: str, current: object, routes: Any
) -> None:
    server.script(json_answer(current))
    options: Any = {"api_key": "sandbox-key", "workspace_id": "w", "base_url": server.url}
    with (
        trillet.Trillet(**options, routes=routes) as client,
        pytest.raises(trillet.ResponseError, match="nothing was changed") as caught,
    ):
        getattr(client, group).update(AGENT, name="Night Desk", merge=True)
    assert (caught.value.sent, caught.value.operation) == ("no", f"{group}.update")
    assert AGENT in str(caught.value)
    assert asked(server) == ["GET"]


def test_asyncio_changes_nothing_either(server: RecordingServer) -> None:
    server.script(json_answer(WRONG["another one"]))

    async def update() -> None:
        options: Any = {"api_key": "sandbox-key", "workspace_id": "w", "base_url": server.url}
        async with trillet.AsyncTrillet(**options) as client:
            with pytest.raises(trillet.ResponseError, match="nothing was changed"):
                await client.agents.update(AGENT, name="Night Desk", merge=True)

    asyncio.run(update())
    assert asked(server) == ["GET"]


@pytest.mark.parametrize("body", [{"statusCode": 404, "message": "Cannot PATCH"}, {}])
def test_what_a_router_says_leads_to_the_published_route(
    server: RecordingServer, body: dict[str, Any]
) -> None:
    missing = json_answer(body, status=404)
    server.script(json_answer({"_id": AGENT, **WHOLE}), missing, json_answer({"_id": AGENT}))
    options: Any = {"api_key": "sandbox-key", "workspace_id": "w", "base_url": server.url}
    with trillet.Trillet(**options) as client:
        client.agents.update(AGENT, name="Night Desk", merge=True)
    assert asked(server) == ["GET", "PATCH", "PUT"]


def test_an_error_of_the_service_itself_is_the_answer(server: RecordingServer) -> None:
    missing = json_answer({"error": "Agent not found"}, status=404)
    server.script(json_answer({"_id": AGENT, **WHOLE}), missing)
    options: Any = {"api_key": "sandbox-key", "workspace_id": "w", "base_url": server.url}
    with trillet.Trillet(**options) as client, pytest.raises(trillet.NotFoundError):
        client.agents.update(AGENT, name="Night Desk", merge=True)
    assert asked(server) == ["GET", "PATCH"]
