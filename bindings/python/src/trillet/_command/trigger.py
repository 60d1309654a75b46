"""``trillet trigger``: a signed test event for a receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import InvalidArgumentError
from .adding import add_command
from .events.names import PORT, add_secret_option, needed_secret
from .failures import DONE, PROBLEMS
from .output import show

if TYPE_CHECKING:
    import argparse


def add_trigger(commands: Any) -> None:
    parser = add_command(
        commands,
        "trigger",
        _trigger,
        "send a signed test event to a receiver; no call is made",
        example="trillet trigger call.completed --set call.status=voicemail",
    )
    parser.add_argument("type", nargs="?", help="the event, such as call.completed; see --list")
    parser.add_argument("--list", action="store_true", help="list the events there are")
    parser.add_argument(
        "--to", metavar="URL", help="the receiver (that of trillet listen on this machine)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change the event: call.metadata.order=A7; may be repeated",
    )
    # The names are those of the sandbox's options; nothing is imported for them.
    parser.add_argument(
        "--form",
        metavar="FORM",
        choices=("event", "native", "flat", "snake"),
        default="event",
        help="what the body looks like: event, native, flat or snake (event)",
    )
    parser.add_argument(
        "--signature",
        choices=("hex", "base64", "sha256=hex", "sha256=base64", "secret"),
        metavar="HOW",
        default="hex",
        help="how it is proven: hex, base64, sha256=hex, sha256=base64 or secret (hex)",
    )
    add_secret_option(parser)


def _trigger(given: argparse.Namespace) -> int:
    from .events.forms import ASSUMED, TYPES, body_of, data_of, delivery_id, signature_of
    from .events.forwarding import post, receiver_of
    from .events.listener import forwarded_told
    from .events.store import content_of

    if given.list:
        lines = [
            f"{name:<16} {what}{' (its body is a guess)' if name in ASSUMED else ''}"
            for name, what in TYPES.items()
        ]
        events = [{"type": name, "isAssumed": name in ASSUMED} for name in TYPES]
        show(given, {"events": events}, "\n".join(lines))
        return DONE
    if given.type not in TYPES:
        what = "Name an event" if given.type is None else f"There is no event {given.type!r}"
        raise InvalidArgumentError(f"{what}; there are: {', '.join(TYPES)}", field="type")
    receiver = receiver_of(given.to or f"http://127.0.0.1:{PORT}/", "--to")
    secret = needed_secret(given)
    body = body_of(given.type, data_of(given.type, given.set), given.form)
    delivery = delivery_id()
    headers = [
        ("content-type", "application/json"),
        signature_of(body, secret, given.signature),
        ("x-trillet-delivery", delivery),
    ]
    result = post(receiver, headers, body)
    told = {
        "type": given.type,
        "delivery": delivery,
        **forwarded_told(result),
        "body": content_of(body),
    }
    show(given, told, f"{given.type} {delivery}: {result}\n{body.decode()}")
    return DONE if result.is_taken else PROBLEMS
