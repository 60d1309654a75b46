"""The operations that only read: they can be repeated whatever became of them."""

from __future__ import annotations

READING = frozenset(
    {
        "agents.get",
        "agents.list",
        "batch_calls.get",
        "batch_calls.get_call",
        "batch_calls.list_calls",
        "batch_calls.progress",
        "batch_calls.results",
        "batch_calls.template",
        "batch_calls.wait",
        "calls.find",
        "calls.get",
        "calls.history",
        "calls.recording",
        "calls.wait",
        "conversations.list",
        "flows.get",
        "flows.list",
        "folders.list",
        "knowledge_bases.get",
        "knowledge_bases.list",
        "message_agents.get",
        "message_agents.list",
        "message_flows.list",
        "numbers.available",
        "numbers.get_config",
        "numbers.list",
        "voices.get",
        "workspaces.get",
        "workspaces.invitations",
        "workspaces.list",
    }
)
