"""Every kind of request into every kind of fault, over each wire."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from dial_table import FAULTS, Call, Cell, Fault, right
from documented_table import compare_with_document
from sessions import BLOCKING, DOORS, NEXT, Door
from wire_table import HTTP2_FAULTS, ROWS, Measured, markdown, measure
from wires import HTTP2_WIRES, WIRES, Line, Wire

BEGIN, END = "<!-- the table of HTTP/2: begin -->\n", "<!-- the table of HTTP/2: end -->\n"
_AT_THE_SAME_TIME = 32

Key = tuple[Wire, str, str, str]


def _cases() -> list[tuple[Wire, Call, Fault, Door]]:
    """The first row through all doors, for what it costs; the others through two."""
    return [
        (wire, call, fault, door)
        for wire in WIRES
        for fault in FAULTS + (HTTP2_FAULTS if wire.speaks_http2 else [])
        for call in ROWS
        for door in (DOORS if call is ROWS[0] else (BLOCKING, NEXT))
    ]


CASES = _cases()


def _name(case: tuple[Wire, Call, Fault, Door]) -> str:
    wire, call, fault, door = case
    return f"{wire}-{call.label.replace('`', '')}-{fault.heading}-{door}"


@pytest.fixture(scope="module")
def measured(lines: dict[Wire, Line]) -> Iterator[dict[Key, Future[Measured]]]:
    """All cells; their pauses pass at the same time."""
    with ThreadPoolExecutor(_AT_THE_SAME_TIME) as pool:
        yield {
            (wire, call.label, fault.heading, door.name): pool.submit(
                measure, lines[wire], call, fault, door
            )
            for wire, call, fault, door in CASES
        }


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_a_request_is_sent_as_often_as_cannot_do_harm(
    measured: dict[Key, Future[Measured]], case: tuple[Wire, Call, Fault, Door]
) -> None:
    wire, call, fault, door = case
    found = measured[wire, call.label, fault.heading, door.name].result()
    assert found.cell == right(call, fault), found.outcome
    if fault.kind not in ("unread", "refused"):
        assert found.outcome.attempts == found.cell.received, "attempts is true"


@pytest.mark.skipif(not HTTP2_WIRES, reason="this run has no HTTP/2")
def test_the_table_in_the_documentation_is_what_was_measured(
    measured: dict[Key, Future[Measured]], request: pytest.FixtureRequest
) -> None:
    cells: dict[tuple[str, str], Cell] = {
        (call.label, fault.heading): measured[
            HTTP2_WIRES[0], call.label, fault.heading, BLOCKING.name
        ]
        .result()
        .cell
        for call in ROWS
        for fault in HTTP2_FAULTS
    }
    table = markdown(cells)
    print(table)
    writes = request.config.getoption("--write-table")
    compare_with_document(table, BEGIN, END, writes=writes)
