"""Compares what was heard with what was expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .scripts import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .heard import Heard
    from .scripts import Script

PASSED, FAILED, ERROR, SKIPPED, NOT_RUN = "passed", "failed", "error", "skipped", "not run"


class Difference(NamedTuple):
    """Something that was not as expected.

    Attributes:
        line: Where the expectation stands.
        expected: What it says.
        found: What was there instead.
        caller: What the person had said before, if the agent's answer was wrong.
    """

    line: int
    expected: str
    found: str
    caller: str | None = None


@dataclass
class Verdict:
    """What became of a conversation.

    Attributes:
        script: The conversation.
        result: `PASSED`, `FAILED`, `ERROR`, `SKIPPED` or `NOT_RUN`.
        heard: The call, if there was one.
        differences: Why it failed.
        error: Why it could not be held, or why it was left out.
        seconds: How long it took in real time.
    """

    script: Script
    result: str
    heard: Heard | None = None
    differences: list[Difference] = field(default_factory=list)
    error: str = ""
    seconds: float = 0.0


def judged(script: Script, heard: Heard) -> Verdict:
    """Whether a call was as its script expects it."""
    differences = [*_turns(script, heard), *_ending(script, heard)]
    return Verdict(script, FAILED if differences else PASSED, heard, differences)


def _turns(script: Script, heard: Heard) -> Iterator[Difference]:
    replies = heard.replies()
    spoken = 0
    for turn in script.turns:
        if turn.silence is not None:
            continue
        if turn.says is not None:
            spoken += 1
        if spoken >= len(replies):
            found = f"the call had ended before: {_end(heard)}"
            yield Difference(turn.line, f"the caller to say “{turn.says}”", found)
            return
        said = replies[spoken]
        for claim in turn.expect:
            if not claim.holds(said):
                found = f"“{said}”" if said else "the agent said nothing"
                yield Difference(claim.line, str(claim), found, turn.says)


def _ending(script: Script, heard: Heard) -> Iterator[Difference]:
    if script.answers == "person" and heard.ended_by is None:
        found = heard.outcome or "no call"
        yield Difference(script.line, "the call to be answered", found)
        return
    ends = script.ends_with
    if ends is not None and heard.ended_by not in ENDINGS[ends]:
        yield Difference(script.line_of("ends_with"), f"it to end with {ends}", _end(heard))
    to = script.transferred_to
    if to is not None and heard.transferred_to != to:
        found = heard.transferred_to or f"no transfer: {_end(heard)}"
        yield Difference(script.line_of("transferred_to"), f"a transfer to {to}", found)
    most = script.max_duration
    if most is not None and heard.seconds > most:
        found = f"{heard.seconds:g} s"
        yield Difference(script.line_of("max_duration"), f"it to take at most {most:g} s", found)
    if script.outcome is not None and heard.outcome != script.outcome:
        line = script.line_of("outcome")
        yield Difference(line, f"the outcome {script.outcome}", heard.outcome)
    for name, value in script.analysis.items():
        there = heard.analysis.get(name)
        if (
            name not in heard.analysis
            or there != value
            or isinstance(there, bool) is not isinstance(value, bool)
        ):
            found = repr(there) if name in heard.analysis else "it is not there"
            line = script.line_of("analysis")
            yield Difference(line, f"analysis.{name} to be {value!r}", found)


def _end(heard: Heard) -> str:
    """How it ended, in words."""
    words = {
        "transfer": f"transfer to {heard.transferred_to}",
        "agent": "the agent ended the call",
        "caller": "the caller hung up",
        "silence": "the agent ended the call after a silence",
        "limit": "the call reached its longest duration",
        "out-of-hours": "outside working hours",
    }
    return words.get(heard.ended_by or "", heard.outcome)
