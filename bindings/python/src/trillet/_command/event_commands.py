"""``trillet events``: those that were received, and sent again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .. import InvalidArgumentError
from .adding import add_command, add_group
from .events.names import add_secret_option, needed_secret
from .failures import DONE, PROBLEMS
from .output import key_values, one_line, show

if TYPE_CHECKING:
    import argparse

    from .events.store import Kept


def add_events(programs: Any) -> None:
    summary = "webhooks that trillet listen has received"
    commands = add_group(programs, "events", summary, "trillet events list")
    listed = add_command(
        commands,
        "list",
        _list,
        "list them, the newest last",
        example="trillet events list --type call.failed",
    )
    listed.add_argument("--type", metavar="TYPE", help="only these, such as call.completed")
    listed.add_argument("--call", metavar="ID", help="only those of this call")
    listed.add_argument("--limit", type=int, default=20, metavar="N", help="the last N (20)")
    shown = add_command(
        commands, "show", _show, "show one with its body", example="trillet events show 7"
    )
    shown.add_argument("id", help="its number, or the service's id of it")
    resend = add_command(
        commands,
        "resend",
        _resend,
        "send one again, byte for byte, where it went before",
        example="trillet events resend 7 --to http://localhost:8000/hook",
    )
    resend.add_argument("id", help="its number, or the service's id of it")
    resend.add_argument("--to", metavar="URL", help="send it here instead")
    add_secret_option(resend)


def _list(given: argparse.Namespace) -> int:
    from .events.store import EventStore

    if not 1 <= given.limit <= 1_000_000:
        raise InvalidArgumentError(
            f"'--limit' must be 1 to 1000000; got {given.limit}", field="--limit"
        )
    store = EventStore()
    try:
        found = store.latest(given.limit, given.type, given.call)
    finally:
        store.close()
    if given.output == "json":
        show(given, {"events": [each.told() for each in found]}, "")
    elif found:
        show(given, None, "\n".join(map(_row, found)))
    else:
        show(given, None, "There is none: trillet listen receives them")
    return DONE


def _show(given: argparse.Namespace) -> int:
    kept = _kept(given.id)
    told = {**kept.told(), "headers": dict(kept.headers)}
    show(given, told, key_values(told))
    return DONE


def _resend(given: argparse.Namespace) -> int:
    from .events.forwarding import post, receiver_of, with_secret
    from .events.listener import forwarded_told
    from .events.store import EventStore

    kept = _kept(given.id)
    to = given.to or kept.forwarded_to
    if to is None:
        raise InvalidArgumentError(
            f"The event {kept.number} was never forwarded: say where by --to URL", field="--to"
        )
    names = {name for name, _ in kept.headers}
    scheme = "hmac" if "x-trillet-signature" in names else "secret"
    secret = needed_secret(given) if scheme == "secret" else None
    result = post(receiver_of(to, "--to"), with_secret(kept.headers, scheme, secret), kept.body)
    store = EventStore()
    try:
        store.forwarded(kept.number, result)
    finally:
        store.close()
    told = {"id": kept.number, **forwarded_told(result)}
    show(given, told, f"{kept.number} {kept.type}: {result}")
    return DONE if result.is_taken else PROBLEMS


def _kept(identifier: str) -> Kept:
    from .events.store import EventStore

    store = EventStore()
    try:
        return store.get(identifier)
    finally:
        store.close()


def _row(kept: Kept) -> str:
    there = time.localtime(kept.received_at / 1000)
    outcome = "-"
    if kept.forwarded_to is not None:
        outcome = kept.forward_error or f"HTTP {kept.forward_status}"
    fields = (
        kept.number,
        time.strftime("%Y-%m-%d %H:%M:%S", there),
        kept.type or "-",
        kept.call_id or "-",
        kept.status or "-",
        outcome,
    )
    return "\t".join(map(one_line, fields))
