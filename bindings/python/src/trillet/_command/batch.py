"""``trillet batch``: start a batch, follow it, cancel it, get its results."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

from .. import TrilletError
from .._core.progress_bar import is_terminal
from .._core.status_line import printable
from .adding import add_command
from .asking import agreed
from .check import add_check_arguments, checked
from .clients import client_of_command, settings_of_command
from .failures import PROBLEMS
from .interrupting import Rest, rest_of
from .output import Progress, key_values, row, show
from .seconds import milliseconds
from .start import batch_id, is_changed, kept, sent_name
from .started_batches import remember

if TYPE_CHECKING:
    import argparse

    from .. import CsvReport, Trillet

_CALLS_LOOKED_AT = 100


def add_batch_commands(commands: Any) -> None:
    """Those that are more than one request; the others follow from the description."""
    _add_start(commands)
    wait = add_command(
        commands,
        "wait",
        _wait,
        "follow a batch to its end",
        sends=True,
        example="trillet batch wait batch_4402117 --deadline 3600",
    )
    _add_follow_arguments(wait)
    _add_results(commands)
    cancel = add_command(
        commands,
        "cancel",
        _cancel,
        "drop the calls that still wait",
        acts=True,
        sends=True,
        example="trillet batch cancel batch_4402117",
    )
    cancel.add_argument("batch", help="the batch's id")


def _add_start(commands: Any) -> None:
    start = add_command(
        commands,
        "start",
        _start,
        "check a file and call its numbers",
        acts=True,
        sends=True,
        example="trillet batch start contacts.csv --agent 5d1c0a77e2b94f0013ab6c21",
    )
    add_check_arguments(start, "the contact file; - reads standard input")
    start.set_defaults(starts_batch=True)
    start.add_argument("--agent", required=True, metavar="ID", help="the agent that speaks")
    start.add_argument("--at", metavar="TIME", help="when to start, UTC: 2031-04-02T09:15:00Z")
    start.add_argument("--yes", "-y", action="store_true", help="start it without a question")


def _add_results(commands: Any) -> None:
    results = add_command(
        commands,
        "results",
        _results,
        "write the outcome of each call",
        sends=True,
        example="trillet batch results batch_4402117 --wait --file results.csv",
    )
    _add_follow_arguments(results)
    results.add_argument("--file", help="write here instead of to standard output")
    results.add_argument(
        "--format", choices=("csv", "jsonl"), help="default: the ending of the file"
    )
    results.add_argument(
        "--status",
        choices=("all", "completed", "failed", "waiting"),
        help="only these calls (all); waiting: never dialled",
    )
    results.add_argument("--wait", action="store_true", help="follow the batch to its end")
    results.add_argument(
        "--resume", action="store_true", help="continue a file that an earlier run left"
    )


def _add_follow_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("batch", help="the batch's id")
    parser.add_argument("--deadline", type=float, metavar="SECONDS", help="give up after this time")
    parser.add_argument("--min-interval", type=float, metavar="SECONDS", help="between polls (1)")
    parser.add_argument(
        "--stuck", type=float, metavar="SECONDS", help="stop if nothing changes for so long"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _start(given: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="trillet-") as folder:
        file = kept(folder) if given.file == "-" else given.file
        # What is not as the service wants it is uploaded as the check wrote it.
        ready = os.path.join(folder, "ready.csv") if is_changed(given, file) else None
        report = checked(given, file, accepted_file=ready)
        report.accepted_file = None  # It is gone when somebody reads its name.
        report.raise_for_problems()
        if report.problems:
            print(printable(str(report)), file=sys.stderr)
        given.uploaded = _upload_of(given, ready)
        with client_of_command(validate=not given.no_lengths) as client:
            agreed(given, lambda: _what(given, client, report), name="batch start", must=False)
            if not given.dry_run:
                _announce(ready or file, report.accepted)
            batch = client.batch_calls.start(
                agent_id=given.agent,
                file=ready or file,
                file_name=sent_name(file, ready is not None),
                scheduled_at=given.at,
            )
    started = batch_id(batch)
    settings = settings_of_command()
    remember(
        {
            "batchId": started,
            "url": settings.url,
            "workspaceId": settings.workspace.value,
            "file": sent_name(file, ready is not None),
            "rows": report.accepted,
            "agentId": given.agent,
            "startedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "scheduledAt": given.at,
        }
    )
    assumed = f", {report.assumed} of them taken for numbers of {given.country}"
    print(f"{report.accepted} calls{assumed if report.assumed else ''}", file=sys.stderr)
    show(given, batch, started)
    return 0


def _announce(file: str, calls: int) -> None:
    if is_terminal():
        size = os.path.getsize(file)
        print(f"uploading {calls} calls, {size / 1e6:.1f} MB", file=sys.stderr, flush=True)


def _upload_of(given: argparse.Namespace, ready: str | None) -> str:
    """What a command for curl has to upload in place of this one."""
    if ready is None:
        return str(given.file)
    if given.dry_run:
        print("# ready.csv is what 'trillet check … --accepted ready.csv' writes", file=sys.stderr)
    return "ready.csv"


def _what(given: argparse.Namespace, client: Trillet, report: CsvReport) -> str:
    agent: Any = client.agents.get(given.agent)
    name = agent.get("name") if isinstance(agent, dict) else None
    numbers = "one number" if report.accepted == 1 else f"{report.accepted} numbers"
    when = f"at {given.at}" if given.at else "now"
    told = f'This calls {numbers} {when} with the agent "{name}" ({given.agent}).'
    if report.assumed:
        told += f" {report.assumed} of them are taken for numbers of {given.country}."
    return told + _cost(client, given.agent, report.accepted)


def _cost(client: Trillet, agent: str, count: int) -> str:
    """What it may cost, by the agent's last calls; the service tells no price."""
    try:
        calls: Any = client.calls.history(agent_id=agent, limit=_CALLS_LOOKED_AT)
    except TrilletError:
        calls = None
    costs = [
        call["cost"]
        for call in (calls if isinstance(calls, list) else [])
        if isinstance(call, dict) and isinstance(call.get("cost"), (int, float))
    ]
    if not costs:
        return " Each call costs what the plan says."
    each = sum(costs) / len(costs)
    return (
        f" Its last {len(costs)} calls cost {each:.3g} each, so that these cost about "
        f"{each * count:.3g}."
    )


