"""A recording that is written to a file: whole or not at all."""

from __future__ import annotations

import os
import pathlib
import resource
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from doors import Client, Door
from native import Answer
from recording_server import Connection, RecordingServer, json_answer
from recording_service import CHOICE, CONTENT, TAG, RecordingService, sent


@pytest.fixture
def service(server: RecordingServer) -> RecordingService:
    return RecordingService(server)


def saved(
    service: RecordingService, door: Door, file: object, retries: int = 2, **options: object
) -> Answer:
    with Client(service.server.url, maxRetries=retries, **options) as client:
        return door.start(client, "calls.recording", {**CHOICE, "file": str(file)}).ended().answer


def left(folder: pathlib.Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_recording_is_written_to_its_file(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.validators["Content-Disposition"] = 'attachment; filename="66f1.mp3"'
    got = saved(service, door, target, maxResponseBytes=1000)
    assert got["data"] == {
        "contentType": "audio/mpeg",
        "fileName": "66f1.mp3",
        "file": str(target),
        "bytes": len(CONTENT),
    }
    assert target.read_bytes() == CONTENT
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert left(target.parent) == ["call.mp3"]
    assert not os.listxattr(target)
    request = service.server.only_request
    assert request.line == "GET /v2/api/recordings/66f1 HTTP/1.1"
    assert request.headers["accept"] == "*/*"
    assert not {"range", "if-range", "accept-encoding"} & request.headers.keys()


def test_a_chunked_recording_is_written_too(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    headers = {"Content-Type": "audio/mpeg", "Transfer-Encoding": "chunked"}
    body = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    service.faults = [lambda _: sent(200, headers, body)]
    assert saved(service, door, target)["data"]["bytes"] == 5
    assert target.read_bytes() == b"abcde"


def test_a_chunked_recording_that_ends_early_is_not_whole(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    headers = {"Content-Type": "audio/mpeg", "Transfer-Encoding": "chunked"}
    service.faults = [lambda _: sent(200, headers, b"3\r\nabc\r\n", closes=True)]
    got = saved(service, door, target, retries=0)
    assert (got["error"]["type"], got["error"]["retryable"]) == ("connection", True)
    assert left(target.parent) == []


@pytest.mark.parametrize("length", [0, 1, 4096, 100_001, len(CONTENT) - 1])
def test_a_short_recording_is_not_taken_for_whole(
    service: RecordingService, door: Door, target: pathlib.Path, length: int
) -> None:
    service.validators = {}
    service.faults = [service.cut(length)]
    got = saved(service, door, target, retries=0)
    assert (got["error"]["type"], got["error"]["retryable"]) == ("connection", True)
    assert left(target.parent) == []


def test_an_answer_without_length_and_bytes_is_not_whole(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [lambda _: sent(200, {"Content-Type": "audio/mpeg"}, b"", closes=True)]
    assert saved(service, door, target, retries=0)["error"]["type"] == "connection"
    assert left(target.parent) == []


def test_an_empty_recording_is_one(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.content = b""
    assert saved(service, door, target)["data"]["bytes"] == 0
    assert target.read_bytes() == b""


def test_an_error_leaves_no_file_and_no_part(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    (target.parent / "call.mp3.part").write_bytes(b"of an earlier call")
    service.faults = [lambda _: json_answer({"error": "No such recording"}, 404)]
    error = saved(service, door, target)["error"]
    assert (error["type"], error["message"]) == ("not_found", "No such recording")
    assert error["body"] == {"error": "No such recording"}
    assert left(target.parent) == []


def test_a_failure_leaves_the_file_that_was_there(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    target.write_bytes(b"an older one")
    service.faults = [service.cut(1000)]
    assert not saved(service, door, target, retries=0)["ok"]
    assert target.read_bytes() == b"an older one"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_that_is_replaced_keeps_its_mode(
    service: RecordingService, door: Door, target: pathlib.Path, mode: int
) -> None:
    target.write_bytes(b"an older one")
    target.chmod(mode)
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == CONTENT
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_a_link_leads_to_the_file(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    link = target.parent / "link"
    link.symlink_to(target.name)
    assert saved(service, door, link)["data"]["file"] == str(link)
    assert target.read_bytes() == CONTENT
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"url":"x"}'),
        ("text/html; charset=utf-8", b"<html>Sign in</html>"),
        ("application/xhtml+xml", b"<html>Sign in</html>"),
        ("application/xml", b"<Error><Code>AccessDenied</Code></Error>"),
        ("Text/Plain", b"upstream connect error"),
    ],
)
def test_what_is_said_instead_of_a_recording_is_no_file(
    service: RecordingService, door: Door, target: pathlib.Path, kind: str, body: bytes
) -> None:
    headers = {"Content-Type": kind, "Content-Length": str(len(body))}
    service.faults = [lambda _: sent(200, headers, body)]
    got = saved(service, door, target)
    assert (got["error"]["type"], got["status"]) == ("response", 200)
    assert got["error"]["details"] == body.decode()
    assert left(target.parent) == []


@pytest.mark.parametrize("status", [202, 204, 206])
def test_another_success_is_no_file(
    service: RecordingService, door: Door, target: pathlib.Path, status: int
) -> None:
    headers = {"Content-Type": "audio/mpeg", "Content-Length": "0"}
    service.faults = [lambda _: sent(status, headers, b"")]
    got = saved(service, door, target)
    assert (got["error"]["type"], got["status"]) == ("response", status)
    assert left(target.parent) == []


@pytest.mark.parametrize("name", ["gzip", "br"])
def test_an_encoding_that_was_not_asked_for_is_refused(
    service: RecordingService, door: Door, target: pathlib.Path, name: str
) -> None:
    service.validators["Content-Encoding"] = name
    error = saved(service, door, target)["error"]
    assert (error["type"], error["sent"]) == ("response", "yes")
    assert "encoding" in error["message"]
    assert left(target.parent) == []


# MARK: the file


def _missing(folder: pathlib.Path) -> pathlib.Path:
    return folder / "none" / "call.mp3"


def _directory(folder: pathlib.Path) -> pathlib.Path:
    (folder / "call.mp3").mkdir()
    return folder / "call.mp3"


def _pipe(folder: pathlib.Path) -> pathlib.Path:
    os.mkfifo(folder / "call.mp3")
    return folder / "call.mp3"


def _linked_part(folder: pathlib.Path) -> pathlib.Path:
    (folder / "precious").write_bytes(b"precious")
    (folder / "call.mp3.part").symlink_to("precious")
    return folder / "call.mp3"


def _shared_part(folder: pathlib.Path) -> pathlib.Path:
    (folder / "precious").write_bytes(b"precious")
    os.link(folder / "precious", folder / "call.mp3.part")
    return folder / "call.mp3"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_missing, "there is no such folder"),
        (_directory, "it is a directory"),
        (_pipe, "it is not a regular file"),
        (_linked_part, "it exists already"),
        (_shared_part, "it exists already"),
        (lambda _: "/dev/stdout", "it is not a regular file"),
        (lambda folder: folder / ("x" * 254), "the path is too long"),
    ],
)
def test_a_file_that_cannot_be_written_is_named_before_anything_is_sent(
    service: RecordingService, door: Door, tmp_path: pathlib.Path, make: object, reason: str
) -> None:
    assert callable(make)
    error = saved(service, door, make(tmp_path))["error"]
    assert (error["type"], error["field"], error["sent"]) == ("invalid_argument", "file", "no")
    assert reason in error["message"]
    assert service.server.requests == []
    for precious in tmp_path.glob("precious"):
        assert precious.read_bytes() == b"precious"


@pytest.mark.parametrize("file", ["", 7])
def test_a_file_must_have_a_path(service: RecordingService, door: Door, file: object) -> None:
    with Client(service.server.url) as client:
        got = door.start(client, "calls.recording", {**CHOICE, "file": file}).ended().answer
    assert (got["error"]["type"], got["error"]["field"]) == ("invalid_argument", "file")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_recording_that_does_not_fit_is_an_error_of_the_file(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    with room_for(100_000):
        error = saved(service, door, target)["error"]
    assert (error["type"], error["field"], error["sent"]) == ("invalid_argument", "file", "yes")
    assert "it would be too large" in error["message"]
    assert left(target.parent) == []
    assert len(service.server.requests) == 1


def test_another_file_is_not_moved_to_the_place_of_the_recording(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    part = target.parent / "call.mp3.part"

    def exchanged(connection: Connection) -> bool:
        half = len(CONTENT) // 2
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: {len(CONTENT)}\r\n\r\n"
        )
        connection.send(head.encode() + CONTENT[:half])
        for _ in range(1000):
            if part.exists() and part.stat().st_size:
                break
            time.sleep(0.01)
        part.rename(target.parent / "moved")
        part.write_bytes(b"of somebody else")
        connection.send(CONTENT[half:])
        return True

    service.faults = [lambda _: exchanged]
    error = saved(service, door, target, retries=0)["error"]
    assert (error["type"], error["field"], error["sent"]) == ("invalid_argument", "file", "yes")
    assert not target.exists()


def test_without_a_file_the_recording_is_in_the_answer(
    service: RecordingService, door: Door
) -> None:
    service.content = b"tone"
    with Client(service.server.url) as client:
        data = door.start(client, "calls.recording", CHOICE).ended().answer["data"]
    assert data == {"contentType": "audio/mpeg", "fileName": None, "base64": "dG9uZQ=="}
    assert TAG not in str(service.server.only_request.headers)
