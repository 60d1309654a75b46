"""What a folder holds: agents, flows, knowledge and numbers, and what of them stands in no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# What a file of the folder says of one object, by the service's names.
Fields = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of object.

    Attributes:
        folder: Where its files are; with the file's name this is what an object is called.
        title: How messages call one.
        resource: Its operations on the service.
        text: The field that stands in a Markdown file beside, if any.
        links: Fields whose text is the id of another object, and the folder of that.
        made: Fields that only the service sets, or that mean nothing in another workspace.
        id_field: What requests call its id.
    """

    folder: str
    title: str
    resource: str
    text: str | None
    links: dict[str, str]
    made: frozenset[str]
    id_field: str


_MADE = {"_id", "id", "workspaceId", "userId", "createdAt", "updatedAt", "__v"}

AGENTS = Kind(
    folder="agents",
    title="agent",
    resource="agents",
    text="systemPrompt",
    links={"pathway": "flows"},
    # Numbers have files of their own, which name the agent.
    made=frozenset(
        {*_MADE, "status", "activeSessions", "currentNode", "phoneNumberIds", "phoneNumberId"}
    ),
    id_field="agentId",
)
FLOWS = Kind(
    folder="flows",
    title="flow",
    resource="flows",
    text="prompt",
    links={"agent": "agents", "settings.knowledgeBases": "knowledge"},
    # A folder is where the dashboard shows a flow; files that were uploaded are the workspace's.
    made=frozenset({*_MADE, "folderId", "preConfiguredWorkspaceId", "settings.knowledgeBaseFiles"}),
    id_field="flowId",
)
KNOWLEDGE = Kind(
    folder="knowledge",
    title="knowledge base",
    resource="knowledge_bases",
    text="textContent",
    links={},
    made=frozenset({*_MADE, "size", "status", "files"}),
    id_field="id",
)
NUMBERS = Kind(
    folder="numbers",
    title="number",
    resource="numbers",
    text=None,
    links={"agent": "agents"},
    made=frozenset({*_MADE, "flowType", "direction", "status", "recording"}),
    id_field="phoneNumberId",
)

# In the order in which they are created: flows name agents and knowledge.
CREATED = (AGENTS, KNOWLEDGE, FLOWS)
KINDS = {kind.folder: kind for kind in (*CREATED, NUMBERS)}

# Fields that say nothing unless they are true: asking for them needs a permission of its own.
SAY_NOTHING_WHEN_FALSE = frozenset({"isGlobal", "isPreConfigured"})


def kind_of(name: str) -> Kind:
    """That of an object such as ``agents/front-desk``."""
    return KINDS[name.partition("/")[0]]
