"""What the operations and their fields are called in the command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .described import Operation

# In the words of the commands that were there before.
_RESOURCES = {"batch_calls": "batch"}
_VERBS = {
    "calls.history": "list",
    "batch_calls.list_calls": "calls",
    "batch_calls.get_call": "call",
}
_FURTHER_VERBS = {"get": ("show", "retrieve"), "history": ("history",)}
# The second name of a flag, which people type before they look.
_SHORT = {"agentId": "agent", "batchId": "batch", "pathwayId": "flow"}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def resource_word(resource: str) -> str:
    """`knowledge_bases` is `knowledge-bases`."""
    return _RESOURCES.get(resource, resource.replace("_", "-"))


def verb_word(operation: Operation) -> str:
    """`numbers.get_config` is `get-config`."""
    return _VERBS.get(operation.id, operation.method_name.replace("_", "-"))


def further_verbs(operation: Operation) -> tuple[str, ...]:
    """What else a verb may be called."""
    return _FURTHER_VERBS.get(operation.method_name, ())


def hyphenated(name: str) -> str:
    """`llmModel` is `llm-model`, `isSMB` is `is-smb`."""
    return _HUMP.sub("-", name).replace("_", "-").lower()


def flags(path: tuple[str, ...], taken: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The flags of a field, or of a member within one: `--settings.speed`."""
    names = ["--" + ".".join(map(hyphenated, path))]
    if len(path) == 1 and path[0] in _SHORT and _SHORT[path[0]] not in taken:
        names.append(f"--{_SHORT[path[0]]}")
    return tuple(names)


def snake(name: str) -> str:
    """As the package's methods call it."""
    return hyphenated(name).replace("-", "_")
