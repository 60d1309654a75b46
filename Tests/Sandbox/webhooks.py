"""Calls with a receiver, and what the sandbox says of its deliveries."""

from __future__ import annotations

from typing import Any

from sandbox import Sandbox, until

SEND = "/v1/api/call"
NUMBER = "+12025550164"


def send(sandbox: Sandbox, agent: str, url: str, number: str = NUMBER, **fields: object) -> str:
    """Sends a call on the published route and returns its id."""
    body = {"call_agent_id": agent, "to": number, "callback_url": url, **fields}
    answer = sandbox.post(SEND, body)
    assert answer.status == 200, answer.body
    call: str = answer.json["call_id"]
    return call


def deliveries(sandbox: Sandbox, query: str = "") -> list[dict[str, Any]]:
    answer = sandbox.request("GET", f"/sandbox/deliveries{query}", headers={"x-api-key": None})
    assert answer.status == 200, answer.body
    entries: list[dict[str, Any]] = answer.json["entries"]
    return entries


def settled(sandbox: Sandbox, query: str = "") -> list[dict[str, Any]]:
    """The deliveries once none of them is pending."""

    def is_settled(entries: list[dict[str, Any]]) -> bool:
        return bool(entries) and all(entry["status"] != "pending" for entry in entries)

    return until(lambda: deliveries(sandbox, query), is_settled)
