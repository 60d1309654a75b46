"""The time after which a request may not start, whatever held it up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from certificates import Certificate
from doors import Client, Door, elapsed
from failing_service import after_a_while, refusal
from gate import SEND, Gate
from native import Answer
from proxied import context
from recording_server import RecordingServer, json_answer

# A machine with much to do.
MOMENT = 1.0


def boot_time_ms(seconds_from_now: float) -> int:
    return int((time.clock_gettime(time.CLOCK_BOOTTIME) + seconds_from_now) * 1000)


def must_not_have_started(answer: Answer) -> None:
    error = answer["error"]
    assert (error["type"], error["sent"]) == ("timeout", "no")
    assert "notAfterMs" in error["message"]
    assert not error["retryable"]


def test_a_request_whose_time_has_passed_is_not_sent(server: RecordingServer, door: Door) -> None:
    with Client(server.url) as client:
        must_not_have_started(
            door.start(client, "calls.send", SEND, notAfterMs=boot_time_ms(-0.01)).ended().answer
        )
        must_not_have_started(door.start(client, "calls.send", SEND, notAfterMs=1).ended().answer)
    assert server.requests == []


def test_a_request_that_starts_in_time_may_end_later(server: RecordingServer, door: Door) -> None:
    server.script(after_a_while(0.8, json_answer({"callId": "c"})))
    with Client(server.url) as client:
        end = boot_time_ms(0.5)
        assert door.start(client, "calls.send", SEND, notAfterMs=end).ended().answer["ok"]
    assert boot_time_ms(0) > end


def test_nobody_waits_longer_for_a_connection_in_use(
    server: RecordingServer, gate: Gate, door: Door
) -> None:
    with Client(server.url, maxInFlight=1) as client:
        first = door.start(client, "calls.send", SEND)
        gate.wait_for(1)
        with elapsed() as seconds:
            late = door.start(client, "calls.send", SEND, notAfterMs=boot_time_ms(0.2))
            must_not_have_started(late.ended().answer)
        assert 0.15 <= seconds[0] <= 0.2 + MOMENT
        gate.open()
        assert first.ended().answer["ok"]
    assert len(server.requests) == 1


def test_nobody_waits_longer_for_a_turn(server: RecordingServer, door: Door) -> None:
    with Client(server.url, requestsPerMinute=1) as client:
        assert door.start(client, "calls.send", SEND).ended().answer["ok"]
        with elapsed() as seconds:
            late = door.start(client, "calls.send", SEND, notAfterMs=boot_time_ms(0.2))
            must_not_have_started(late.ended().answer)
        assert seconds[0] <= 0.2 + MOMENT
    assert len(server.requests) == 1


def test_nobody_waits_until_the_service_may_be_asked_again(
    server: RecordingServer, door: Door
) -> None:
    server.script(refusal(429, 20))
    with Client(server.url, maxRetryAfterMs=60_000) as client:
        door.start(client, "agents.list", maxRetries=0).ended()
        with elapsed() as seconds:
            late = door.start(client, "calls.send", SEND, notAfterMs=boot_time_ms(0.2))
            must_not_have_started(late.ended().answer)
        assert seconds[0] <= 0.2 + MOMENT
    assert len(server.requests) == 1


def test_a_refused_request_is_not_sent_again_later(server: RecordingServer, door: Door) -> None:
    server.script(refusal(503, 2))
    with Client(server.url) as client:
        answer = door.start(client, "calls.send", SEND, notAfterMs=boot_time_ms(1)).ended().answer
    assert (answer["status"], answer["error"]["sent"]) == (503, "no")
    assert answer["meta"]["attempts"] == 1
    assert len(server.requests) == 1


@contextmanager
def slow_to_shake_hands(
    certificate: Certificate, seconds: float
) -> Iterator[tuple[str, list[bytes]]]:
    """A service that lets connections wait, and what it has been sent over them."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            time.sleep(seconds)
            with context(certificate).wrap_socket(connection, server_side=True) as secure:
                secure.settimeout(2)
                received.append(secure.recv(65536))

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", received
        thread.join()


def test_the_clock_is_looked_at_when_the_connection_stands(
    certificate: Certificate, door: Door
) -> None:
    options = {"caFile": str(certificate.authority), "maxRetries": 2}
    with slow_to_shake_hands(certificate, 0.6) as (url, received), Client(url, **options) as client:
        late = door.start(client, "calls.send", SEND, notAfterMs=boot_time_ms(0.2))
        answer = late.ended().answer
    must_not_have_started(answer)
    assert answer["meta"]["attempts"] == 1
    assert received == [b""]


PROGRAM = """
import sys
import time
from doors import Client, BLOCKING, SUBMITTING
from gate import SEND

door = {"blocking": BLOCKING, "submitting": SUBMITTING}[sys.argv[2]]
with Client(sys.argv[1], requestsPerMinute=60) as client:
    door.start(client, "agents.list").ended()
    end = int((time.clock_gettime(time.CLOCK_BOOTTIME) + 1.5) * 1000)
    pending = door.start(client, "calls.send", SEND, notAfterMs=end)
    print("waits", flush=True)
    error = pending.ended().answer["error"]
    print(error["type"], error["sent"], flush=True)
"""


@pytest.mark.parametrize("name", ["blocking", "submitting"])
def test_a_process_that_was_stopped_does_not_call_when_it_goes_on(
    server: RecordingServer, name: str
) -> None:
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, server.url, name],
        env=environment,
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "waits\n"
    child.send_signal(signal.SIGSTOP)
    time.sleep(2)
    child.send_signal(signal.SIGCONT)
    assert child.communicate(timeout=20)[0] == "timeout no\n"
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", [0, -1, 1.5, "1", True, 2**53])
def test_a_time_that_is_none_is_refused(server: RecordingServer, door: Door, value: object) -> None:
    with Client(server.url) as client:
        error = door.start(client, "calls.send", SEND, notAfterMs=value).ended().answer["error"]
    assert (error["type"], error["sent"]) == ("invalid_argument", "no")
    assert "notAfterMs" in error["message"]
    assert server.requests == []
