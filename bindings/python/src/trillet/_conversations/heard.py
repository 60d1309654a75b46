"""What was said in a call, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Utterance:
    """One of them.

    Attributes:
        is_agent: Whether the agent said it.
        text: The words.
        seconds: How long after the call was placed.
    """

    is_agent: bool
    text: str
    seconds: float


@dataclass
class Heard:
    """A call to its end.

    Attributes:
        utterances: In their order.
        outcome: Its status in the history.
        seconds: How long it took.
        ended_by: Who or what ended it; None if nobody answered.
        transferred_to: Where to.
        analysis: What the history says of it.
        not_followed: Instructions that the stand-in for the language model could not follow.
        call_id: Its id; None if there was no call.
    """

    utterances: list[Utterance] = field(default_factory=list)
    outcome: str = ""
    seconds: float = 0.0
    ended_by: str | None = None
    transferred_to: str | None = None
    analysis: dict[str, Any] = field(default_factory=dict)
    not_followed: list[str] = field(default_factory=list)
    call_id: str | None = None

    def replies(self) -> list[str]:
        """The agent's words before the person spoke, and after each time."""
        replies: list[list[str]] = [[]]
        for each in self.utterances:
            if each.is_agent:
                replies[-1].append(each.text)
            else:
                replies.append([])
        return [" ".join(words) for words in replies]

    def transcript(self) -> str:
        """A line for each utterance, with its time."""
        return "\n".join(
            f"{clock(each.seconds)} {'agent ' if each.is_agent else 'caller'}  {each.text}"
            for each in self.utterances
        )


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
