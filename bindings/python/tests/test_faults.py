"""Every fault of the sandbox through the library: the error, and whether `sent` is true to the
ledger."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import trillet
from faulty import Caller, until
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


class Row(NamedTuple):
    """One fault; what the library makes of it; what the sandbox did."""

    fault: str
    error: type[trillet.TrilletError] | None
    sent: str | None
    effects: int
    answer: str | None = "complete"
    timeout_ms: int = 10_000


CONNECTION = trillet.ConnectionFailedError
TIMEOUT = trillet.RequestTimeoutError
SERVER = trillet.ServerError
RESPONSE = trillet.ResponseError

ROWS = [
    Row("delay; ms=30", None, None, 1),
    Row("delay; ms=30; when=after", None, None, 1),
    Row("delay; ms=500", TIMEOUT, "maybe", 1, "none", 100),
    Row("delay; ms=500; when=after", TIMEOUT, "maybe", 1, "none", 100),
    Row("reset", CONNECTION, "maybe", 0, "none"),
    Row("reset; when=during", CONNECTION, "maybe", 1, "none"),
    Row("reset; when=after", CONNECTION, "maybe", 1, "none"),
    Row("close", CONNECTION, "maybe", 0, "none"),
    Row("close; when=during", CONNECTION, "maybe", 1, "none"),
    Row("close; when=after", CONNECTION, "maybe", 1, "none"),
    Row("partial", CONNECTION, "maybe", 1, "partial"),
    Row("partial; bytes=0", CONNECTION, "maybe", 1, "partial"),
    Row("partial; end=reset", CONNECTION, "maybe", 1, "partial"),
    Row("slow; bytes=16; ms=1", None, None, 1),
    Row("slow; bytes=1; ms=100", TIMEOUT, "maybe", 1, "partial", 250),
    Row("status; status=400", trillet.RejectedError, "no", 0),
    Row("status; status=401", trillet.AuthenticationError, "no", 0),
    Row("status; status=402", trillet.RejectedError, "no", 0),
    Row("status; status=403", trillet.PermissionDeniedError, "no", 0),
    Row("status; status=404", trillet.NotFoundError, "no", 0),
    Row("status; status=409", trillet.ConflictError, "no", 0),
    Row("status; status=429", trillet.RateLimitedError, "no", 0),
    Row("status; status=429; retryAfter=1", trillet.RateLimitedError, "no", 0),
    Row("status; status=500", SERVER, "maybe", 0),
    Row("status; status=502", SERVER, "maybe", 0),
    Row("status; status=503", SERVER, "maybe", 0),
    Row("status; status=503; retryAfter=7", SERVER, "no", 0),
    Row("status; status=503; retryAfter=7; retryAfterForm=date", SERVER, "no", 0),
    Row("status; status=500; when=after", SERVER, "maybe", 1),
    Row("status; status=502; when=after", SERVER, "maybe", 1),
    Row("status; status=503; when=after", SERVER, "maybe", 1),
    Row("html", SERVER, "maybe", 0),
    Row("html; status=503; when=after", SERVER, "maybe", 1),
    Row("invalid-json", RESPONSE, "yes", 1),
    Row("content-type; contentType=text/html", None, None, 1),
    Row("huge", RESPONSE, "yes", 1, None),
    Row("empty", None, None, 1),
]

LIES = [
    Row("status; status=400; when=after", trillet.RejectedError, "no", 1),
    Row("status; status=429; when=after", trillet.RateLimitedError, "no", 1),
    Row("status; status=503; retryAfter=1; when=after", SERVER, "no", 1),
]


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    with Sandbox() as sandbox:
        yield Caller(sandbox, sandbox.client(max_retries=0))


def ended(sandbox: Sandbox, request_id: str) -> bool:
    """Whether the sandbox has done with a request: then it is in the journal."""
    return any(entry["requestId"] == request_id for entry in sandbox.journal())


def meets(caller: Caller, row: Row) -> None:
    """Sends one call into the fault and compares both sides."""
    error, request_id = caller.send(row.fault, timeout_ms=row.timeout_ms)
    if row.error is None:
        assert error is None
    else:
        assert type(error) is row.error, error
        assert error.sent == row.sent
    # The effect and the end of an answer that nobody waits for come later.
    until(lambda: ended(caller.sandbox, request_id))
    entry = caller.entry(request_id)
    assert entry["effects"] == row.effects
    assert entry["received"] == 1, "nothing is sent twice"
    (attempt,) = entry["attempts"]
    assert attempt["complete"]
    assert attempt["fault"].split(";")[0] == row.fault.split(";")[0]
    assert (attempt["effect"] is not None) == (row.effects == 1)
    # How much of a huge answer the kernels took is theirs to say.
    assert row.answer in (None, attempt["answer"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_sent_is_true_to_the_ledger(caller: Caller, row: Row) -> None:
    meets(caller, row)
    if row.error is None or row.sent == "yes":
        assert row.effects == 1
    elif row.sent == "no":
        assert row.effects == 0


@pytest.mark.parametrize("row", LIES, ids=lambda row: row.fault)
def test_a_service_that_refuses_what_it_has_done_is_believed(caller: Caller, row: Row) -> None:
    meets(caller, row)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_the_wait_the_service_asks_for_is_told(caller: Caller, form: str) -> None:
    # A client of its own: after this it sends nothing for as long as it was told.
    told = Caller(caller.sandbox, caller.sandbox.client(max_retries=0))
    error, _ = told.send(f"status; status=429; retryAfter=7; retryAfterForm={form}")
    assert error is not None
    assert error.retryable
    assert error.retry_after_ms is not None
    assert 6_000 <= error.retry_after_ms <= 8_000


def test_a_fault_says_in_its_answer_that_it_was_ordered(caller: Caller) -> None:
    error, request_id = caller.send("status; status=409")
    assert error is not None
    assert "status; status=409" in str(error)
    assert error.request_id == request_id


def test_a_batch_whose_answer_is_lost_is_in_the_ledger(caller: Caller) -> None:
    with pytest.raises(trillet.ConnectionFailedError):
        caller.client.batch_calls.start(
            agent_id=caller.agent,
            csv="phone_number\n+12025550164\n",
            options={
                "headers": {"x-sandbox-fault": "reset; when=after", "x-request-id": "lost-batch"}
            },
        )
    (attempt,) = caller.entry("lost-batch")["attempts"]
    assert attempt["effect"]["kind"] == "batch.started"
    batch: Any = caller.client.batch_calls.get(attempt["effect"]["id"])
    assert batch["totalCalls"] == 1


def test_every_kind_of_effect_is_in_the_ledger() -> None:
    with Sandbox() as sandbox, sandbox.client(max_retries=0) as client:
        agent = Caller(sandbox, client).agent
        flow: Any = client.flows.create(
            name="Second", direction="outbound", prompt_type="simple", prompt="x"
        )
        client.agents.update(agent, name="Back Desk")
        client.flows.update(flow["_id"], name="Third")
        client.calls.send(agent, "+12025550164")
        batch: Any = client.batch_calls.start(
            agent_id=agent, csv="phone_number\n+12025550164\n", scheduled_at="2099-01-01T00:00:00Z"
        )
        client.batch_calls.cancel(batch["batchId"])
        client.flows.delete(flow["_id"])
        client.agents.delete(agent)
        client.agents.list()
        kinds = Counter(
            attempt["effect"]["kind"]
            for entry in sandbox.ledger().entries
            for attempt in entry["attempts"]
            if attempt["effect"]
        )
        assert kinds == {
            "agent.created": 1,
            "agent.updated": 1,
            "agent.deleted": 1,
            "flow.created": 2,
            "flow.updated": 1,
            "flow.deleted": 1,
            "call.placed": 1,
            "batch.started": 1,
            "batch.cancelled": 1,
        }
        assert sandbox.ledger().totals("agents.list") == (1, 0, 1)


def test_a_storm_of_faults_places_no_call_twice_and_loses_none() -> None:
    honest = [
        row.fault for row in ROWS if not row.fault.startswith(("delay; ms=5", "slow", "huge"))
    ]
    with Sandbox(seed=11) as sandbox, sandbox.client(max_retries=0) as client:
        caller = Caller(sandbox, client)
        for fault in honest:
            name, *pairs = fault.split("; ")
            given: dict[str, Any] = dict(pair.split("=") for pair in pairs)
            parameters = {key: int(v) if v.isdigit() else v for key, v in given.items()}
            sandbox.faults.add("calls.send", name, count=None, probability=0.05, **parameters)
        told: dict[str, str] = {}
        for _ in range(300):
            error, request_id = caller.send()
            # Who repeats only what may be repeated does not do anything twice.
            if error is not None and error.retryable:
                error, _ = caller.send(request_id=request_id)
            told[request_id] = "done" if error is None else error.sent
        until(lambda: sandbox.ledger().totals("calls.send").effects == placed(client))
        effects = {
            entry["requestId"]: entry["effects"]
            for entry in sandbox.ledger(operation="calls.send").entries
        }
        assert set(effects) == set(told)
        assert Counter(told.values()).keys() == {"done", "no", "maybe", "yes"}
        for request_id, sent in told.items():
            assert (
                effects[request_id] in {"done": [1], "yes": [1], "no": [0], "maybe": [0, 1]}[sent]
            )


def placed(client: trillet.Trillet) -> int:
    """How many calls the service knows of."""
    count = 0
    page: Any = [None]
    number = 0
    while page:
        number += 1
        query = {"page": number, "limit": 100}
        page = client.call("GET /v2/api/call-history", query).data
        count += len(page)
    return count
