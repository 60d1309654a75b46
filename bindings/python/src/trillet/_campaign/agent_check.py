"""Whether the agent leaves it to the campaign who is called again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._model.errors import TrilletError
from .context import pause

if TYPE_CHECKING:
    from .._sync.client import Trillet
    from .context import Context

# Somebody may turn it on while the campaign runs.
FRESH_MS = 3_600_000
# When the service did not say.
AGAIN_MS = 60_000


def check_agent(context: Context, client: Trillet) -> None:
    """Pauses a campaign whose agent calls people again of its own accord."""
    name = f"agent:{context.campaign}"
    with context.database.read() as transaction:
        now = transaction.now()
        found = transaction.row("SELECT until FROM duty WHERE name = ?", name)
        running = transaction.row(
            "SELECT 1 FROM campaign WHERE id = ? AND state = 'running'", context.campaign
        )
    if running is None or (found is not None and now < found[0] <= now + FRESH_MS):
        return
    until = now + FRESH_MS
    try:
        agent: Any = client.agents.get(context.agent)
    except TrilletError:
        # What is wrong with the key or the agent, the first call says.
        until, agent = now + AGAIN_MS, None
    calls_back = isinstance(agent, dict) and agent.get("smartCallback") is True
    with context.database.write() as transaction:
        if calls_back:
            until = 0
            reason = (
                f"the agent {context.agent} calls people again of its own accord (smartCallback),"
                " beside the campaign; turn that off"
            )
            pause(transaction, context.campaign, reason)
        values = (context.worker, until, name)
        if not transaction.run("UPDATE duty SET worker = ?, until = ? WHERE name = ?", *values):
            transaction.run(
                "INSERT INTO duty (worker, until, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                *values,
            )
