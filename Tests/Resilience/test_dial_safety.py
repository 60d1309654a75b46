"""Every kind of request into every kind of fault, with default settings, through both doors."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from dial_table import CALLS, FAULTS, Call, Cell, Fault, Observed, markdown, measure, right
from documented_table import compare_with_document
from doors import DOORS, Door

BEGIN, END = "<!-- the table: begin -->\n", "<!-- the table: end -->\n"

Measured = dict[tuple[str, str, str], "Future[Observed]"]


@pytest.fixture(scope="module")
def measured() -> Iterator[Measured]:
    """All cells; their pauses pass at the same time."""
    with ThreadPoolExecutor(48) as pool:
        yield {
            (call.label, fault.heading, repr(door)): pool.submit(measure, call, fault, door)
            for fault in FAULTS
            for call in CALLS
            for door in DOORS
        }


@pytest.mark.parametrize("door", DOORS, ids=repr)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.heading)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.label.replace("`", ""))
def test_a_request_is_sent_as_often_as_cannot_do_harm(
    measured: Measured, call: Call, fault: Fault, door: Door
) -> None:
    observed = measured[call.label, fault.heading, repr(door)].result()
    assert observed.cell == right(call, fault), observed.error
    if fault.kind not in ("unread", "refused"):
        assert observed.attempts == observed.cell.received, "meta.attempts is true"


def test_a_phone_rings_once_whatever_becomes_of_the_answer() -> None:
    dials = [call for call in CALLS if call.label.startswith("POST")]
    counts = {
        fault.heading: right(call, fault).received
        for call in dials
        for fault in FAULTS
        if not fault.heading.startswith("429") and "Retry-After" not in fault.heading
    }
    assert set(counts.values()) <= {0, 1}


# What costs money or reaches a person, and where its caller is to look.
LOOKED_FOR = {
    "POST `calls.send`": "GET /v2/api/call-history",
    "POST `batch_calls.start`": "GET /v2/api/call-history",
    "POST `numbers.purchase`": "GET /v1/api/twilio/user-phone-numbers",
    "POST `conversations.generate`": "GET /v1/api/conversations/flow/{flowId}",
    "POST `conversations.act`": "GET /v1/api/conversations/flow/{flowId}",
    "POST `workspaces.invite`": "GET /v1/api/workspaces/invitations/pending",
}


@pytest.mark.parametrize("door", DOORS, ids=repr)
@pytest.mark.parametrize("label", LOOKED_FOR, ids=lambda label: label.replace("`", ""))
def test_who_cannot_know_whether_it_was_done_is_told_where_to_look(
    measured: Measured, label: str, door: Door
) -> None:
    for fault in FAULTS:
        observed = measured[label, fault.heading, repr(door)].result()
        if observed.cell.told == "maybe":
            assert LOOKED_FOR[label] in observed.error["lookFor"], fault.heading
        else:
            assert "lookFor" not in observed.error, fault.heading


def test_the_table_in_the_documentation_is_what_was_measured(
    measured: Measured, request: pytest.FixtureRequest
) -> None:
    cells: dict[tuple[str, str], Cell] = {
        (call.label, fault.heading): measured[call.label, fault.heading, repr(DOORS[0])]
        .result()
        .cell
        for call in CALLS
        for fault in FAULTS
    }
    table = markdown(cells)
    print(table)
    writes = request.config.getoption("--write-table")
    compare_with_document(table, BEGIN, END, writes=writes)
