"""The command ``trillet``: check contact files, call, follow batches and keep their results.

The key comes from the environment alone: arguments can be read by everybody on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from .. import ContactsError, Trillet, TrilletError, __version__, check_csv
from .._core.status_line import printable
from .call import add_call_arguments, run_call
from .campaigns import add_campaign
from .doctor import doctor
from .names import in_command, report_in_command
from .output import Progress, key_values, row, show
from .request import add_request_arguments, run_request, take_rest
from .sandbox import run_sandbox
from .seconds import milliseconds
from .start import batch_id, is_changed, kept, sent_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .. import CsvReport

_EPILOG = """\
environment:
  TRILLET_API_KEY       the key; it is never an argument
  TRILLET_WORKSPACE_ID  the workspace
  TRILLET_BASE_URL      another service, for example a sandbox

exit status:
  0    done
  1    the file has rows that cannot be called; the batch failed, or its results are incomplete;
       the call that was waited for was not completed; the doctor found a problem
  2    an argument or an option is wrong; nothing was sent
  3    the key is missing or not accepted, or may not do this
  4    not found, or refused by the service
  5    too many requests
  6    the service did not answer, or failed; nothing was done
  7    the service may have acted, also if interrupted: check before you repeat it
  70   a fault of the library
  130  interrupted; nothing was done
