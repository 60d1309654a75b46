"""Test events, in every form that receivers of the service read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import string
import time
from typing import TYPE_CHECKING, Any

from ... import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMS = ("event", "native", "flat", "snake")
SIGNATURES = ("hex", "base64", "sha256=hex", "sha256=base64", "secret")
# With what each is about.
TYPES = {
    "call.started": "a call is dialled",
    "call.completed": "a call has been completed",
    "call.failed": "a call has failed",
    "sms.sent": "a message has been sent",
    "sms.delivered": "a message has arrived",
    "agent.created": "an agent was made",
    "agent.updated": "an agent was changed",
    "flow.created": "a flow was made",
    "flow.updated": "a flow was changed",
}
# The service names these, and shows no body of them.
ASSUMED = frozenset(each for each in TYPES if each.startswith(("agent.", "flow.")))
_FROM, _TO = "+12025550100", "+12025550164"
_LETTERS = string.ascii_letters + string.digits


def data_of(kind: str, changes: Sequence[str]) -> dict[str, Any]:
    """The event's own object, with what ``--set`` changes."""
    subject = kind.partition(".")[0]
    data = {"call": _call, "sms": _message, "agent": _thing, "flow": _thing}[subject](kind)
    for change in changes:
        _change(data, change, subject)
    return data


def body_of(kind: str, data: dict[str, Any], form: str) -> bytes:
    made: dict[str, Any]
    if form == "flat":
        made = {"event": kind, **data}
    elif form == "snake":
        made = {"event_type": kind, **{_snake(name): value for name, value in data.items()}}
    elif form == "native" and kind.startswith("call."):
        made = _native(kind, data)
    else:
        made = {"event": kind, "data": data}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def signature_of(body: bytes, secret: str, kind: str) -> tuple[str, str]:
    """The header that proves the body, as the service or the dashboard's setting writes it."""
    if kind == "secret":
        return "x-webhook-secret", secret
    code = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    text = code.hex() if kind.endswith("hex") else base64.b64encode(code).decode()
    return "x-trillet-signature", f"sha256={text}" if kind.startswith("sha256=") else text


def delivery_id() -> str:
    return f"evt_test_{secrets.token_hex(12)}"


def _call(kind: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "callId": "".join(secrets.choice(_LETTERS) for _ in range(12)),
        "agentId": secrets.token_hex(12),
        "status": kind.partition(".")[2],
        "fromNumber": _FROM,
        "toNumber": _TO,
        "metadata": {},
    }
    if kind != "call.started":
        data["duration"] = 42 if kind == "call.completed" else 0
    if kind == "call.failed":
        data["error"] = "No answer"
    return data


def _message(kind: str) -> dict[str, Any]:
    return {
        "messageId": secrets.token_hex(12),
        "conversationId": secrets.token_hex(12),
        "flowId": secrets.token_hex(12),
        "status": kind.partition(".")[2],
        "to": _TO,
        "message": "Your appointment is tomorrow at 9.",
    }


def _thing(kind: str) -> dict[str, Any]:
    subject = kind.partition(".")[0]
    return {f"{subject}Id": secrets.token_hex(12), "name": "Front Desk"}


def _native(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    metadata = {
        name: value for name, value in data.items() if name not in ("fromNumber", "toNumber")
    }
    now = time.time()
    metadata.update(callFlowId=secrets.token_hex(12), direction="outbound")
    duration = metadata.get("duration")
    seconds = duration if isinstance(duration, (int, float)) else 0
    metadata["startTime"] = round(now - seconds, 3)
    body: dict[str, Any] = {
        "call_metadata": metadata,
        "from": data.get("fromNumber"),
        "to": data.get("toNumber"),
    }
    if kind != "call.started":
        metadata["endTime"] = round(now, 3)
        is_completed = kind == "call.completed"
        body["conversation_data"] = {"gathered_information": {}, "answered_by_voicemail": False}
        body["transcript"] = _transcript(is_completed)
        used = [{"name": "end_call", "arguments": "{}", "output": "The call has ended"}]
        body["analytics"] = {"tool_calls": used if is_completed else []}
    return body


def _transcript(is_completed: bool) -> dict[str, Any]:
    if not is_completed:
        return {"summary": "No answer", "recordingUrl": None, "messages": []}
    said = (("assistant", "Hello, this is a test."), ("user", "Thank you, goodbye."))
    messages = [{"role": role, "content": content} for role, content in said]
    return {"summary": "A test call.", "recordingUrl": None, "messages": messages}


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _change(data: dict[str, Any], change: str, subject: str) -> None:
    path, equals, text = change.partition("=")
    names = path.split(".")
    # `call.status` is the status of the call; other names may be written without it.
    if len(names) > 1 and names[0] == subject:
        names = names[1:]
    if not equals or not all(names):
        raise InvalidArgumentError(
            f"--set is written {subject}.NAME=VALUE, not {change!r}", field="--set"
        )
    place = data
    for name in names[:-1]:
        below = place.setdefault(name, {})
        if not isinstance(below, dict):
            raise InvalidArgumentError(f"--set {path}: {name!r} is no object", field="--set")
        place = below
    place[names[-1]] = _value(text)


def _value(text: str) -> Any:
    """JSON where it is some; what a shell has taken the quotes from is text."""

    def refuse(constant: str) -> None:
        # NaN and Infinity, which Python reads and JSON does not have.
        raise ValueError(constant)

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return text
