"""A service that answers an upload before it has read it, as nginx does with one too large."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from h2.errors import ErrorCodes

import fronts
from certificates import Certificate
from doors import BLOCKING, SUBMITTING, Client, Door
from http2_service import Http2Server, Stream
from libcurl import VERSION
from native import Answer
from recording_server import Connection
from wires import HTTP2, HTTP2_WIRES, WIRES, Line, Wire

UPLOADS = 5
TOO_LARGE = 413
# The library notices that nothing is sent any more after some seconds; a request has sixty.
LONGEST_STANDSTILL = 20
LOST = "The service answered before it had all of the request, and libcurl lost the answer"
# It drops what it has read of a stream that ends with RST_STREAM in the same TLS record.
LOSES_EARLY_ANSWERS = VERSION < (8, 0)

through_both_doors = pytest.mark.parametrize("door", [BLOCKING, SUBMITTING], ids=repr)


@pytest.fixture(scope="module")
def contacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than the buffers of a connection hold."""
    path = tmp_path_factory.mktemp("upload") / "contacts.csv"
    rows = "".join(f"+49151{20000000 + row}\n" for row in range(500_000))
    path.write_text(f"phone_number\n{rows}", encoding="ascii")
    return path


def upload(url: str, line: Line, door: Door, contacts: Path) -> list[Answer]:
    with Client(url, **line.options) as client:
        request = {"file": str(contacts)}
        return [
            door.start(client, "batch_calls.validate", request).ended().answer
            for _ in range(UPLOADS)
        ]


def is_refusal(answer: Answer) -> bool:
    return (answer["status"], answer["error"]["sent"]) == (TOO_LARGE, "no")


def says_that_it_is_lost(answer: Answer) -> bool:
    error = answer["error"]
    return (error["type"], error["sent"], error["message"]) == ("connection", "maybe", LOST)


@pytest.mark.parametrize("wire", WIRES, ids=repr)
@through_both_doors
def test_nginx_is_heard_when_a_file_is_too_large(
    lines: dict[Wire, Line],
    wire: Wire,
    door: Door,
    contacts: Path,
    certificate: Certificate,
    tmp_path: Path,
) -> None:
    with fronts.nginx(wire.name, certificate, tmp_path, largest_body="100k") as server:
        answers = upload(server.url, lines[wire], door, contacts)
    refused = [answer for answer in answers if is_refusal(answer)]
    rest = [answer for answer in answers if not is_refusal(answer)]
    assert refused, answers
    may_be_lost = wire.speaks_http2 and LOSES_EARLY_ANSWERS
    assert all(may_be_lost and says_that_it_is_lost(answer) for answer in rest), rest


@pytest.mark.parametrize("wire", WIRES, ids=repr)
@through_both_doors
def test_nginx_is_heard_at_once_when_it_accepts_a_file_from_the_head_alone(
    lines: dict[Wire, Line],
    wire: Wire,
    door: Door,
    contacts: Path,
    certificate: Certificate,
    tmp_path: Path,
) -> None:
    request = {"file": str(contacts)}
    with (
        fronts.nginx(wire.name, certificate, tmp_path) as server,
        Client(server.url, **lines[wire].options) as client,
    ):
        began = time.monotonic()
        ended = door.start(client, "batch_calls.validate", request).ended()
    assert (ended.answer["status"], ended.answer["ok"]) == (200, True), ended.answer
    assert ended.at - began < LONGEST_STANDSTILL


@through_both_doors
def test_a_whole_answer_counts_although_the_file_was_not_sent_in_time(
    door: Door, contacts: Path
) -> None:
    request = {"file": str(contacts)}
    with answering_unread() as url, Client(url, timeoutMs=1000) as client:
        answer = door.start(client, "batch_calls.validate", request).ended().answer
    assert (answer["status"], answer["ok"]) == (200, True), answer


@through_both_doors
def test_a_large_request_without_a_file_is_heard_at_once_as_well(door: Door) -> None:
    request = {"name": "An agent", "prompt": "x" * 8_000_000}
    began = time.monotonic()
    with answering_unread() as url, Client(url) as client:
        ended = door.start(client, "POST /v1/agents", request).ended()
    assert (ended.answer["status"], ended.answer["ok"]) == (200, True), ended.answer
    assert ended.at - began < LONGEST_STANDSTILL


@through_both_doors
def test_a_slow_file_behind_a_whole_answer_is_sent_to_its_end(door: Door, contacts: Path) -> None:
    read: list[int] = []
    with answering_unread(read, seconds=8) as url, Client(url) as client:
        answer = door.start(client, "batch_calls.validate", {"file": str(contacts)}).ended().answer
    assert answer["ok"], answer
    assert sum(read) > contacts.stat().st_size


@pytest.mark.skipif(HTTP2 not in HTTP2_WIRES, reason="HTTP/2 is not among the wires of this run")
@through_both_doors
def test_an_early_answer_that_ends_its_stream_is_read_or_said_to_be_lost(
    lines: dict[Wire, Line], door: Door, contacts: Path
) -> None:
    line = lines[HTTP2]
    with line.server() as server, Client(server.url, **line.options) as client:
        assert isinstance(server, Http2Server)
        server.at_the_head = refuse
        answer = door.start(client, "batch_calls.validate", {"file": str(contacts)}).ended().answer
    expected = says_that_it_is_lost if LOSES_EARLY_ANSWERS else is_refusal
    assert expected(answer), answer


def refuse(connection: Connection) -> bool:
    """An answer and the end of its stream, in one piece."""
    assert isinstance(connection, Stream)
    protocol = connection.on.protocol
    body = b'{"message":"The file is too large"}'
    fields = [
        (":status", str(TOO_LARGE)),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    ]
    with connection.on.lock:
        protocol.send_headers(connection.number, fields)
        protocol.send_data(connection.number, body, end_stream=True)
        protocol.reset_stream(connection.number, ErrorCodes.NO_ERROR)
        connection.on.flush()
    return True


@contextmanager
def answering_unread(read: list[int] | None = None, seconds: float = 0) -> Iterator[str]:
    """Answers from the head alone and keeps the connection; reads the rest in so many seconds, or
    not at all."""
    over = threading.Event()

    def serve() -> None:
        channel, _ = listener.accept()
        with channel:
            head = b""
            while b"\r\n\r\n" not in head:
                head += channel.recv(1)
            channel.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            )
            until = time.monotonic() + seconds
            while read is not None and (data := channel.recv(50_000)):
                read.append(len(data))
                time.sleep(0.1 if time.monotonic() < until else 0)
            over.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join()
