"""``trillet campaign``: lists of contacts that are called over days."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .. import ConnectionFailedError, InvalidArgumentError
from .._core.status_line import printable
from .adding import add_command, add_group
from .asking import agreed
from .campaign_examples import EXAMPLES
from .campaign_export import check_name, export
from .campaign_outage import Outage
from .campaign_preflight import preflight, told_in_short
from .campaign_report import again, line, report
from .campaign_serve import PORT, serve
from .campaign_watch import screen_of_campaign, watch
from .clients import client_of_command, settings_of_command
from .output import show
from .replacing import add_overwrite

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from ..campaign import Campaign, Summary, Window


SLICE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 10.0
ENDED, UNFINISHED = 0, 1


def add_campaign(programs: Any) -> None:
    """The commands of campaigns."""
    _add_all(
        add_group(
            programs,
            "campaign",
            "call lists over days, each contact once",
            EXAMPLES["create"],
            EXAMPLES["run"],
        )
    )


def _add(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    *,
    acts: bool = False,
) -> argparse.ArgumentParser:
    return add_command(commands, name, run, summary, acts=acts, example=EXAMPLES[name])


def _add_all(commands: Any) -> None:
    create = _add(commands, "create", _create, "make a campaign; nobody is called yet")
    _place(create)
    create.add_argument("--agent", required=True, metavar="ID", help="the agent that speaks")
    create.add_argument("--file", metavar="FILE", help="add the good rows of this contact file")
    _add_policy(create)
    added = _add(commands, "add", _add_file, "add the good rows of a contact file")
    _place(added)
    added.add_argument("file", help="the contact file")
    plan = _add(commands, "preflight", preflight, "show what would happen; nobody is called")
    _place(plan)
    plan.add_argument(
        "--call-seconds", type=float, metavar="N", help="how long a call lasts (as long as one may)"
    )
    run = _add(commands, "run", _run, "call until all have been called; several may run", acts=True)
    _place(run)
    run.add_argument("--seconds", type=float, metavar="N", help="end after this time")
    run.add_argument("--quiet", action="store_true", help="no progress on standard error")
    run.add_argument("--yes", "-y", action="store_true", help="begin without a question")
    run.add_argument(
        "--dry-run", dest="only_plan", action="store_true", help="as preflight: nobody is called"
    )
    run.set_defaults(dry_run=False, call_seconds=None)
    status = _add(commands, "status", _status, "show how it stands, and why nothing moves")
    _place(status)
    status.add_argument("--watch", action="store_true", help="until it has ended")
    served = _add(commands, "serve", serve, "show it in a browser on this machine")
    _place(served)
    served.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"0 for any that is free ({PORT})"
    )
    _place(_add(commands, "pause", _pause, "decide on no further call"))
    _place(_add(commands, "resume", _resume, "go on after a pause"))
    _place(_add(commands, "cancel", _cancel, "end it for good; calls under way go on"))
    unknown = _add(commands, "unknown", _unknown, "list who may have been called, or decide")
    _place(unknown)
    unknown.add_argument("--number", metavar="NUMBER", help="decide about this one")
    unknown.add_argument(
        "--resolve", choices=("called", "redial"), help="it has rung, or it certainly has not"
    )
    _place(_add(commands, "reconcile", _reconcile, "ask the call history what became of calls"))
    suppress = _add(commands, "suppress", _suppress, "never call these numbers")
    _place(suppress)
    suppress.add_argument("numbers", nargs="+", metavar="NUMBER", help="such as +12025550164")
    suppress.add_argument("--reason", default="do_not_call", help="why, for the ledger")
    _place(_add(commands, "audit", _audit, "hold who was called and is not in the ledger"))
    exported = _add(commands, "export", _export, "write contacts, or calls, with their outcomes")
    _place(exported)
    exported.add_argument(
        "file", help="FILE.csv, FILE.jsonl or FILE.parquet; replaces an earlier export alone"
    )
    add_overwrite(exported)
    exported.add_argument("--attempts", action="store_true", help="a row for each call")


def _place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("database", help="a file, or postgresql://… for many machines")
    parser.add_argument("--name", help="which of its campaigns; default: the only one")


def _add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--calls-per-minute", type=int, metavar="N", help="of the account (60)")
    parser.add_argument("--calls-at-once", type=int, metavar="N", help="of the account (10)")
    parser.add_argument(
        "--window",
        action="append",
        metavar="DAYS HH:MM-HH:MM",
        help='when phones may ring ("mon-sat 09:00-20:00"); may be repeated',
    )
    parser.add_argument("--any-time", action="store_true", help="phones may ring at night, too")
    parser.add_argument("--time-zone", metavar="ZONE", help="of contacts without one")
    parser.add_argument("--weight", type=int, metavar="N", help="share among campaigns (1)")
    parser.add_argument("--attempts", type=int, metavar="N", help="the most calls a contact (3)")
    parser.add_argument("--most-calls", type=int, metavar="N", help="pause after so many calls")
    parser.add_argument("--most-cost", type=float, metavar="X", help="pause before more is spent")
    parser.add_argument("--call-cost", type=float, metavar="X", help="what a call costs at most")


def _create(given: argparse.Namespace) -> int:
    from ..campaign import Campaign, Policy

    names = ("calls_per_minute", "calls_at_once", "time_zone", "weight", "attempts", "most_calls")
    rules = {name: getattr(given, name) for name in (*names, "most_cost", "call_cost")}
    rules = {name: value for name, value in rules.items() if value is not None}
    if given.any_time:
        rules["windows"] = ()
    elif given.window:
        rules["windows"] = tuple(map(_window, given.window))
    name = given.name or "campaign"
    made = Campaign.create(
        given.database, name, agent=given.agent, policy=Policy(**rules), account=_account()
    )
    with made:
        told = f"{name} in {given.database}"
        if given.file is not None:
            told += f": {_added(made, given.file)}"
        show(given, {"name": name, "contacts": made.status().contacts}, told)
    return ENDED


def _account() -> str | None:
    """That of the profile; None if the key is the environment's."""
    from .._campaign.account import account_of

    found = settings_of_command()
    if not found.profile.value or found.api_key.value is None:
        return None
    values = (found.api_key.value, found.workspace.value or "", found.base_url.value or "")
    return account_of(values)


