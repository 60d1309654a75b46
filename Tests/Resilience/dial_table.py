"""The table of docs/resilience.md: how often a service receives a request whose answer fails.

`CALLS` are its rows, `FAULTS` its columns; `measure` fills one cell.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from doors import LONGEST_WAIT, WARNING, Client, Door
from failing_service import (
    head_alone,
    part_of_the_body,
    refusal,
    refusal_with_reset_at,
)
from operations import AGENT, CSV, FLOW, VOICE
from recording_server import (
    RecordingServer,
    Reply,
    close_without_answer,
    json_answer,
    reset,
    silence,
)

NUMBER = "+12025550164"
_TRIES = 5


@dataclass(frozen=True)
class Call:
    """A row: a request, and whether it may be sent again when the first may have arrived."""

    label: str
    operation: str
    request: dict[str, Any]
    repeatable: bool
    options: dict[str, Any] = field(default_factory=dict)


PUBLISHED: dict[str, Any] = {"routes": "published"}
NAME = {"flowId": FLOW, "promptType": "simple", "name": "Renewal"}
HOOKS = {**NAME, "webhooks": [{"url": "https://example.com/hook"}]}

CALLS = [
    Call("POST `calls.send`", "calls.send", {"agentId": AGENT, "toNumber": NUMBER}, False),
    Call("POST `batch_calls.start`", "batch_calls.start", {"agentId": AGENT, "csv": CSV}, False),
    Call(
        "POST `numbers.purchase`",
        "numbers.purchase",
        {"country": "US", "type": "local", "phoneNumber": NUMBER},
        False,
    ),
    Call("POST `numbers.release`", "numbers.release", {"phoneNumberId": FLOW}, False),
    Call(
        "POST `conversations.generate`",
        "conversations.generate",
        {"flowId": FLOW, "to": NUMBER},
        False,
    ),
    Call(
        "POST `conversations.act`",
        "conversations.act",
        {"conversationId": "conv_5521", "messageId": "msg_88120", "metadata": {"action": "send"}},
        False,
    ),
    Call(
        "POST `workspaces.invite`",
        "workspaces.invite",
        {"workspaceId": AGENT, "email": "ada.moss@example.com", "role": "member"},
        False,
    ),
    Call("POST `voices.clone`", "voices.clone", {"file": __file__, "name": "Ada"}, False),
    Call("POST `web_calls.connect`", "web_calls.connect", {"agentId": AGENT}, False),
    Call(
        "POST `agents.create`",
        "agents.create",
        {"name": "Front Desk", "ttsModel": VOICE, "llmModel": "gpt-4o-mini"},
        False,
    ),
    Call(
        "POST `flows.create`",
        "flows.create",
        {"name": "Renewal", "direction": "outbound", "promptType": "simple", "prompt": "Hello"},
        False,
    ),
    Call("PATCH `agents.update`", "agents.update", {"agentId": AGENT, "name": "Desk"}, False),
    Call("PATCH `flows.update`", "flows.update", NAME, False),
    Call("PUT `flows.update`, published, `webhooks`", "flows.update", HOOKS, False, PUBLISHED),
    Call("PUT `flows.update`, published", "flows.update", NAME, True, PUBLISHED),
    Call(
        "PUT `agents.update`, published",
        "agents.update",
        {"agentId": AGENT, "llmModel": "gpt-4o-mini"},
        True,
        PUBLISHED,
    ),
    Call("PUT by method and path", f"PUT /v1/api/agents/{AGENT}", {"name": "Desk"}, True),
    Call("DELETE `agents.delete`", "agents.delete", {"agentId": AGENT}, True),
    Call("DELETE `flows.delete`", "flows.delete", {"flowId": FLOW}, True),
    Call("GET `agents.get`", "agents.get", {"agentId": AGENT}, True),
    Call("GET `flows.list`", "flows.list", {}, True),
]


class Cell(NamedTuple):
    """What the service received, and what the caller was told: `ok`, or the error's `sent`."""

    received: int
    told: str

    def __str__(self) -> str:
        return f"{self.received} {self.told}"


class Observed(NamedTuple):
    """A cell with what else must agree with it."""

    cell: Cell
    attempts: int
    error: dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """A column: what the service does to every request, and the cells that are right."""

    heading: str
    reply: Callable[[], Reply]
    not_repeatable: Cell
    repeatable: Cell
    options: dict[str, Any] = field(default_factory=dict)
    kind: str = "every"


def _always(answer: Reply) -> Callable[[], Reply]:
    return lambda: answer


LOST = (Cell(1, "maybe"), Cell(3, "maybe"))
REFUSED = (Cell(3, "no"), Cell(3, "no"))
DELIVERED = (Cell(1, "ok"), Cell(1, "ok"))
SHORT: dict[str, Any] = {"timeoutMs": 1000}

