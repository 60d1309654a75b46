"""What an error says in `sent` is held against what the server did, over random faults."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
from h2.errors import ErrorCodes

from dial_table import NUMBER
from failing_service import (
    after_a_while,
    head_alone,
    part_of_the_body,
    refusal,
    refusal_with_reset_at,
)
from http2_faults import (
    Last,
    cut_in_a_frame,
    cut_in_the_head,
    ended,
    going_away,
    going_away_after,
    goodbye,
)
from recording_server import (
    RecordingServer,
    Reply,
    Request,
    answer,
    close_without_answer,
    json_answer,
    reset,
)
from seed import SEED
from sessions import DOORS, Asked, Outcome
from wires import TLS_WIRES, Line, Wire

SHORT_TIMEOUT_MS = 200
LONG_DELAY = 0.5
FAULTY = 0.5
CLIENTS_REQUESTS = 20
AT_THE_SAME_TIME = 50
MOST_STORMS = 8


class Doing(NamedTuple):
    """What the server does to one request."""

    name: str
    reply: Reply
    acts: bool
    refuses: bool = False
    """Whether it says that it did not act."""


WELL = json_answer({"callId": "call-1"})
DONE = Doing("answered", WELL, True)

# A fault of a name with "acted" has happened behind the service's deed.
EVERYWHERE = [
    *(Doing(f"dropped, acted {acts}", close_without_answer(), acts) for acts in (True, False)),
    *(Doing(f"reset, acted {acts}", reset(), acts) for acts in (True, False)),
    Doing("head alone", head_alone(), True),
    Doing("part of the body", part_of_the_body(), True),
    Doing("late", after_a_while(LONG_DELAY, WELL), True),
    *(Doing(f"{status}, acted {acts}", refusal(status), acts)
      for status in (408, 500, 502, 503, 504) for acts in (True, False)),
    Doing("409", refusal(409), False, refuses=True),
    Doing("429", refusal(429), False, refuses=True),
    Doing("429 with a time", refusal_with_reset_at(429, 0.5), False, refuses=True),
    Doing("503 with a time", refusal(503, 0), False, refuses=True),
    Doing("not JSON", answer(200, "{", {"Content-Type": "application/json"}), True),
    Doing("empty", answer(200), True),
]  # fmt: skip
OVER_HTTP2 = [
    Doing("REFUSED_STREAM", ended(ErrorCodes.REFUSED_STREAM), False, refuses=True),
    Doing("GOAWAY below", going_away(Last.BELOW), False, refuses=True),
    *(Doing(f"GOAWAY, acted {acts}", going_away(Last.WITH), acts) for acts in (True, False)),
    Doing("GOAWAY without a stream", going_away(Last.EVERY), True),
    Doing("GOAWAY, answered", going_away_after(WELL), True),
    *(Doing(f"RST_STREAM, acted {acts}", ended(ErrorCodes.CANCEL), acts)
      for acts in (True, False)),
    Doing("RST_STREAM after the head", ended(ErrorCodes.INTERNAL_ERROR, head=True), True),
    Doing("RST_STREAM in the data", ended(ErrorCodes.INTERNAL_ERROR, part=True), True),
    Doing("HTTP_1_1_REQUIRED", ended(ErrorCodes.HTTP_1_1_REQUIRED), False),
    Doing("cut in the head", cut_in_the_head(), True),
    Doing("cut in a frame", cut_in_a_frame(), True),
    Doing("goodbye", goodbye(), True),
]  # fmt: skip


class Ledger:
    """Which request the server received how often, and what it did each time."""

    def __init__(self, faults: list[Doing]) -> None:
        self._faults = faults
        self._writing = threading.Lock()
        self.entries: dict[str, list[Doing]] = defaultdict(list)

    def respond(self, request: Request) -> Reply:
        found = re.search(rb"wire[0-9]+x", request.raw)
        assert found
        with self._writing:
            entry = self.entries[found[0].decode()]
            # Whatever the order in which requests come, a seed gives each its own faults.
            chance = random.Random(f"{SEED} {found[0]!r} {len(entry)}")
            # A client that was told to speaks HTTP/1.1, which knows fewer faults.
            faults = self._faults if request.line.endswith("HTTP/2") else EVERYWHERE
            doing = chance.choice(faults) if chance.random() < FAULTY else DONE
            entry.append(doing)
        return doing.reply


def random_request(chance: random.Random, number: int) -> Asked:
    token = f"wire{number}x"
    options = {"timeoutMs": SHORT_TIMEOUT_MS} if chance.random() < 0.05 else {}
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("calls.send", {"agentId": token, "toNumber": NUMBER}),
        ("calls.send", {"agentId": token, "toNumber": NUMBER}),
        ("agents.update", {"agentId": token, "name": "Desk"}),
        (f"PUT /v1/api/agents/{token}", {"name": "Desk"}),
        ("agents.delete", {"agentId": token}),
        ("agents.get", {"agentId": token}),
    ]
    operation, request = chance.choice(kinds)
    return Asked(operation, request, options)


class Case(NamedTuple):
    asked: Asked
    outcome: Outcome
    doings: list[Doing]
    shares_connections: bool

    @property
    def is_unsafe(self) -> bool:
        """Whether doing it twice does harm."""
        return self.asked.operation in ("calls.send", "agents.update")

    def __str__(self) -> str:
        did = ", ".join(doing.name for doing in self.doings)
        return f"seed {SEED}: {self.asked} met [{did}] and ended as {self.outcome}"


def storm(line: Line, server: RecordingServer, ledger: Ledger, clients: range) -> list[Case]:
    """Clients of all doors at the same time, with some requests each."""
    shared = line.wire.speaks_http2

    def run(client: int) -> list[tuple[Asked, Outcome]]:
        chance = random.Random(SEED + client)
        first = client * CLIENTS_REQUESTS
        asked = [random_request(chance, first + index) for index in range(CLIENTS_REQUESTS)]
        door = DOORS[client % len(DOORS)]
        session = door.open(server.url, {**line.options, "timeoutMs": 20_000})
        try:
            return list(zip(asked, session.run(asked)))
        finally:
            session.close()

    with ThreadPoolExecutor(AT_THE_SAME_TIME) as pool:
        ended = [pair for pairs in pool.map(run, clients) for pair in pairs]
    time.sleep(LONG_DELAY)  # a request that nobody waits for may just be arriving
    return [
        Case(asked, outcome, ledger.entries.get(f"wire{index}x", []), shared)
        for index, (asked, outcome) in enumerate(ended, clients.start * CLIENTS_REQUESTS)
    ]


def faults_met(cases: list[Case]) -> int:
    return sum(doing is not DONE for case in cases for doing in case.doings)


@pytest.fixture(scope="module", params=TLS_WIRES, ids=repr)
def cases(request: pytest.FixtureRequest, lines: dict[Wire, Line]) -> Iterator[list[Case]]:
    line = lines[request.param]
    wanted = request.config.getoption("--faults")
    ledger = Ledger(EVERYWHERE + (OVER_HTTP2 if line.wire.speaks_http2 else []))
    # About half of the requests meet a fault, some of them one after the other.
    count = wanted * 2 // CLIENTS_REQUESTS
    with line.server() as server:
        server.respond = ledger.respond
        found = storm(line, server, ledger, range(count))
        # On a busy machine some run out of time before they arrive: others meet what is missing.
        for further in range(1, MOST_STORMS):
            if faults_met(found) >= wanted:
                break
            more = max(1, count // 4)
            first = count + (further - 1) * more
            found += storm(line, server, ledger, range(first, first + more))
        yield found


def test_sent_is_true_to_what_the_server_did(cases: list[Case]) -> None:
    for case in cases:
        acted = sum(doing.acts for doing in case.doings)
        if case.outcome.sent == "no":
            assert acted == 0, case
        if case.outcome.sent in ("yes", "ok"):
            assert acted > 0, case


def test_an_unsafe_request_comes_again_only_where_the_server_refused_it(
    cases: list[Case],
) -> None:
    for case in cases:
        if case.is_unsafe:
            assert all(doing.refuses for doing in case.doings[:-1]), case


def test_what_the_server_refused_is_certainly_not_done(cases: list[Case]) -> None:
    for case in cases:
        # Where requests share a connection, another's fault can take the refusal along.
        is_told = case.outcome.error.get("type") not in ("timeout", None)
        refused = case.doings and all(doing.refuses for doing in case.doings)
        if refused and is_told and not case.shares_connections:
            assert case.outcome.sent == "no", case


def test_each_attempt_was_received(cases: list[Case]) -> None:
    for case in cases:
        # An attempt that ran out of time may have ended before it arrived, and one that never had
        # a turn on a connection that went away never arrives.
        assert len(case.doings) <= case.outcome.attempts, case


def test_the_storm_met_enough_faults_and_every_way_to_end(
    cases: list[Case], pytestconfig: pytest.Config
) -> None:
    assert faults_met(cases) >= pytestconfig.getoption("--faults")
    ends = Counter(case.outcome.sent for case in cases)
    assert ends.keys() == {"ok", "no", "maybe", "yes"}, ends
