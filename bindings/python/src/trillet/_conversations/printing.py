"""What people and programs read of verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .heard import clock
from .judging import ERROR, FAILED, NOT_RUN, PASSED, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .judging import Difference, Verdict

_WORDS = {PASSED: "ok", FAILED: "FAILED", ERROR: "ERROR", SKIPPED: "skipped", NOT_RUN: "not run"}


def lines_of(verdict: Verdict, *, is_verbose: bool) -> Iterator[str]:
    """A line, and what was different; of failures the transcript too."""
    script = verdict.script
    heard = verdict.heard
    took = f" ({clock(heard.seconds)})" if heard is not None else ""
    why = f": {verdict.error}" if verdict.error else ""
    yield f"{_WORDS[verdict.result]:7} {script.file}: {script.name}{took}{why}"
    for difference in verdict.differences:
        yield from _difference(script.file, difference)
    if heard is None or not (is_verbose or verdict.differences):
        return
    yield from (f"    | {line}" for line in heard.transcript().splitlines())
    if verdict.differences:
        for line in heard.not_followed:
            yield f"    the stand-in for the language model does not follow: {line}"


def _difference(file: str, difference: Difference) -> Iterator[str]:
    yield f"  {file}:{difference.line}: expected {difference.expected}"
    if difference.caller is not None:
        yield f"    after the caller said “{difference.caller}”"
    yield f"    found {difference.found}"


def summary(verdicts: Sequence[Verdict], seconds: float) -> str:
    """The last line."""
    counts = counted(verdicts)
    told = ", ".join(f"{count} {result}" for result, count in counts.items() if count)
    noun = "conversation" if len(verdicts) == 1 else "conversations"
    return f"{len(verdicts)} {noun} in {seconds:.1f} s: {told or 'nothing to do'}"


def counted(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many there are of each result."""
    results = [verdict.result for verdict in verdicts]
    return {result: results.count(result) for result in _WORDS}


def document(verdicts: Sequence[Verdict], seconds: float) -> dict[str, Any]:
    """The whole as JSON."""
    return {
        "counts": counted(verdicts),
        "seconds": round(seconds, 3),
        "conversations": [_entry(verdict) for verdict in verdicts],
    }


def _entry(verdict: Verdict) -> dict[str, Any]:
    script, heard = verdict.script, verdict.heard
    entry: dict[str, Any] = {
        "file": script.file,
        "line": script.line,
        "name": script.name,
        "result": verdict.result,
        "error": verdict.error or None,
        "differences": [each._asdict() for each in verdict.differences],
    }
    if heard is not None:
        entry.update(
            callId=heard.call_id,
            outcome=heard.outcome,
            endedBy=heard.ended_by,
            transferredTo=heard.transferred_to,
            duration=heard.seconds,
            analysis=heard.analysis,
            notFollowed=heard.not_followed,
            transcript=[
                {
                    "role": "agent" if each.is_agent else "caller",
                    "content": each.text,
                    "seconds": each.seconds,
                }
                for each in heard.utterances
            ],
        )
    return entry
