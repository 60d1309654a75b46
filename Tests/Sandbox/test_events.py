"""The feed of events, read as a browser reads it."""

from __future__ import annotations

import http.client
import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conftest import StartSandbox
from sandbox import Sandbox, ready_agent, start_batch, until

Event = tuple[str, dict[str, Any]]
CAPACITY = 64


class Listener:
    """One connection to the feed, from an address of this machine."""

    def __init__(
        self, sandbox: Sandbox, address: str = "127.0.0.1", path: str = "/sandbox/events"
    ) -> None:
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", sandbox.port, timeout=15, source_address=(address, 0)
        )
        self._connection.request("GET", path)
        self.answer = self._connection.getresponse()

    def close(self) -> None:
        self.answer.close()
        self._connection.close()

    def next(self) -> Event:
        """The next event; an end of the stream is an EOFError."""
        kind = ""
        while True:
            line = self.answer.readline().decode()
            if not line:
                raise EOFError("the stream has ended")
            if line.startswith("event: "):
                kind = line[7:].strip()
            if line.startswith("data: "):
                return kind, json.loads(line[6:])

    def first(self, kind: str, **fields: object) -> dict[str, Any]:
        """The next event of a kind with these members."""
        while True:
            name, data = self.next()
            if name == kind and all(data.get(key) == value for key, value in fields.items()):
                return data


@contextmanager
def listening(sandbox: Sandbox) -> Iterator[Listener]:
    listener = Listener(sandbox)
    assert listener.answer.status == 200
    # The first event tells that the subscription stands.
    kind, _ = listener.next()
    assert kind == "clock"
    try:
        yield listener
    finally:
        listener.close()


def test_the_stream_begins_with_the_clock(sandbox: Sandbox) -> None:
    listener = Listener(sandbox)
    assert listener.answer.headers["Content-Type"] == "text/event-stream"
    assert listener.answer.headers["Cache-Control"] == "no-store"
    kind, data = listener.next()
    listener.close()
    assert (kind, data["speed"], data["paused"]) == ("clock", 600, False)


