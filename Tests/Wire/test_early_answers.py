"""A service that refuses an upload before it has read it, as nginx does with a large one."""

from __future__ import annotations

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
