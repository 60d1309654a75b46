"""The command ``trillet call``: call a number, and follow the call to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .. import InvalidArgumentError, Trillet, TrilletError
from .._core.status_line import printable
from .._model.call_id import call_id
from .adding import add_command
from .clients import client_of_command
from .failures import DONE, PERHAPS_DONE, PROBLEMS
from .interrupting import again
from .output import Progress, call_line, one_line, show
from .seconds import milliseconds

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add_call(commands: Any) -> None:
    parser = add_command(
        commands,
        "call",
        run_call,
        "call a number",
        acts=True,
        sends=True,
        example="trillet call 5d1c0a77e2b94f0013ab6c21 +12025550164 --wait",
    )
    parser.add_argument("agent", help="the agent's id")
    parser.add_argument("number", help="the number to call, for example +12025550164")
    parser.add_argument(
        "--wait", action="store_true", help="follow the call to its end; print what was said"
    )
    parser.add_argument(
        "--deadline", type=float, metavar="SECONDS", help="give up after this time; needs --wait"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run_call(given: argparse.Namespace) -> int:
    if given.deadline is not None and not given.wait:
        raise InvalidArgumentError("--deadline needs --wait", field="deadline")
    deadline = milliseconds("--deadline", given.deadline)
    with client_of_command() as client:
        call = client.calls.send(given.agent, given.number)
        name = call_line(call)
        if not given.wait:
            show(given, call, name)
            return DONE
        # Whatever becomes of the wait: the phone rings.
        print(printable(name), file=sys.stderr, flush=True)
        try:
            end = _followed(client, call, given.quiet, deadline)
        except TrilletError as error:
            error.sent = "yes"
            raise
        except KeyboardInterrupt:
            print("interrupted; the call goes on", file=sys.stderr)
            if isinstance(identifier := call_id(call), str):
                follow = again(given, "calls", "wait", identifier)
                print(printable(f"Go on with: {follow}"), file=sys.stderr)
            return PERHAPS_DONE
    show(given, end, end_lines(end))
    return DONE if end["outcome"] == "completed" else PROBLEMS


def _followed(client: Trillet, call: Any, is_quiet: bool, deadline_ms: int | None) -> Any:
    with Progress(is_quiet) as progress:
        return client.calls.wait(call, progress=progress.tell, deadline_ms=deadline_ms)


def end_lines(end: Mapping[str, Any]) -> str:
    """How it ended, and each utterance with who said it."""
    record = end["record"] or {}
    lines = [one_line(end["outcome"] or end["state"])]
    transcript = record.get("transcript")
    for said in transcript if isinstance(transcript, list) else []:
        if isinstance(said, dict):
            lines.append(f"{one_line(said.get('role'))}: {one_line(said.get('content'))}")
    return "\n".join(lines)
