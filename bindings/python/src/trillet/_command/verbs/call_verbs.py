"""``trillet calls find`` and ``trillet calls wait``: what became of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..adding import add_command
from ..call import end_lines
from ..clients import client_of_command
from ..failures import DONE, NOT_FOUND, PERHAPS_DONE, PROBLEMS
from ..interrupting import rest_of
from ..output import Progress, key_values, one_line, show
from ..seconds import milliseconds
from .times import moment

if TYPE_CHECKING:
    import argparse


def add_find(verbs: Any) -> None:
    """Adds the command that says whether a phone rang."""
    parser = add_command(
        verbs,
        "find",
        _find,
        "say whether the phone rang, after a call that perhaps was sent",
        sends=True,
        example="trillet calls find 5d1c0a77e2b94f0013ab6c21 +12025550164 --since 10m",
    )
    parser.description = (
        f"{parser.description} The exit status is 0 if it rang, 4 if it did not, and 7 if nobody "
        "can tell."
    )
    parser.show_examples(*parser.examples)
    parser.add_argument("agent", metavar="AGENT_ID", help="the agent that was to call")
    parser.add_argument("number", metavar="NUMBER", help="the number that was to ring")
    parser.add_argument(
        "--since", type=moment, required=True, metavar="TIME", help="when it was sent: 10m, 1h, …"
    )
    parser.add_argument(
        "--settle", type=float, metavar="SECONDS", help="how late a call may be listed (30)"
    )
    parser.add_argument(
        "--deadline", type=float, metavar="SECONDS", help="how long to try; then it is unknown"
    )


def _find(given: argparse.Namespace) -> int:
    since = given.since if "T" in given.since else f"{given.since}T00:00:00Z"
    sought = {"agentId": given.agent, "toNumber": given.number, "since": since}
    with client_of_command() as client:
        found = client.calls.find(
            sought,
            settle_ms=milliseconds("--settle", given.settle),
            deadline_ms=milliseconds("--deadline", given.deadline),
        )
    show(given, found, key_values(found))
    return {"yes": DONE, "no": NOT_FOUND}.get(found["found"], PERHAPS_DONE)


def add_wait(verbs: Any) -> None:
    """Adds the command that follows calls."""
    parser = add_command(
        verbs,
        "wait",
        _wait,
        "follow calls to their end; print what was said",
        sends=True,
        example="trillet calls wait q7m2X0c9ZtLa --deadline 600",
    )
    parser.add_argument("calls", nargs="+", metavar="CALL_ID", help="what 'trillet call' printed")
    parser.add_argument("--deadline", type=float, metavar="SECONDS", help="give up after this time")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _wait(given: argparse.Namespace) -> int:
    deadline = milliseconds("--deadline", given.deadline)
    what = "The call goes on" if len(given.calls) == 1 else "The calls go on"
    rest = rest_of(given, what, "calls", "wait", *given.calls)
    with client_of_command() as client, Progress(given.quiet, rest) as progress:
        if len(given.calls) == 1:
            end: Any = client.calls.wait(
                given.calls[0], progress=progress.tell, deadline_ms=deadline
            )
            ends, text = [end], end_lines(end)
        else:
            end = client.calls.wait(given.calls, progress=progress.tell, deadline_ms=deadline)
            ends = list(end["calls"])
            text = "\n".join(
                f"{one_line(each['callId'])}\t{one_line(each['outcome'] or each['state'])}"
                for each in ends
            )
    show(given, end, text)
    return DONE if all(each["outcome"] == "completed" for each in ends) else PROBLEMS