"""

_STATUSES = {
    "invalid_argument": 2,
    "configuration": 2,
    "authentication": 3,
    "permission": 3,
    "not_found": 4,
    "conflict": 4,
    "rejected": 4,
    "rate_limited": 5,
    "server": 6,
    "timeout": 6,
    "connection": 6,
    "tls": 6,
    "response": 6,
    "cancelled": 6,
}
_PROBLEMS, _USAGE, _KEY, _PERHAPS_DONE, _MISTAKE, _INTERRUPTED = 1, 2, 3, 7, 70, 130
# Of a closed pipe: what a shell calls a program that SIGPIPE ended.
_NOBODY_READS = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit status is returned."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["sandbox"]:
        return run_sandbox(words[1:])
    parser = _parser()
    given, rest = parser.parse_known_args(words)
    if rest:
        take_rest(parser, given, rest)
    run: Callable[[argparse.Namespace], int] = given.run
    try:
        status = run(given)
        sys.stdout.flush()
        return status
    except ContactsError as error:
        _complain(given, error)
        return _PROBLEMS
    except TrilletError as error:
        _complain(given, error)
        return _status(error, given)
    except KeyboardInterrupt as stop:
        outcome = _outcome(stop)
        if outcome is None or not given.acts or outcome.sent == "no":
            print("interrupted", file=sys.stderr)
            return _INTERRUPTED
        # Whoever repeats it after a bare "interrupted" rings the phone twice.
        _complain(given, outcome, "interrupted: ")
        return _PERHAPS_DONE
    except BrokenPipeError:
        # Python would complain about the pipe again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NOBODY_READS


def _status(error: TrilletError, given: argparse.Namespace) -> int:
    if given.acts and error.sent != "no":
        return _PERHAPS_DONE
    if error.field == "apiKey":
        return _KEY
    return _STATUSES.get(error.type, _MISTAKE)


def _outcome(stop: BaseException) -> TrilletError | None:
    """What became of the call that an exception ended: the last of its causes."""
    last = stop
    while last.__cause__ is not None:
        last = last.__cause__
    return last if isinstance(last, TrilletError) else None


def _complain(given: argparse.Namespace, error: TrilletError, why: str = "") -> None:
    sys.stdout.flush()

    def own(text: str) -> str:
        # A report has its names already; the rest of it is the file's.
        is_report = isinstance(error, ContactsError)
        return text if is_report else in_command(text, starts_batch=given.run is _start)

    if given.output == "json":
        told = {
            "type": error.type,
            "message": own(error.message),
            "details": error.details and own(error.details),
            "code": error.code,
            "field": error.field,
            "status": error.status,
            "sent": error.sent,
            "lookFor": error.look_for and own(error.look_for),
            "retryable": error.retryable,
            "retryAfterMs": error.retry_after_ms,
            "meta": error.meta,
        }
        print(json.dumps({"error": told}), file=sys.stderr)
    else:
        # The service's words for it are those of its headers.
        is_lost = error.status in (400, 403) and not os.environ.get("TRILLET_WORKSPACE_ID")
        hint = " TRILLET_WORKSPACE_ID is not set." if is_lost else ""
        print(f"trillet: {why}{own(str(error))}{hint}", file=sys.stderr)


# MARK: Arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trillet",
        description="The Trillet voice-agent API: check contact files, call, follow batches.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"trillet {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_check(commands)
    batches = commands.add_parser("batch", help="start a batch, follow it, cancel it")
    _add_batch(batches.add_subparsers(metavar="COMMAND", required=True))
    campaigns = commands.add_parser("campaign", help="call lists over days, each contact once")
    add_campaign(campaigns.add_subparsers(metavar="COMMAND", required=True), _add)
    call = _add(commands, "call", run_call, "call a number", acts=True)
    add_call_arguments(call)
    request = _add(commands, "request", run_request, "any operation of the API", acts=True)
    add_request_arguments(request)
    examined = _add(commands, "doctor", doctor, "look whether this machine can use the service")
    examined.add_argument(
        "--json", dest="output", action="store_const", const="json", help="as --output json"
    )
    # For the list of commands: its arguments are the program's.
    commands.add_parser("sandbox", help="run a service on this machine, for tests; its own flags")
    return parser


def _add_check(commands: Any) -> None:
    check = _add(commands, "check", _check, "check a contact file; nothing is sent")
    _add_check_arguments(check, "the contact file; - reads standard input")
    check.add_argument("--accepted", metavar="FILE", help="write the good rows here")
    check.add_argument("--rejected", metavar="FILE", help="write the bad rows here")
    check.add_argument("--split", metavar="FILE", help="write pieces of one upload: part-{n}.csv")
    check.add_argument(
        "--split-rows", type=int, metavar="N", help="the most rows of a piece; needs --split"
    )
    check.add_argument("--max-problems", type=int, metavar="N", help="the most to list (100)")


def _add_check_arguments(parser: argparse.ArgumentParser, file: str) -> None:
    parser.add_argument("file", help=file)
    parser.add_argument("--prompt", help="a flow's prompt, whose {columns} must be there")
    parser.add_argument(
        "--require",
        action="append",
        metavar="COLUMN",
        help="a further column that must be there; may be repeated",
    )
    parser.add_argument("--max-rows", type=int, metavar="N", help="the row limit of the plan")
    parser.add_argument(
        "--country", metavar="CC", help="the country of numbers without a plus: DE (ISO 3166)"
    )
    parser.add_argument(
        "--assume-country", action="store_true", help="accept them as numbers of that country"
    )
    parser.add_argument("--phone-column", metavar="NAME", help="the column of numbers")
    parser.add_argument(
        "--convert", action="store_true", help="read semicolons, tabs, UTF-16, Windows-1252 too"
    )
    parser.add_argument(
        "--no-lengths", action="store_true", help="accept 7 to 15 digits, whatever the country"
    )
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook (.xlsx)")


def _add_batch(commands: Any) -> None:
    start = _add(commands, "start", _start, "check a file and call its numbers", acts=True)
    _add_check_arguments(start, "the contact file; - reads standard input")
    start.add_argument("--agent", required=True, metavar="ID", help="the agent that speaks")
    start.add_argument("--at", metavar="TIME", help="when to start, UTC: 2031-04-02T09:15:00Z")
    wait = _add(commands, "wait", _wait, "follow a batch to its end")
    _add_follow_arguments(wait)
    results = _add(commands, "results", _results, "write the outcome of each call")
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
    cancel = _add(commands, "cancel", _cancel, "drop the calls that still wait", acts=True)
    cancel.add_argument("batch", help="the batch's id")


def _add_follow_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("batch", help="the batch's id")
    parser.add_argument("--deadline", type=float, metavar="SECONDS", help="give up after this time")
    parser.add_argument("--min-interval", type=float, metavar="SECONDS", help="between polls (1)")
    parser.add_argument(
        "--stuck", type=float, metavar="SECONDS", help="stop if nothing changes for so long"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _add(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    *,
    acts: bool = False,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + "."
    )
    parser.add_argument(
        "--output", choices=("table", "json"), default="table", help="for people or for programs"
    )
    parser.set_defaults(run=run, acts=acts)
    return parser


# MARK: Commands


def _check(given: argparse.Namespace) -> int:
    report = _checked(
        given,
        sys.stdin.buffer if given.file == "-" else given.file,
        accepted_file=given.accepted,
        rejected_file=given.rejected,
        split_file=given.split,
        split_rows=given.split_rows,
        max_problems=given.max_problems,
    )
    show(given, report.data, str(report))
    return 0 if report.valid else _PROBLEMS


def _checked(given: argparse.Namespace, file: Any, **others: Any) -> CsvReport:
    report = check_csv(
        file,
        prompt=given.prompt,
        required_columns=given.require,
        max_rows=given.max_rows,
        default_country=given.country,
        assume_country=given.assume_country or None,
        phone_column=given.phone_column,
        convert=given.convert or None,
        lengths=False if given.no_lengths else None,
        sheet=given.sheet,
        **others,
    )
    return report_in_command(report)


def _start(given: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="trillet-") as folder:
        file = kept(folder) if given.file == "-" else given.file
        # What is not as the service wants it is uploaded as the check wrote it.
        ready = os.path.join(folder, "ready.csv") if is_changed(given, file) else None
        report = _checked(given, file, accepted_file=ready)
        report.accepted_file = None  # It is gone when somebody reads its name.
        report.raise_for_problems()
        if report.problems:
            print(printable(str(report)), file=sys.stderr)
        with Trillet(validate=not given.no_lengths) as client:
            batch = client.batch_calls.start(
                agent_id=given.agent,
                file=ready or file,
                file_name=sent_name(file, ready is not None),
                scheduled_at=given.at,
            )
    started = batch_id(batch)
    assumed = f", {report.assumed} of them taken for numbers of {given.country}"
    print(f"{report.accepted} calls{assumed if report.assumed else ''}", file=sys.stderr)
    show(given, batch, started)
    return 0


def _wait(given: argparse.Namespace) -> int:
    with Trillet() as client, Progress(given.quiet) as progress:
        end = client.batch_calls.wait(given.batch, progress=progress.tell, **_pace(given))
    show(given, end, key_values(end))
    return 0 if end["state"] in ("completed", "cancelled") else _PROBLEMS


def _results(given: argparse.Namespace) -> int:
    with Trillet() as client, Progress(given.quiet or not given.wait) as progress:
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
            return 0 if end["isComplete"] else _PROBLEMS
        with client.batch_calls.results(given.batch, **wanted) as results:
            for call in results:
                show(given, call, row(call))
            return 0 if results.end and results.end["isComplete"] else _PROBLEMS


def _pace(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "deadline_ms": milliseconds("--deadline", given.deadline),
        "min_interval_ms": milliseconds("--min-interval", given.min_interval),
        "stuck_ms": milliseconds("--stuck", given.stuck),
        "stop_when_stuck": None if given.stuck is None else True,
    }


def _cancel(given: argparse.Namespace) -> int:
    with Trillet() as client:
        cancelled = client.batch_calls.cancel(given.batch)
    show(given, cancelled, key_values(cancelled))
    return 0