CONNECTION_FAULTS = [
    Fault("dropped before a byte", close_without_answer, *LOST),
    Fault("dropped after the head", head_alone, *LOST),
    Fault("dropped in the body", part_of_the_body, *LOST),
    Fault("no answer in 1 s", silence, Cell(1, "maybe"), Cell(1, "maybe"), SHORT),
    Fault("reset, read", reset, *LOST),
    Fault("reset, unread", reset, Cell(0, "maybe"), Cell(0, "maybe"), {}, "unread"),
    # On a machine with much to do the server may come late.
    Fault(
        "refused, then accepted",
        _always(json_answer({})),
        *DELIVERED,
        {"maxRetries": 10},
        "refused",
    ),
    Fault("kept, closed while idle", _always(json_answer({})), *DELIVERED, {}, "idle"),
    Fault("kept, closed on the request", close_without_answer, *LOST, {}, "kept"),
]
ANSWER_FAULTS = [
    Fault("408", _always(refusal(408)), *LOST),
    Fault("409", _always(refusal(409)), Cell(1, "no"), Cell(1, "no")),
    Fault("429, Retry-After: 1", _always(refusal(429, 1)), *REFUSED),
    Fault("429, `reset_at`", _always(refusal_with_reset_at(429, 0.5)), *REFUSED),
    Fault("429 alone", _always(refusal(429)), *REFUSED),
    Fault("500", _always(refusal(500)), *LOST),
    Fault("502", _always(refusal(502)), *LOST),
    Fault("503", _always(refusal(503)), *LOST),
    Fault("503, Retry-After: 1", _always(refusal(503, 1)), *REFUSED),
    Fault("504", _always(refusal(504)), *LOST),
]
FAULTS = [*CONNECTION_FAULTS, *ANSWER_FAULTS]


def right(call: Call, fault: Fault) -> Cell:
    """What the cell must be."""
    return fault.repeatable if call.repeatable else fault.not_repeatable


def measure(call: Call, fault: Fault, door: Door) -> Observed:
    """Makes the call of a row into the fault of a column, with a server of their own."""
    if fault.kind == "refused":
        return _into_a_closed_port(call, fault, door)
    with RecordingServer() as server, Client(server.url) as client:
        server.resets_connections = fault.kind == "unread"
        before = 0
        if fault.kind in ("idle", "kept"):
            before = _warm_up(server, client, door, closing=fault.kind == "idle")
        server.otherwise = fault.reply()
        observed = _observe(call, fault, door, server, client, before)
        if fault.kind == "unread":
            # Nothing was read: what counts is how often a connection was made.
            assert server.connections == observed.attempts
        return observed


def _warm_up(server: RecordingServer, client: Client, door: Door, *, closing: bool) -> int:
    """Makes a connection that is kept; it may be closed by the server when it is idle."""
    server.script(json_answer({}) if not closing else _answered_and_closed)
    door.start(client, "agents.get", {"agentId": AGENT}).ended()
    if closing:
        server.wait_for_ends(1)
        time.sleep(0.05)  # the end of the connection is on its way to the client's kernel
    return len(server.requests)


def _answered_and_closed(connection: Any) -> bool:
    json_answer({})(connection)
    return False


def _into_a_closed_port(call: Call, fault: Fault, door: Door) -> Observed:
    """Nobody listens until the library has been refused once."""
    server = RecordingServer(otherwise=fault.reply())
    server.reserve()
    with Client(server.url) as client:
        failed = threading.Event()
        client.set_log(WARNING, lambda line: failed.set())
        options = {**call.options, **fault.options}
        pending = door.start(client, call.operation, call.request, **options)
        assert failed.wait(LONGEST_WAIT), "a refused connection was not told of"
        with server:
            answer = pending.ended().answer
            assert answer["meta"]["attempts"] >= 2
            assert all(retry["sent"] == "no" for retry in answer["meta"]["retries"])
            return _observed(answer, len(server.requests))


def _observe(
    call: Call,
    fault: Fault,
    door: Door,
    server: RecordingServer,
    client: Client,
    before: int,
) -> Observed:
    options = {**call.options, **fault.options}
    for _ in range(_TRIES):
        answer = door.start(client, call.operation, call.request, **options).ended().answer
        if not ran_out_unsent(answer.get("error", {})):
            break
    if fault.options == SHORT:
        # What was sent as the time ran out arrives all the same.
        server.wait_for(before + 1)
    return _observed(answer, len(server.requests) - before)


def ran_out_unsent(error: dict[str, Any]) -> bool:
    """Whether a busy machine took all of a short time before the request was written."""
    return error.get("type") == "timeout" and error["sent"] == "no"


def _observed(answer: dict[str, Any], received: int) -> Observed:
    error: dict[str, Any] = answer.get("error", {})
    told = "ok" if answer["ok"] else error["sent"]
    return Observed(Cell(received, told), answer["meta"]["attempts"], error)


def markdown(cells: dict[tuple[str, str], Cell]) -> str:
    """The tables as they stand in the documentation."""
    return "\n".join([_table(CONNECTION_FAULTS, cells), _table(ANSWER_FAULTS, cells)])


def _table(faults: list[Fault], cells: dict[tuple[str, str], Cell]) -> str:
    headings = [fault.heading for fault in faults]
    lines = [f"| | {' | '.join(headings)} |", f"| --- |{' --- |' * len(headings)}"]
    for call in CALLS:
        row = (str(cells[call.label, heading]) for heading in headings)
        lines.append(f"| {call.label} | {' | '.join(row)} |")
    return "\n".join(lines) + "\n"
