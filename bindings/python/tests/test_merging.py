"""Updates that merge, on routes that replace what they are sent and on those that do not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

VOICE: trillet.types.TtsModel = {"provider": "rime", "voiceId": "v", "language": "en"}


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(params=["overview", "published"])
def client(server: Sandbox, request: pytest.FixtureRequest) -> Iterator[trillet.Trillet]:
    with server.client(routes=request.param, max_retries=0) as client:
        yield client


def new_agent(client: trillet.Trillet) -> Any:
    return client.agents.create(
        name="Front Desk",
        llm_model="gpt-4o-mini",
        tts_model=VOICE,
        settings={"speed": 0.5},
        system_prompt="Be brief.",
        variables={"shop": "Kiel", "city": "Kiel"},
        extra_fields={"sttProvider": {"id": "nova-3"}},
    )


def test_a_merge_keeps_what_it_does_not_name(client: trillet.Trillet) -> None:
    agent = new_agent(client)
    changed: Any = client.agents.update(
        agent["_id"], settings={"volume": 1}, variables={"city": "Bonn"}, merge=True
    )
    assert changed["settings"] == {"speed": 0.5, "volume": 1}
    assert changed["variables"] == {"shop": "Kiel", "city": "Bonn"}
    for name in ("name", "llmModel", "ttsModel", "systemPrompt"):
        assert changed[name] == agent[name]


def test_without_a_merge_a_published_update_replaces_the_agent(server: Sandbox) -> None:
    with server.client(routes="published") as client:
        agent = new_agent(client)
        changed: Any = client.agents.update(agent["_id"], llm_model="gpt-5", name="Night Desk")
        assert (changed["settings"], changed["variables"]) == ({}, {})
        assert "systemPrompt" not in changed


def test_the_settings_of_a_flow_are_merged_and_its_webhooks_stay_single(
    client: trillet.Trillet,
) -> None:
    flow: Any = client.flows.create(
        name="Reminder", direction="outbound", prompt_type="simple", webhooks=[{"name": "one"}]
    )
    settings: Any = {"callSetting": {"maxCallDuration": 120}}
    changed: Any = client.flows.update(flow["_id"], settings=settings, merge=True)
    assert changed["settings"] == {
        **flow["settings"],
        "callSetting": {**flow["settings"]["callSetting"], "maxCallDuration": 120},
    }
    assert [webhook["name"] for webhook in changed["webhooks"]] == ["one"]


def test_an_extra_field_of_none_undoes_a_link(client: trillet.Trillet) -> None:
    agent = new_agent(client)
    flow: Any = client.flows.create(
        name="Reminder", direction="outbound", prompt_type="simple", agent=agent["_id"]
    )
    linked: Any = client.agents.update(agent["_id"], pathway=flow["_id"], merge=True)
    assert linked["pathway"] == flow["_id"]
    assert linked["phoneNumberIds"], "its number stays"
    undone: Any = client.agents.update(agent["_id"], extra_fields={"pathway": None}, merge=True)
    assert "pathway" not in undone


def test_what_cannot_be_got_is_not_updated(client: trillet.Trillet, server: Sandbox) -> None:
    with pytest.raises(trillet.NotFoundError) as raised:
        client.agents.update("0" * 24, name="Night Desk", merge=True)
    assert raised.value.operation == "agents.get"


def test_a_coroutine_merges_too(server: Sandbox) -> None:
    with server.client(routes="published") as client:
        agent = new_agent(client)

    async def change() -> Any:
        async with server.async_client(routes="published") as client:
            return await client.agents.update(agent["_id"], name="Night Desk", merge=True)

    changed = asyncio.run(change())
    assert (changed["name"], changed["systemPrompt"]) == ("Night Desk", "Be brief.")


@pytest.fixture(scope="module")
def published_alone() -> Iterator[Sandbox]:
    with Sandbox(arguments=["--routes", "published"]) as sandbox:
        yield sandbox


def test_a_merge_takes_the_published_route_where_there_is_no_other(
    published_alone: Sandbox,
) -> None:
    with published_alone.client(max_retries=0) as client:
        agent = new_agent(client)
        changed: Any = client.agents.update(agent["_id"], variables={"city": "Bonn"}, merge=True)
        assert changed["variables"] == {"shop": "Kiel", "city": "Bonn"}
        assert changed["settings"] == agent["settings"]


def test_a_coroutine_takes_the_published_route_too(published_alone: Sandbox) -> None:
    async def change() -> Any:
        async with published_alone.async_client(max_retries=0) as client:
            flow: Any = await client.flows.create(
                name="Reminder", direction="outbound", prompt_type="simple"
            )
            return await client.flows.update(flow["_id"], name="Night", merge=True)

    assert asyncio.run(change())["name"] == "Night"


def test_without_a_merge_nothing_takes_the_published_route(published_alone: Sandbox) -> None:
    with published_alone.client(max_retries=0) as client:
        agent = new_agent(client)
        with pytest.raises(trillet.ResponseError, match='routes "published"') as raised:
            client.agents.update(agent["_id"], name="Night Desk")
        assert raised.value.sent == "no"
        assert client.agents.get(agent["_id"])["name"] == "Front Desk"