def test_every_request_to_the_service_is_told(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    with listening(sandbox) as listener:
        sandbox.get("/sandbox/overview")
        sandbox.request("GET", "/api/v1/flows", headers={"x-request-id": "mine-1"})
        sandbox.get("/api/v1/agents/unknown")
        told = listener.first("journal")
        assert (told["operation"], told["requestId"]) == ("flows.list", "mine-1")
        assert (told["method"], told["status"], told["fault"]) == ("GET", 200, None)
        assert listener.first("journal")["status"] == 404


def test_a_told_request_can_be_read_in_the_journal(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    with listening(sandbox) as listener:
        for number in range(50):
            headers = {"x-request-id": f"mine-{number}"}
            sandbox.request("GET", "/api/v1/flows", headers=headers)
            sequence = listener.first("journal")["sequence"]
            entry = sandbox.get(f"/sandbox/journal?after={sequence - 1}").json["entries"][0]
            assert entry["requestId"] == f"mine-{number}"


def test_calls_are_told_in_each_of_their_states(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    agent = ready_agent(sandbox)
    sandbox.post("/sandbox/clock", {"paused": True})
    with listening(sandbox) as listener:
        order = {"agentId": agent, "toNumber": "+12025550164"}
        call = sandbox.post("/api/v1/calls/call", order).json["callId"]
        assert listener.first("call", id=call)["state"] == "queued"
        sandbox.post("/sandbox/clock", {"advanceMs": 2_000})
        assert listener.first("call", id=call)["state"] == "ringing"
        sandbox.post("/sandbox/clock", {"advanceMs": 3_600_000})
        told = listener.first("call", id=call)
        assert told == {"id": call, "workspaceId": "sandbox-workspace", "state": "ended"}


def test_batches_are_told_with_their_counts(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--speed", "600")
    agent = ready_agent(sandbox)
    with listening(sandbox) as listener:
        batch = start_batch(sandbox, agent, 20)
        assert listener.first("batch", id=batch)["total"] == 20
        ended = listener.first("batch", id=batch, waiting=0, active=0)
        assert ended["completed"] + ended["failed"] == 20
        assert ended["status"] == "completed"


def test_a_brief_listener_is_told_what_has_changed_and_no_more(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--paused")
    listener = Listener(sandbox, path="/sandbox/events?brief=true")
    assert listener.next()[0] == "clock"
    with listening(sandbox) as whole:
        agent = ready_agent(sandbox)
        for _ in range(20):
            sandbox.post("/api/v1/calls/call", {"agentId": agent, "toNumber": "+12025550164"})
        counts: dict[str, int] = {}
        events = 0
        while counts.get("call", 0) < 20 or counts.get("journal", 0) < 22:
            kind, changed = listener.next()
            assert kind == "changed"
            events += 1
            for name, count in changed.items():
                counts[name] = counts.get(name, 0) + count
        assert counts["journal"] == 22
        assert events < 22
        sandbox.steer(advanceMs=1_000)
        assert listener.first("clock")["paused"] is True
        # Whoever wants to know everything still does.
        assert whole.first("call")["state"] == "queued"
    listener.close()


def test_a_call_that_ends_far_behind_the_newest_is_told(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--paused", "--concurrency", "1000")
    agent = ready_agent(sandbox)
    order = {"agentId": agent, "toNumber": "+15005550005"}
    oldest = sandbox.post("/api/v1/calls/call", order).json["callId"]
    sandbox.steer(advanceMs=70_000)
    start_batch(sandbox, agent, 190)
    with listening(sandbox) as listener:
        sandbox.steer(advanceMs=7_000)
        assert listener.first("call", id=oldest)["state"] == "ended"


def test_steering_and_resetting_are_told(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    with listening(sandbox) as listener:
        sandbox.post("/sandbox/clock", {"paused": True})
        stopped = listener.first("clock", paused=True)
        sandbox.post("/sandbox/clock", {"advanceMs": 5_000})
        assert listener.first("clock")["now"] == stopped["now"] + 5_000
        sandbox.post("/sandbox/reset", {})
        assert listener.first("clock", reset=True)["paused"] is False


def test_listeners_that_leave_make_room_for_others(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    # No address gets more than half of the places.
    listeners = [Listener(sandbox, f"127.0.0.{1 + place % 2}") for place in range(CAPACITY)]
    for listener in listeners:
        assert listener.next()[0] == "clock"
    refused = sandbox.get("/sandbox/events")
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    for listener in listeners:
        listener.close()

    def look() -> int:
        # Whoever is gone is found out by the next event.
        sandbox.get("/api/v1/flows")
        newcomer = Listener(sandbox)
        newcomer.close()
        return newcomer.answer.status

    assert until(look, lambda status: status == 200) == 200


def test_a_quiet_stream_outlives_the_time_after_which_connections_are_idle(
    start_sandbox: StartSandbox,
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--idle-timeout", "1")
    with listening(sandbox) as listener:
        # A second connection shows that the time has passed: it is closed for its silence.
        with socket.create_connection(("127.0.0.1", sandbox.port), timeout=15) as idle:
            assert idle.recv(1) == b""
        sandbox.get("/api/v1/flows")
        assert listener.first("journal")["status"] == 200


def test_a_listener_does_not_keep_the_server_from_stopping(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    with listening(sandbox):
        assert sandbox.stop(signal.SIGTERM) == 0


def test_a_listener_that_does_not_read_keeps_nobody_waiting(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    with listening(sandbox), listening(sandbox) as reader:
        for number in range(2_000):
            sandbox.request("GET", "/api/v1/flows", headers={"x-request-id": f"r{number}"})
            if number % 200 == 0:
                reader.first("journal", requestId=f"r{number}")


def test_head_asks_for_no_stream(sandbox: Sandbox) -> None:
    answer = sandbox.request("HEAD", "/sandbox/events")
    assert (answer.status, answer.body) == (200, b"")
