"""``trillet logs``: the calls of the history, also as they come and as they end."""

from __future__ import annotations

import random
import shlex
import sys
import time
from typing import TYPE_CHECKING, Any

from .. import InvalidArgumentError, TrilletError
from .._core.status_line import printable
from .adding import add_command
from .clients import client_of_command
from .output import one_line, show
from .verbs.times import moment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import NoReturn

    from .. import Trillet
    from .call_log import CallLog, Entry

# Half of what an account of sixty requests a minute may send; the rest is for what calls.
LEAST_SECONDS, MOST_SECONDS = 2.0, 10.0
LONGEST_FAULT_SECONDS = 60.0
_PASSING = ("connection", "timeout", "server", "rate_limited")


def add_logs(commands: Any) -> None:
    parser = add_command(
        commands,
        "logs",
        _logs,
        "the calls of the history, also as they come and as they end",
        example="trillet logs --follow --agent 65f0c0ffee --since 10m",
    )
    parser.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    parser.add_argument("--agent", metavar="ID", help="only calls of this agent")
    parser.add_argument("--status", metavar="STATUS", help="only calls with this status")
    parser.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help="calls from then on: 1h, 2d, 2031-03-04 (1h; with --follow: now)",
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="the last N (100); not with --follow"
    )
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="go on where the last run with it ended; needs --follow",
    )


def _logs(given: argparse.Namespace) -> int:
    from .call_log import CallLog
    from .checkpoint import read_checkpoint
    from .since import seconds_of

    if given.follow and given.limit is not None:
        raise InvalidArgumentError("--limit is not for --follow", field="--limit")
    if given.limit is not None and not 1 <= given.limit <= 1_000_000:
        raise InvalidArgumentError(
            f"'--limit' must be 1 to 1000000; got {given.limit}", field="--limit"
        )
    if given.checkpoint is not None and not given.follow:
        raise InvalidArgumentError("--checkpoint needs --follow", field="--checkpoint")
    log = None if given.checkpoint is None else read_checkpoint(given.checkpoint)
    is_now = log is None and given.since is None and given.follow
    log = log or CallLog(seconds_of(given.since or moment("1h")))
    with client_of_command() as client:
        if not given.follow:
            entries = log.look(client, given.agent)
            wanted = [each for each in entries if _is_wanted(given, each)]
            _tell(given, wanted[-(given.limit or 100) :])
            return 0
        try:
            _follow(given, client, log, is_now)
        except KeyboardInterrupt:
            print(printable(f"Go on with: {_again(given, log)}"), file=sys.stderr)
            raise


def _follow(given: argparse.Namespace, client: Trillet, log: CallLog, is_now: bool) -> NoReturn:
    """Looks for ever: soon again while something happens, seldom while nothing does."""
    from .checkpoint import write_checkpoint

    interval, faults = LEAST_SECONDS, 0
    while True:
        try:
            entries = _looked(given, client, log, is_now)
            is_now = False
        except TrilletError as error:
            if error.type not in _PASSING:
                raise
            faults += 1
            if faults == 1:
                print(printable(f"trillet: {error}; goes on"), file=sys.stderr)
            pause = min(LEAST_SECONDS * 2**faults, LONGEST_FAULT_SECONDS)
            time.sleep(max(pause, (error.retry_after_ms or 0) / 1000))
            continue
        faults = 0
        _tell(given, (each for each in entries if _is_wanted(given, each)))
        if given.checkpoint is not None:
            write_checkpoint(given.checkpoint, log)
        interval = LEAST_SECONDS if entries else min(interval * 1.5, MOST_SECONDS)
        # Each further request has its own pause.
        pause = max(interval, LEAST_SECONDS * log.requests)
        time.sleep(pause * random.uniform(1.0, 1.1))


def _looked(given: argparse.Namespace, client: Trillet, log: CallLog, is_now: bool) -> list[Entry]:
    if not is_now:
        return log.look(client, given.agent)
    log.begin_now(client, given.agent)
    return []


def _is_wanted(given: argparse.Namespace, entry: Entry) -> bool:
    return given.status is None or entry.record.get("status") == given.status


def _tell(given: argparse.Namespace, entries: Iterable[Entry]) -> None:
    for entry in entries:
        told = {"change": entry.change, "call": entry.record}
        show(given, told, _row(entry) if given.output == "table" else "")


def _row(entry: Entry) -> str:
    from .._campaign.records import started_at_of

    record = entry.record
    begin = started_at_of(record)
    at = "-" if begin is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(begin))
    duration = record.get("duration")
    numbers = [record.get(name) or "-" for name in ("fromPhoneNumber", "toPhoneNumber")]
    fields = (
        at,
        record.get("callId") or record.get("_id") or "-",
        f"{numbers[0]} > {numbers[1]}",
        record.get("status") or entry.change,
        "-" if not isinstance(duration, (int, float)) else f"{duration:g} s",
        record.get("summary") or "-",
    )
    return "\t".join(map(one_line, fields))


def _again(given: argparse.Namespace, log: CallLog) -> str:
    from .since import written

    options = [("--agent", given.agent), ("--status", given.status), ("--profile", given.profile)]
    if given.checkpoint is not None:
        options.append(("--checkpoint", given.checkpoint))
    else:
        options.append(("--since", written(log.safe_since)))
    words = [word for name, value in options if value is not None for word in (name, value)]
    return shlex.join(("trillet", "logs", "--follow", *words))
