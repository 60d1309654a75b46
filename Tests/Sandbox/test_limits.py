"""Slow, greedy and large requests, and what they may cost the others."""

from __future__ import annotations

import json
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import StartSandbox
from sandbox import KEY, WORKSPACE, Sandbox, contacts, multipart, ready_agent, until

AGENTS = "/api/v1/agents"
BATCHES = "/v1/api/batch-calls"
ACCESS = f"x-api-key: {KEY}\r\nx-workspace-id: {WORKSPACE}\r\n"


@contextmanager
def connected(server: Sandbox, count: int = 1) -> Iterator[list[socket.socket]]:
    connections = [
        socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(count)
    ]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def ends(connection: socket.socket) -> bool:
    """Waits until the server closes the connection."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionError:
        pass
    return True


def test_many_slow_clients_do_not_keep_the_others_waiting(sandbox: Sandbox) -> None:
    with connected(sandbox, 300) as slow:
        for index, connection in enumerate(slow):
            beginnings = [
                b"GE",
                b"GET /api/v1/agents HTTP/1.1\r\nHost: ",
                f"POST {AGENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
                f"Content-Type: application/json\r\n{ACCESS}\r\n{{".encode(),
            ]
            connection.sendall(beginnings[index % 3])
        start = time.monotonic()
        for _ in range(50):
            assert sandbox.get(AGENTS).status == 200
        assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /api/v1/agents HTTP/1.1\r\nHost: localhost\r\nx-slow: ",
        f"POST {AGENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
        f"Content-Type: application/json\r\n{ACCESS}\r\n{{".encode(),
    ],
)
def test_a_request_that_does_not_arrive_in_time_is_dropped(
    start_sandbox: StartSandbox, beginning: bytes
) -> None:
    server = start_sandbox("--idle-timeout", "1", "--request-timeout", "1")
    with connected(server) as (connection,):
        connection.sendall(beginning)
        assert ends(connection)
    assert server.get(AGENTS).status == 200


def test_a_request_that_trickles_in_is_dropped_although_it_moves(
    start_sandbox: StartSandbox,
) -> None:
    server = start_sandbox("--request-timeout", "1")
    head = (
        f"POST {AGENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
        f"Content-Type: application/json\r\n{ACCESS}\r\n"
    )
    with connected(server) as (connection,):
        connection.sendall(head.encode())
        start = time.monotonic()
        assert not keeps_taking(connection, seconds=10)
        assert time.monotonic() - start < 5


def keeps_taking(connection: socket.socket, seconds: float) -> bool:
    """Sends a byte now and then; whether the connection is still open in the end."""
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            connection.sendall(b" ")
            time.sleep(0.05)
    except OSError:
        return False
    return True


def test_connections_beyond_the_limit_wait_for_their_turn(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--max-connections", "3", "--idle-timeout", "1")
    with connected(server, 3):
        # Answered as soon as one of the three has been silent for too long.
        assert server.get(AGENTS).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        "x-long: " + "x" * 40_000 + "\r\n",
        "".join(f"x-header-{index}: value\r\n" for index in range(1_000)),
        "".join(f"x-header-{index}: {'x' * 1_000}\r\n" for index in range(100)),
    ],
)
def test_too_many_or_too_long_headers_are_400(sandbox: Sandbox, headers: str) -> None:
    with connected(sandbox) as (connection,):
        connection.sendall(f"GET {AGENTS} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 400")


def test_a_batch_has_as_many_rows_as_allowed_and_no_more(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--max-batch-rows", "5", "--requests-per-minute", "0")
    agent = ready_agent(server)
    assert server.upload(BATCHES, contacts(5), agentId=agent).status == 200
    answer = server.upload(BATCHES, contacts(6), agentId=agent)
    assert answer.status == 400
    assert "more than 5 rows" in answer.json["message"]


@pytest.mark.parametrize("storage", ["file", "memory"])
def test_a_large_batch_is_accepted_while_others_are_answered(
    start_sandbox: StartSandbox, tmp_path: Path, storage: str
) -> None:
    database = ["--database", str(tmp_path / "sandbox.sqlite")] if storage == "file" else []
    server = start_sandbox("--requests-per-minute", "0", *database)
    agent = ready_agent(server)
    rows = "".join(f"+1{index + 2_000_000_000},Person {index}\n" for index in range(100_000))
    answers: list[int] = []
    upload = threading.Thread(
        target=lambda: answers.append(
            server.upload(BATCHES, "phone_number,first_name\n" + rows, agentId=agent).status
        )
    )
    slowest = 0.0
    upload.start()
    while upload.is_alive():
        start = time.monotonic()
        # In memory there is one connection, and what reads it waits for the batch.
        path = f"{AGENTS}/{agent}" if storage == "file" else "/healthz"
        assert server.get(path).status == 200
        slowest = max(slowest, time.monotonic() - start)
    assert answers == [200]
    assert slowest < 3
    assert server.peak_memory() < 200 * 1_048_576


def test_a_form_of_twenty_mebibytes_takes_a_bounded_part_of_the_memory(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    server = start_sandbox(
        *("--database", str(tmp_path / "sandbox.sqlite"), "--max-batch-rows", "10000000"),
        *("--requests-per-minute", "0"),
    )
    agent = ready_agent(server)
    rows = "".join(f"+1{index + 2_000_000_000}\n" for index in range(1_600_000))
    answer = server.upload(BATCHES + "/validate", "phone_number\n" + rows)
    assert answer.json["validRows"] == 1_600_000
    fewer = rows[: 300_000 * 13]
    answer = server.upload(BATCHES, "phone_number\n" + fewer, agentId=agent)
    assert answer.json["totalCalls"] == 300_000
    assert server.peak_memory() < 300 * 1_048_576


def test_many_uploads_at_once_are_refused_before_they_take_all_memory(
    start_sandbox: StartSandbox,
) -> None:
    server = start_sandbox("--max-upload-memory", "8", "--requests-per-minute", "0")
    form, kind = multipart("phone_number\n" + "+12025550164\n" * 200_000, {})
    head = (
        f"POST {BATCHES}/validate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(form)}\r\n"
        f"Content-Type: {kind}\r\n{ACCESS}\r\n"
    )
    with connected(server, 4) as uploads:
        for upload in uploads:
            upload.sendall(head.encode() + form[:-10])
        refused, _, _ = select.select(uploads, [], [], 10)
        answers = [upload.recv(4096) for upload in refused]
    assert answers
    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 1" in answer
    # What they held is given back.
    until(
        lambda: server.request("POST", BATCHES + "/validate", form, {"Content-Type": kind}).status,
        lambda status: status == 200,
    )


@pytest.mark.parametrize("storage", ["file", "memory"])
def test_a_request_in_flight_is_answered_before_the_server_stops(
    start_sandbox: StartSandbox, tmp_path: Path, storage: str
) -> None:
    database = ["--database", str(tmp_path / "sandbox.sqlite")] if storage == "file" else []
    server = start_sandbox(*database)
    agent = ready_agent(server)
    # So much that the kernel cannot hold it: once it is sent, the server is at it.
    note = "x" * (18 * 1_048_576)
    form, kind = multipart(f"phone_number,note\n+12025550164,{note}\n", {"agentId": agent})
    head = (
        f"POST {BATCHES} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(form)}\r\n"
        f"Content-Type: {kind}\r\n{ACCESS}\r\n"
    )
    with connected(server) as (connection,):
        connection.sendall(head.encode() + form[:-10])
        server.signal(signal.SIGTERM)
        refuses_connections(server)
        connection.sendall(form[-10:])
        answer = connection.recv(65_536)
        assert answer.startswith(b"HTTP/1.1 200")
        batch = json.loads(answer.partition(b"\r\n\r\n")[2])["batchId"]
    assert server.stop() == 0
    if storage == "file":
        second = start_sandbox(*database)
        assert second.get(f"{BATCHES}/{batch}").json["totalCalls"] == 1


def refuses_connections(server: Sandbox) -> None:
    """Waits until the server has heard that it must stop."""

    def is_refused() -> bool:
        try:
            with connected(server):
                return False
        except ConnectionError:
            return True

    until(is_refused, bool)


def test_a_form_larger_than_allowed_is_refused_while_it_arrives(sandbox: Sandbox) -> None:
    form, kind = multipart("phone_number\n", {})
    body = b"x" * (25 * 1_048_576) + form
    answer = sandbox.request("POST", BATCHES + "/validate", body, {"Content-Type": kind})
    assert answer.status == 400
    assert "24 MiB" in answer.json["message"]
