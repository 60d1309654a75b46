"""Calls several people at the same time with asyncio, and follows every call to its end.

    calls_async.py [+12025550101 …]

Run with TRILLET_API_KEY and TRILLET_WORKSPACE_ID set; TRILLET_BASE_URL points it at another
service, such as the sandbox.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trillet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NUMBERS = [f"+120255501{last:02}" for last in range(1, 9)]
LONGEST_CALL_SECONDS = 600

on_terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def coloured(text: str, colour: int) -> str:
    return f"\033[{colour}m{text}\033[0m" if on_terminal else text


async def main() -> int:
    numbers = sys.argv[1:] or NUMBERS
    print(f"Calls from asyncio {coloured('· libtrillet ' + trillet.version(), 2)}\n")
    try:
        async with trillet.AsyncTrillet() as client, ready_agent(client) as agent:
            placed = await asyncio.gather(*(call(client, agent, number) for number in numbers))
            await asyncio.wait_for(follow(client, agent, sum(placed)), LONGEST_CALL_SECONDS)
            stats = client.stats()
    except trillet.TrilletError as error:
        sys.stdout.flush()
        print(f"\n{coloured('✗', 31)} {error}", file=sys.stderr)
        return 1
    requests, connections = stats["total"]["calls"], stats["connections"]["opened"]
    print(coloured(f"  {requests} requests over {connections} connections", 2))
    return 0 if all(placed) else 1


async def call(client: trillet.AsyncTrillet, agent: str, number: str) -> bool:
    """Places one call; whether it was placed."""
    try:
        await client.calls.send(agent, number)
    except trillet.TrilletError as error:
        # The others go on. Where `sent` is not "no", the phone may be ringing.
        print(f"  {coloured('✗', 31)} {number}  {error} (sent: {error.sent})")
        return False
    print(f"  {coloured('✓', 32)} {number}  calling")
    return True


async def follow(client: trillet.AsyncTrillet, agent: str, count: int) -> None:
    """Shows how each of the agent's calls ends; seldom enough for the service's rate limit."""
    shown: set[str] = set()
    pause = 0.1
    while len(shown) < count:
        history = await client.call("GET /v2/api/call-history", {"agentId": agent, "limit": 100})
        for record in history.data:
            if record.get("duration") is not None and record["_id"] not in shown:
                shown.add(record["_id"])
                talked = record["status"] == "completed"
                mark = coloured("✓", 32) if talked else coloured("–", 33)
                outcome = f"talked, {record['duration']} s in all" if talked else record["summary"]
                print(f"  {mark} {record['toPhoneNumber']}  {outcome}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 5)


@asynccontextmanager
async def ready_agent(client: trillet.AsyncTrillet) -> AsyncIterator[str]:
    """An agent that can call; deleted at the end, with its flow."""
    agent = await client.agents.create(
        name="Front Desk",
        tts_model={"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
        llm_model="gpt-4o-mini",
    )
    flow = await client.flows.create(
        name="Renewal",
        direction="outbound",
        prompt_type="simple",
        prompt="Confirm the renewal date.",
        agent=agent["_id"],
    )
    try:
        yield agent["_id"]
    finally:
        await client.flows.delete(flow["_id"])
        await client.agents.delete(agent["_id"])


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
