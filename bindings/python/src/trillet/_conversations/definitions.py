"""The agents and flows that conversations are held with, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .mistakes import Mistake, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .scripts import Script

Fields = dict[str, Any]


class Definition(NamedTuple):
    """An agent or a flow.

    Attributes:
        key: What others call it: the name of its file, or its id.
        fields: What the service is told, by the service's names.
    """

    key: str
    fields: Fields

    @property
    def name(self) -> str:
        return str(self.fields.get("name") or self.key)

    def is_called(self, name: str) -> bool:
        return name in (self.key, self.name)


class Pair(NamedTuple):
    """An agent with the flow that it follows."""

    agent: Definition
    flow: Definition


class _UnknownError(Exception):
    """Which one is meant cannot be said."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


@dataclass
class Definitions:
    """All there are."""

    agents: list[Definition] = field(default_factory=list)
    flows: list[Definition] = field(default_factory=list)

    def pairs(self, scripts: Iterable[Script]) -> Iterator[Pair | Mistake]:
        """Whom each conversation is held with, or why that is unknown."""
        for script in scripts:
            try:
                yield self._pair(script)
            except _UnknownError as error:
                yield Mistake(script.file, script.line_of(error.key), str(error))

    def _pair(self, script: Script) -> Pair:
        flow = None if script.flow is None else _one(self.flows, "flow", script.flow)
        if script.agent is not None:
            agent = _one(self.agents, "agent", script.agent)
            return Pair(agent, flow or self._flow_of(agent))
        if flow is None:
            agent = _beside(script, self.agents)
            return Pair(agent, self._flow_of(agent))
        name = flow.fields.get("agent")
        if not isinstance(name, str):
            raise _UnknownError("flow", f"the flow {flow.name} has no agent; name one by agent: …")
        return Pair(_one(self.agents, "agent", name, "flow"), flow)

    def _flow_of(self, agent: Definition) -> Definition:
        linked = agent.fields.get("pathway")
        if isinstance(linked, str):
            return _one(self.flows, "flow", linked, "agent")
        flows = [
            flow
            for flow in self.flows
            if isinstance(name := flow.fields.get("agent"), str) and agent.is_called(name)
        ]
        if len(flows) == 1:
            return flows[0]
        if not flows:
            raise _UnknownError("agent", f"no flow has the agent {agent.name}; name one by flow: …")
        names = ", ".join(sorted(flow.name for flow in flows))
        raise _UnknownError(
            "agent", f"the agent {agent.name} has several flows; choose by flow: {names}"
        )


def _one(among: list[Definition], kind: str, name: str, key: str | None = None) -> Definition:
    found = [each for each in among if each.key == name] or [
        each for each in among if each.is_called(name)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(sorted(each.key for each in found))
        raise _UnknownError(key or kind, f"several {kind}s are called {name}; name one by {keys}")
    hint = nearest(name, {each.name for each in among})
    raise _UnknownError(key or kind, f"there is no {kind} {name}: {hint}")


def _beside(script: Script, agents: list[Definition]) -> Definition:
    """A file that names nobody is about the agent whose file has the same name, or the only one."""
    stem = script.file.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    same = [each for each in agents if each.key == stem]
    if same or len(agents) == 1:
        return (same or agents)[0]
    raise _UnknownError("name", "agent is missing: the name of one, or of its file")
