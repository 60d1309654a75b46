"""Agents that can call, and batches of them, on the sandbox."""

from __future__ import annotations

from doors import Client

FIRST_NUMBER = 12_025_550_000


def new_agent(client: Client, name: str = "Front Desk") -> str:
    """An agent with a flow."""
    made = client.call(
        "agents.create",
        {
            "name": name,
            "llmModel": "gpt-4o-mini",
            "ttsModel": {"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
        },
    )
    assert made["ok"], made
    agent: str = made["data"]["_id"]
    flow = client.call(
        "flows.create",
        {
            "name": name,
            "direction": "outbound",
            "promptType": "simple",
            "prompt": "Greet {first_name}.",
            "welcomeMessage": "ai_dynamic",
            "agent": agent,
        },
    )
    assert flow["ok"], flow
    return agent


def start_batch(client: Client, agent: str, calls: int, **fields: object) -> str:
    rows = "".join(f"+{FIRST_NUMBER + row},Ada {row}\n" for row in range(calls))
    return start_batch_with(client, agent, f"phone_number,first_name\n{rows}", **fields)


def start_batch_with(client: Client, agent: str, csv: str, **fields: object) -> str:
    started = client.call("batch_calls.start", {"agentId": agent, "csv": csv, **fields})
    assert started["ok"], started
    batch: str = started["data"]["batchId"]
    return batch