def _window(text: str) -> Window:
    from ..campaign import Window

    days, _, hours = text.partition(" ")
    opens, dash, closes = hours.strip().partition("-")
    if not dash:
        raise InvalidArgumentError(
            f'A window is written "mon-sat 09:00-20:00", not {text!r}', field="window"
        )
    return Window(days, opens.strip(), closes.strip())


def _opened(given: argparse.Namespace) -> Campaign:
    # Here: every other command starts without a database.
    from ..campaign import Campaign

    return Campaign.open(given.database, given.name)


def _added(campaign: Campaign, file: str) -> str:
    added = campaign.add(file)
    if added.report is not None and added.report.problems:
        print(printable(str(added.report)), file=sys.stderr)
    return f"{added.added} contacts added, {added.known} known already"


def _add_file(given: argparse.Namespace) -> int:
    with _opened(given) as campaign:
        told = _added(campaign, given.file)
        show(given, {"contacts": campaign.status().contacts}, told)
    return ENDED


def _audit(given: argparse.Namespace) -> int:
    with _opened(given) as campaign, client_of_command() as client:
        found = campaign.audit(client)
    told = f"{found.calls} calls in the history, {len(found.unknown_to_ledger)} not in the ledger"
    show(given, asdict(found), "\n".join([f"{told}, {found.held} held", *found.unknown_to_ledger]))
    return ENDED