def _wait(given: argparse.Namespace) -> int:
    rest = rest_of(given, "The batch goes on", "batch", "wait", given.batch)
    with client_of_command() as client, Progress(given.quiet, rest) as progress:
        end = client.batch_calls.wait(given.batch, progress=progress.tell, **_pace(given))
    show(given, end, key_values(end))
    return 0 if end["state"] in ("completed", "cancelled") else PROBLEMS


def _results(given: argparse.Namespace) -> int:
    is_shown = given.wait or (given.file is not None and is_terminal())
    progress = Progress(given.quiet or not is_shown, _rest_of_results(given))
    with client_of_command() as client, progress:
        wanted: dict[str, Any] = {
            "status": given.status,
            "wait": given.wait or None,
            "progress": progress.tell,
            **_pace(given),
        }
        if given.file is not None:
            wanted.update(format=given.format, resume=given.resume or None)
            end = client.batch_calls.results(given.batch, given.file, **wanted)
            show(given, end, f"{end['file']}: {end['inFile']} of {end['total']} calls")
            return 0 if end["isComplete"] else PROBLEMS
        with client.batch_calls.results(given.batch, **wanted) as results:
            for call in results:
                show(given, call, row(call))
            return 0 if results.end and results.end["isComplete"] else PROBLEMS


def _rest_of_results(given: argparse.Namespace) -> Rest:
    words = ["batch", "results", given.batch]
    words += ["--status", given.status] if given.status else []
    words += ["--wait"] if given.wait else []
    if given.file is None:
        return rest_of(given, "Not all results were written", *words)
    words += ["--file", given.file, "--resume"]
    words += ["--format", given.format] if given.format else []
    return rest_of(given, f"{given.file} is kept as far as it came", *words)


def _pace(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "deadline_ms": milliseconds("--deadline", given.deadline),
        "min_interval_ms": milliseconds("--min-interval", given.min_interval),
        "stuck_ms": milliseconds("--stuck", given.stuck),
        "stop_when_stuck": None if given.stuck is None else True,
    }


def _cancel(given: argparse.Namespace) -> int:
    with client_of_command() as client:
        cancelled = client.batch_calls.cancel(given.batch)
    show(given, cancelled, key_values(cancelled))
    return 0
