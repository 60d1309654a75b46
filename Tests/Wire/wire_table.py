"""The table of docs/resilience.md over each wire, and the columns that only HTTP/2 has."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from h2.errors import ErrorCodes

from dial_table import CALLS, DELIVERED, LOST, SHORT, Call, Cell, Fault, ran_out_unsent
from http2_faults import (
    Last,
    cut_in_a_frame,
    cut_in_the_head,
    demanding_http1,
    ended,
    going_away,
    going_away_after,
    goodbye,
    half_closed,
)
from http2_service import Http2Server
from operations import AGENT
from recording_server import Connection, Reply, json_answer
from sessions import Asked, Door, Outcome, Session
from wires import Line

_LABELS = [
    "POST `calls.send`",
    "POST `batch_calls.start`",
    "POST `numbers.purchase`",
    "POST `workspaces.invite`",
    "PATCH `agents.update`",
    "PUT by method and path",
    "DELETE `agents.delete`",
    "GET `agents.get`",
]
ROWS = [call for call in CALLS if call.label in _LABELS]
_ANY_GET = Asked("agents.get", {"agentId": AGENT})
_UNTIL_SOMEBODY_LISTENS = 12
_TRIES = 5


def _each_time(reply: Reply) -> Any:
    return lambda: reply


UNPROCESSED = (Cell(3, "no"), Cell(3, "no"))

HTTP2_FAULTS = [
    Fault("REFUSED_STREAM", _each_time(ended(ErrorCodes.REFUSED_STREAM)), *UNPROCESSED),
    Fault(
        "REFUSED_STREAM, then accepted",
        _each_time(ended(ErrorCodes.REFUSED_STREAM)),
        Cell(2, "ok"),
        Cell(2, "ok"),
        kind="once",
    ),
    Fault("GOAWAY below the stream", _each_time(going_away(Last.BELOW)), *UNPROCESSED),
    Fault(
        "GOAWAY below the stream, then accepted",
        _each_time(going_away(Last.BELOW)),
        Cell(2, "ok"),
        Cell(2, "ok"),
        kind="once",
    ),
    Fault("GOAWAY with the stream, closed", _each_time(going_away(Last.WITH)), *LOST),
    Fault("GOAWAY without a last stream, closed", _each_time(going_away(Last.EVERY)), *LOST),
    Fault(
        "GOAWAY with the stream, answered",
        _each_time(going_away_after(json_answer({}))),
        *DELIVERED,
    ),
    Fault(
        "GOAWAY, PROTOCOL_ERROR",
        _each_time(going_away(Last.WITH, ErrorCodes.PROTOCOL_ERROR)),
        *LOST,
    ),
    Fault(
        "RST_STREAM before the body is read",
        _each_time(ended(ErrorCodes.INTERNAL_ERROR)),
        *LOST,
        kind="head",
    ),
    Fault("RST_STREAM before the head", _each_time(ended(ErrorCodes.INTERNAL_ERROR)), *LOST),
    Fault("RST_STREAM after the head", _each_time(ended(ErrorCodes.CANCEL, head=True)), *LOST),
    Fault("RST_STREAM in the data", _each_time(ended(ErrorCodes.INTERNAL_ERROR, part=True)), *LOST),
    Fault(
        "HTTP_1_1_REQUIRED",
        _each_time(demanding_http1(json_answer({}))),
        Cell(1, "maybe"),
        Cell(2, "ok"),
    ),
    Fault("ENHANCE_YOUR_CALM", _each_time(ended(ErrorCodes.ENHANCE_YOUR_CALM)), *LOST),
    Fault("closed in the head", _each_time(cut_in_the_head()), *LOST),
    Fault("closed in a frame", _each_time(cut_in_a_frame()), *LOST),
    Fault("closed in good order", _each_time(goodbye()), *LOST),
    Fault("half-closed", _each_time(half_closed()), *LOST),
]


@dataclass(frozen=True)
class Measured:
    """A cell with what else must agree with it."""

    cell: Cell
    outcome: Outcome


def markdown(cells: dict[tuple[str, str], Cell]) -> str:
    """The columns of HTTP/2 as they stand in the documentation, which has one line for each."""
    labels = [call.label for call in ROWS]
    text = [f"| | {' | '.join(labels)} |", f"| --- |{' --- |' * len(labels)}"]
    for fault in HTTP2_FAULTS:
        row = (str(cells[label, fault.heading]) for label in labels)
        text.append(f"| {fault.heading} | {' | '.join(row)} |")
    return "\n".join(text) + "\n"


def measure(line: Line, call: Call, fault: Fault, door: Door) -> Measured:
    """Makes the request of a row into the fault of a column, with a server of their own."""
    if fault.kind == "refused":
        return _into_a_closed_port(line, call, fault, door)
    with line.server() as server:
        server.resets_connections = fault.kind == "unread"
        session = door.open(server.url, line.options)
        try:
            before = 0
            if fault.kind in ("idle", "kept"):
                server.script(_answered_and_closed if fault.kind == "idle" else json_answer({}))
                assert session.run([_ANY_GET])[0].ok
                if fault.kind == "idle":
                    server.wait_for_ends(1)
                time.sleep(0.05)  # the end of the connection is on its way to the client's kernel
                before = len(server.requests)
            if fault.kind == "once":
                server.script(fault.reply())
            elif fault.kind == "head":
                assert isinstance(server, Http2Server)
                server.at_the_head = fault.reply()
            else:
                server.otherwise = fault.reply()
            for _ in range(_TRIES):
                outcome = _only_outcome(session, call, fault)
                if not ran_out_unsent({**outcome.error, "sent": outcome.sent}):
                    break
            if fault.options == SHORT:
                # What was sent as the time ran out arrives all the same.
                server.wait_for(before + 1)
        finally:
            session.close()
        if fault.kind == "unread":
            # Nothing was read: what counts is how often a connection was made.
            assert server.connections == outcome.attempts
        return Measured(Cell(len(server.requests) - before, outcome.sent), outcome)


def _answered_and_closed(connection: Connection) -> bool:
    json_answer({})(connection)
    return False


def _only_outcome(session: Session, call: Call, fault: Fault, **options: int) -> Outcome:
    given = {**call.options, **fault.options, **options}
    (outcome,) = session.run([Asked(call.operation, call.request, given)])
    return outcome


def _into_a_closed_port(line: Line, call: Call, fault: Fault, door: Door) -> Measured:
    """Nobody listens for a while; there are enough attempts to outlive it."""
    server = line.server()
    server.reserve()
    server.otherwise = fault.reply()
    session = door.open(f"{line.scheme}://127.0.0.1:{server.port}", line.options)
    try:
        with ThreadPoolExecutor(1) as pool:
            outcome_to_come = pool.submit(
                _only_outcome, session, call, fault, maxRetries=_UNTIL_SOMEBODY_LISTENS
            )
            time.sleep(0.3)
            with server:
                outcome = outcome_to_come.result()
        return Measured(Cell(len(server.requests), outcome.sent), outcome)
    finally:
        session.close()