def _run(given: argparse.Namespace) -> int:
    if given.only_plan:
        return preflight(given)
    end = None if given.seconds is None else time.monotonic() + given.seconds
    with _opened(given) as campaign, client_of_command() as client:
        agreed(given, lambda: told_in_short(campaign), name="campaign run", must=False)
        progress, outage = screen_of_campaign(), Outage()
        if campaign.state == "draft":
            campaign.start()
        try:
            while True:
                left = SLICE_SECONDS if end is None else end - time.monotonic()
                try:
                    seconds = max(0.0, min(left, SLICE_SECONDS))
                    summary, status = campaign.run_slice(client, seconds), campaign.status()
                except ConnectionFailedError as error:
                    # Of the database, which may be back soon.
                    left = SLICE_SECONDS if end is None else end - time.monotonic()
                    if left <= 0:
                        raise
                    progress.close()
                    outage.wait(error, None if end is None else left)
                    progress = screen_of_campaign()
                    continue
                outage.is_over()
                if not given.quiet:
                    progress.show(status)
                if status.state != "running" or (end is not None and time.monotonic() >= end):
                    break
                time.sleep(_pause_after(summary, end))
        except KeyboardInterrupt:
            progress.close()
            print(f"Calls under way go on. Go on with: {again(given, 'run')}", file=sys.stderr)
            raise
        finally:
            progress.close()
        show(given, asdict(status), report(status, given))
    return ENDED if status.state == "done" else UNFINISHED


def _pause_after(summary: Summary, end: float | None) -> float:
    due = LONGEST_PAUSE_SECONDS if summary.next_due_ms is None else summary.next_due_ms / 1000
    pause = min(due, LONGEST_PAUSE_SECONDS) if summary.reason == "nobody is due" else 0.1
    return max(0.1, pause if end is None else min(pause, end - time.monotonic()))


def _status(given: argparse.Namespace) -> int:
    with _opened(given) as campaign:
        status = watch(campaign, given) if given.watch else campaign.status()
    show(given, asdict(status), report(status, given))
    return ENDED


def _pause(given: argparse.Namespace) -> int:
    return _changed(given, lambda campaign: campaign.pause())


def _resume(given: argparse.Namespace) -> int:
    return _changed(given, lambda campaign: campaign.start())


def _cancel(given: argparse.Namespace) -> int:
    return _changed(given, lambda campaign: campaign.cancel())


def _changed(given: argparse.Namespace, change: Callable[[Campaign], None]) -> int:
    with _opened(given) as campaign:
        change(campaign)
        status = campaign.status()
    show(given, asdict(status), line(status))
    return ENDED


def _unknown(given: argparse.Namespace) -> int:
    if (given.number is None) != (given.resolve is None):
        raise InvalidArgumentError("--number and --resolve belong together", field="resolve")
    with _opened(given) as campaign:
        if given.number is not None:
            found = campaign.resolve(given.number, given.resolve)
            told = "" if found else "nobody of that number is in doubt"
            show(given, {"resolved": found}, told or f"{given.number}: {given.resolve}")
            return ENDED if found else UNFINISHED
        for state in ("held", "unknown"):
            for contact in campaign.contacts(state):
                row = {"phone": contact.phone, "key": contact.key, "state": state}
                show(given, row, "\t".join(row.values()))
    return ENDED


def _reconcile(given: argparse.Namespace) -> int:
    with _opened(given) as campaign, client_of_command() as client:
        ended = campaign.reconcile(client)
        status = campaign.status()
    told = f"{ended} calls have ended\n{report(status, given)}"
    show(given, {"ended": ended, **asdict(status)}, told)
    return ENDED


def _suppress(given: argparse.Namespace) -> int:
    with _opened(given) as campaign:
        count = campaign.suppress(given.numbers, reason=given.reason)
    numbers = "1 number is" if count == 1 else f"{count} numbers are"
    show(given, {"suppressed": count}, f"{numbers} never called")
    return ENDED


def _export(given: argparse.Namespace) -> int:
    check_name(given.file)
    with _opened(given) as campaign:
        export(given, campaign)
    return ENDED
