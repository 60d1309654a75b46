"""What a scripted conversation is: what the person says, and what is expected of the agent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Union

# How a call of a person may end, by what the sandbox says of it.
ENDINGS = {
    "transfer": {"transfer"},
    "hangup": {"agent", "caller"},
    "agent": {"agent"},
    "caller": {"caller"},
    "silence": {"silence"},
    "limit": {"limit"},
    "out-of-hours": {"out-of-hours"},
}
OUTCOMES = ("completed", "failed", "busy", "no-answer")
ANSWERS = ("person", "voicemail", "busy", "declined", "nobody")


@dataclass(frozen=True)
class Claim:
    """Something that holds of a text, or does not.

    Attributes:
        line: Where it stands.
        kind: `contains`, `not_contains`, `equals`, `matches` or `any_of`.
        text: What it names; a regular expression of `matches`.
        others: Those of which one must hold, of `any_of`.
    """

    line: int
    kind: str
    text: str = ""
    others: tuple[Claim, ...] = ()

    def holds(self, said: str) -> bool:
        if self.kind == "any_of":
            return any(each.holds(said) for each in self.others)
        if self.kind == "matches":
            return re.search(self.text, said) is not None
        if self.kind == "equals":
            return _plain(said) == _plain(self.text)
        is_there = _plain(self.text).lower() in _plain(said).lower()
        return is_there if self.kind == "contains" else not is_there

    def __str__(self) -> str:
        if self.kind == "any_of":
            return " or ".join(map(str, self.others))
        words = {
            "contains": "to contain",
            "not_contains": "not to contain",
            "equals": "to be",
            "matches": "to match",
        }
        return f"{words[self.kind]} “{self.text}”"


def _plain(text: str) -> str:
    """White space separates words, however much of it there is."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Turn:
    """What the person does, and what the agent then says.

    Attributes:
        line: Where it stands.
        says: The person's words; None if the person says nothing.
        silence: For how many seconds; None if the person speaks, or before the first word.
        expect: What holds of the agent's words.
    """

    line: int
    says: str | None = None
    silence: int | None = None
    expect: tuple[Claim, ...] = ()

    @property
    def step(self) -> str | dict[str, int] | None:
        """What the sandbox is told."""
        return self.says if self.silence is None else {"silence": self.silence}


Scalar = Union[str, int, float, bool, None]


@dataclass(frozen=True)
class Script:
    """One conversation.

    Attributes:
        file: The file, as the user named it.
        line: Where it begins.
        name: Its name, once in a file.
        agent: The agent, by its name or the name of its file; None for that of the flow.
        flow: The flow; None for that of the agent.
        lines: The lines of further keys.
        variables: Those of the call.
        answers: Who, or what, takes the call.
        answers_after: How many seconds after dialling.
        turns: In their order.
        ends_with: How the call ends, one of `ENDINGS`.
        transferred_to: Where to.
        max_duration: The most seconds that it may take.
        outcome: Its status in the history.
        analysis: Members of its analysis.
        skip: Why it is left out.
    """

    file: str
    line: int
    name: str
    agent: str | None = None
    flow: str | None = None
    lines: dict[str, int] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    answers: str = "person"
    answers_after: int | None = None
    turns: tuple[Turn, ...] = ()
    ends_with: str | None = None
    transferred_to: str | None = None
    max_duration: float | None = None
    outcome: str | None = None
    analysis: dict[str, Scalar] = field(default_factory=dict)
    skip: str | None = None

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)
