"""What an error says in `sent` is held against the ledger of the sandbox, over random faults."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from doors import BLOCKING, SUBMITTING, Client, Door, Submission
from native import Answer
from seed import SEED
from trillet.testing import Sandbox

REQUESTS = 500  # of each door
LONG_DELAY_MS = 600
SHORT_TIMEOUT_MS = 300
PUBLISHED = {"routes": "published"}

# Every fault after which the service's word can be believed: none refuses what it has done.
FAULTS: list[dict[str, Any]] = [
    {"fault": "reset"},
    {"fault": "reset", "when": "during"},
    {"fault": "reset", "when": "after"},
    {"fault": "close"},
    {"fault": "close", "when": "during"},
    {"fault": "close", "when": "after"},
    {"fault": "partial"},
    {"fault": "partial", "bytes": 0},
    {"fault": "partial", "end": "reset"},
    {"fault": "status", "status": 408},
    {"fault": "status", "status": 409},
    {"fault": "status", "status": 429},
    {"fault": "status", "status": 429, "retryAfter": 1, "count": 3},
    {"fault": "status", "status": 500},
    {"fault": "status", "status": 500, "when": "after"},
    {"fault": "status", "status": 502, "when": "after"},
    {"fault": "status", "status": 503},
    {"fault": "status", "status": 503, "when": "after"},
    {"fault": "status", "status": 503, "retryAfter": 1},
    {"fault": "status", "status": 503, "retryAfter": 1, "retryAfterForm": "date"},
    {"fault": "status", "status": 504, "when": "after"},
    {"fault": "html"},
    {"fault": "html", "when": "after"},
    {"fault": "invalid-json"},
    {"fault": "empty"},
    {"fault": "delay", "ms": LONG_DELAY_MS},
    {"fault": "delay", "ms": LONG_DELAY_MS, "when": "after"},
    {"fault": "slow", "bytes": 16, "ms": 1},
]


class Planned(NamedTuple):
    """One request of the storm."""

    operation: str
    request: dict[str, Any]
    options: dict[str, Any]
    cancelled_after: float | None


class Outcome(NamedTuple):
    planned: Planned
    answer: Answer
    entry: dict[str, Any]


class Service:
    """A sandbox with agents and flows to work on."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        with Client(sandbox.url) as client:
            self._client = client
            self.agent = self._made("agents.create", AGENT)
            self.flow = self._made("flows.create", {**FLOW, "agent": self.agent})
            self.doomed = [self._made("agents.create", AGENT) for _ in range(REQUESTS // 5)]

    def _made(self, operation: str, request: dict[str, Any]) -> str:
        answer = self._client.call(operation, request)
        assert answer["ok"], answer
        identifier: str = answer["data"]["_id"]
        return identifier

    def entries(self) -> dict[str, dict[str, Any]]:
        answer = self.sandbox.control("GET", "/sandbox/ledger?limit=100000")
        assert answer["dropped"] == 0
        return {entry["requestId"]: entry for entry in answer["entries"]}

    def settle(self) -> None:
        """Waits until requests that nobody waits for any more have had their effects."""
        time.sleep(LONG_DELAY_MS / 1000)
        before = None
        while (now := self.sandbox.control("GET", "/sandbox/ledger?limit=1")["totals"]) != before:
            before = now
            time.sleep(0.2)


VOICE = {"provider": "rime", "voiceId": "mistv2_Brook"}
AGENT = {"name": "Front Desk", "ttsModel": VOICE, "llmModel": "gpt-4o-mini"}
FLOW = {
    "name": "Renewal",
    "direction": "outbound",
    "promptType": "simple",
    "prompt": "Greet {first_name}.",
    "isActive": True,
}
BATCH = {"csv": "phone_number\n+12025550164\n", "scheduledAt": "2099-01-01T00:00:00Z"}


def plan(service: Service, chance: random.Random, index: int) -> Planned:
    """Any request; some have too little time, some are cancelled."""
    update = {"agentId": service.agent, "name": "Night Desk", "llmModel": "gpt-4o-mini"}
    hooks = {"flowId": service.flow, "promptType": "simple", "webhooks": [HOOK]}
    kinds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("calls.send", {"agentId": service.agent, "toNumber": "+15005550000"}, {}),
        ("batch_calls.start", {"agentId": service.agent, **BATCH}, {}),
        ("agents.create", AGENT, {}),
        ("flows.create", FLOW, {}),
        ("agents.update", update, {}),
        ("agents.update", update, PUBLISHED),
        ("flows.update", hooks, PUBLISHED),
        ("agents.get", {"agentId": service.agent}, {}),
        ("flows.list", {}, {}),
    ]
    if service.doomed:
        kinds.append(("agents.delete", {"agentId": service.doomed[-1]}, {}))
    operation, request, options = chance.choice(kinds)
    if operation == "agents.delete":
        service.doomed.pop()
    given = {**options, "headers": {"x-request-id": f"storm-{index}"}}
    if chance.random() < 0.2:
        given["timeoutMs"] = SHORT_TIMEOUT_MS
    cancelled_after = chance.uniform(0, 0.3) if chance.random() < 0.1 else None
    return Planned(operation, request, given, cancelled_after)


HOOK = {"url": "https://example.com/hook", "method": "POST"}


def order_faults(sandbox: Sandbox) -> None:
    for fault in FAULTS:
        sandbox.control(
            "POST",
            "/sandbox/faults",
            {"operation": "*", "count": None, "probability": 0.04, **fault},
        )


def carry_out(client: Client, door: Door, plans: list[Planned]) -> list[Answer]:
    if door is SUBMITTING:
        return carry_out_by_submitting(client, plans)
    with ThreadPoolExecutor(32) as pool:
        return list(
            pool.map(lambda each: client.call(each.operation, each.request, **each.options), plans)
        )


def carry_out_by_submitting(client: Client, plans: list[Planned]) -> list[Answer]:
    pending: list[Submission] = []
    for each in plans:
        pending.append(SUBMITTING.start(client, each.operation, each.request, **each.options))
        if each.cancelled_after is not None:
            time.sleep(each.cancelled_after / 10)
            # A request of a while ago, so that cancelling meets it at any stage.
            pending[max(0, len(pending) - 20)].cancel()
    return [each.ended().answer for each in pending]


@pytest.fixture(scope="module", params=[BLOCKING, SUBMITTING], ids=repr)
def outcomes(request: pytest.FixtureRequest) -> Iterator[list[Outcome]]:
    door: Door = request.param
    chance = random.Random(SEED)
    with Sandbox(seed=SEED) as sandbox:
        service = Service(sandbox)
        plans = [plan(service, chance, index) for index in range(REQUESTS)]
        order_faults(sandbox)
        with Client(sandbox.url, timeoutMs=20_000) as client:
            answers = carry_out(client, door, plans)
        sandbox.faults.clear()
        service.settle()
        entries = service.entries()
        nothing = {"received": 0, "effects": 0, "attempts": []}
        yield [
            Outcome(each, answer, entries.get(f"storm-{index}", nothing))
            for index, (each, answer) in enumerate(zip(plans, answers))
        ]


def told(outcome: Outcome) -> str:
    return "ok" if outcome.answer["ok"] else str(outcome.answer["error"]["sent"])


def is_write(outcome: Outcome) -> bool:
    return outcome.planned.operation not in ("agents.get", "flows.list")


def may_be_done_again(outcome: Outcome) -> bool:
    """PUT and DELETE have the same effect twice as once."""
    operation, request, options, _ = outcome.planned
    is_put = "routes" in options and "webhooks" not in request
    return operation == "agents.delete" or is_put


def believable(outcome: Outcome) -> bool:
    """Whether what the caller was told is what the service did."""
    effects = outcome.entry["effects"]
    if not is_write(outcome):
        return bool(effects == 0)
    most = outcome.planned.options.get("maxRetries", 2) + 1 if may_be_done_again(outcome) else 1
    least = {"ok": 1, "yes": 1, "maybe": 0, "no": 0}[told(outcome)]
    return bool(least <= effects <= (0 if told(outcome) == "no" else most))


def test_sent_is_true_to_the_ledger(outcomes: list[Outcome]) -> None:
    liars = [outcome for outcome in outcomes if not believable(outcome)]
    assert not liars, f"seed {SEED}: {liars[0]}"


def test_the_storm_met_every_way_to_end(outcomes: list[Outcome]) -> None:
    assert len(outcomes) == REQUESTS
    assert Counter(told(outcome) for outcome in outcomes).keys() == {"ok", "no", "maybe", "yes"}
    repeated = [outcome for outcome in outcomes if outcome.answer["meta"]["attempts"] > 1]
    assert len(repeated) > REQUESTS / 20


def test_every_attempt_that_is_told_was_received(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        attempts = outcome.answer["meta"]["attempts"]
        kind = outcome.answer.get("error", {}).get("type")
        received = outcome.entry["received"]
        # An attempt that ran out of time or was cancelled may have ended before it arrived.
        least = attempts - 1 if kind in ("timeout", "cancelled") else attempts
        assert least <= received <= attempts, f"seed {SEED}: {outcome}"


def test_what_may_not_be_repeated_is_received_again_only_after_a_refusal(
    outcomes: list[Outcome],
) -> None:
    for outcome in outcomes:
        if may_be_done_again(outcome) or not is_write(outcome):
            continue
        assert outcome.entry["effects"] <= 1
        for attempt in outcome.entry["attempts"][:-1]:
            assert attempt["status"] in (429, 503), f"seed {SEED}: {outcome}"
            assert attempt["effect"] is None


def test_a_call_whose_answer_was_lost_is_found_in_the_history(sandbox: Sandbox) -> None:
    service = Service(sandbox)
    number = "+15005550000"
    request = {"agentId": service.agent, "toNumber": number}
    with Client(sandbox.url) as client:
        fault = {"headers": {"x-sandbox-fault": "reset; when=after"}}
        assert client.call("calls.send", request, **fault)["error"]["sent"] == "maybe"
        query = {"agentId": service.agent, "limit": 100}
        history = client.call("GET /v2/api/call-history", query)["data"]
    assert [call["toPhoneNumber"] for call in history] == [number]
