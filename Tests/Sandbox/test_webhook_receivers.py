"""Receivers of webhooks that answer strangely, late or not at all."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from urllib.parse import unquote

import pytest

from conftest import StartSandbox
from receiver import Receiver
from sandbox import Sandbox, ready_agent, until
from webhooks import deliveries, send, settled


@pytest.fixture
def server(start_sandbox: StartSandbox) -> Sandbox:
    return start_sandbox("--requests-per-minute", "0", "--speed", "600")


@contextmanager
def raw_receiver(answer: bytes, *, stays_open: bool = False) -> Iterator[str]:
    """The address of a server that answers every connection with these bytes."""
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                connection.recv(65_536)
                connection.sendall(answer)
            except OSError:
                pass  # it may hang up before it has everything
            if stays_open:
                kept.append(connection)
            else:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


WHOLE_HEADS = {
    "the body is cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    "the body is very long": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000,
    "an interim head comes first": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 None\r\n\r\n",
}


@pytest.mark.parametrize("case", WHOLE_HEADS)
def test_a_whole_head_is_an_answer_whatever_its_body(server: Sandbox, case: str) -> None:
    with raw_receiver(WHOLE_HEADS[case]) as url:
        send(server, ready_agent(server), url)
        for entry in settled(server):
            assert entry["status"] == "delivered"
            assert [attempt["error"] for attempt in entry["attempts"]] == [None]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"no HTTP at all\r\n\r\n",
    ],
)
def test_less_than_a_whole_head_is_no_answer(start_sandbox: StartSandbox, answer: bytes) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "20000")
    with raw_receiver(answer) as url:
        send(server, ready_agent(server), url)
        for entry in settled(server):
            assert (entry["status"], len(entry["attempts"])) == ("failed", 6)
            assert all(attempt["status"] is None for attempt in entry["attempts"])
            assert all(attempt["error"] for attempt in entry["attempts"])


def test_no_proxy_gets_what_is_for_this_machine(
    start_sandbox: StartSandbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Receiver()
    try:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        server = start_sandbox("--requests-per-minute", "0", "--speed", "600")
        send(server, ready_agent(server), receiver.url())
        assert {receiver.next().event, receiver.next().event} >= {"call.started"}
        assert proxy.is_quiet()
    finally:
        proxy.close()


def test_a_receiver_gets_the_path_and_query_of_its_url_alone(
    server: Sandbox, receiver: Receiver
) -> None:
    url = receiver.url("/a b/ü?x=1&y=%41#part").replace("http://", "HTTP://user:secret@")
    send(server, ready_agent(server), url)
    webhook = receiver.next()
    assert " " not in webhook.path
    assert unquote(webhook.path) == "/a b/ü?x=1&y=A"
    assert "authorization" not in webhook.headers


def test_a_receiver_that_is_silent_does_not_hold_up_the_end(start_sandbox: StartSandbox) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--speed", "600")
    slow = Receiver()
    slow.may_answer.clear()
    try:
        send(server, ready_agent(server), slow.url())
        slow.next()
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 8  # a receiver has ten seconds to answer
    finally:
        slow.close()


def test_a_receiver_that_never_answers_is_left_after_ten_seconds(
    start_sandbox: StartSandbox,
) -> None:
    server = start_sandbox("--requests-per-minute", "0", "--paused")
    with raw_receiver(b"HTTP/1.1 100 Continue\r\n\r\n", stays_open=True) as url:
        send(server, ready_agent(server), url)
        entry = until(
            lambda: deliveries(server, "?event=call.started")[0],
            lambda entry: bool(entry["attempts"]),
        )
        (attempt,) = entry["attempts"]
        assert attempt["status"] is None
        assert attempt["error"]
        assert attempt["milliseconds"] >= 10_000
