"""An answer that ends with its connection: nothing shows whether that is its end or a cut."""

from __future__ import annotations

import os
import pathlib
import struct

import pytest

from doors import Client, Door
from native import Answer
from recording_server import RecordingServer, Reply
from recording_service import CHOICE, CONTENT, TAG, RecordingService, sent

AUDIO = {"Content-Type": "audio/mpeg"}
RAW = "GET /v2/api/recordings/66f1"


def until_the_end(body: bytes, **headers: str) -> Reply:
    """Without a length and without chunks."""
    return sent(200, {**AUDIO, "ETag": TAG, **headers}, body, closes=True)


def wave(stated: int, content: bytes) -> bytes:
    """The beginning of a WAVE file, which says how long the file is behind these eight bytes."""
    return b"RIFF" + struct.pack("<I", stated) + b"WAVE" + content


def ended(
    server: RecordingServer, door: Door, operation: str, request: object, **options: object
) -> Answer:
    with Client(server.url, **options) as client:
        return door.start(client, operation, request).ended().answer


def test_a_recording_whose_end_nobody_names_is_no_file(
    server: RecordingServer, door: Door, target: pathlib.Path
) -> None:
    server.otherwise = until_the_end(CONTENT)
    got = ended(server, door, "calls.recording", {**CHOICE, "file": str(target)})
    error = got["error"]
    assert (error["type"], error["code"]) == ("response", "end_unknown")
    assert (error["sent"], error["retryable"], got["status"]) == ("yes", False, 200)
    assert f"{len(CONTENT)} bytes" in error["message"]
    assert len(server.requests) == 1


def test_what_came_of_it_is_kept_beside_its_place(
    server: RecordingServer, door: Door, target: pathlib.Path
) -> None:
    target.write_bytes(b"an older one")
    server.otherwise = until_the_end(CONTENT)
    got = ended(server, door, "calls.recording", {**CHOICE, "file": str(target)})
    part = pathlib.Path(f"{target}.part")
    assert str(part) in got["error"]["details"]
    assert part.read_bytes() == CONTENT
    assert target.read_bytes() == b"an older one"


def test_a_later_call_goes_on_with_what_was_kept(
    server: RecordingServer, door: Door, target: pathlib.Path
) -> None:
    service = RecordingService(server)
    service.faults = [lambda _: until_the_end(CONTENT[:5000])]
    request = {**CHOICE, "file": str(target)}
    assert not ended(server, door, "calls.recording", request)["ok"]
    assert ended(server, door, "calls.recording", request)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, "bytes=5000-"]
    assert os.listdir(target.parent) == [target.name]


def test_a_wave_file_that_is_as_long_as_it_says_is_whole(
    server: RecordingServer, door: Door, target: pathlib.Path
) -> None:
    content = wave(4 + len(CONTENT), CONTENT)
    server.otherwise = until_the_end(content)
    got = ended(server, door, "calls.recording", {**CHOICE, "file": str(target)})
    assert got["data"]["bytes"] == len(content)
    assert target.read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [
        wave(5 + len(CONTENT), CONTENT),
        wave(3 + len(CONTENT), CONTENT),
        wave(0xFFFFFFFF, CONTENT),
        wave(0, b""),
        b"RIFF\x00\x00\x00",
        b"R",
    ],
    ids=["longer", "shorter", "unknown", "empty", "cut", "hardly begun"],
)
def test_a_wave_file_of_another_length_than_it_says_is_not(
    server: RecordingServer, door: Door, target: pathlib.Path, content: bytes
) -> None:
    server.otherwise = until_the_end(content)
    got = ended(server, door, "calls.recording", {**CHOICE, "file": str(target)})
    assert got["error"]["code"] == "end_unknown"
    assert not target.exists()


@pytest.mark.parametrize("kind", ["audio/mpeg", "text/csv", "text/plain"])
@pytest.mark.parametrize("operation", [RAW, "batch_calls.template"])
def test_bytes_and_texts_whose_end_nobody_names_are_no_answer(
    server: RecordingServer, door: Door, operation: str, kind: str
) -> None:
    server.otherwise = until_the_end(b"half", **{"Content-Type": kind})
    got = ended(server, door, operation, None)
    assert (got["error"]["type"], got["error"]["code"]) == ("response", "end_unknown")
    assert (got["error"]["sent"], got["status"]) == ("yes", 200)


def test_json_shows_its_own_end(server: RecordingServer, door: Door) -> None:
    server.otherwise = until_the_end(b'{"a":1}', **{"Content-Type": "application/json"})
    assert ended(server, door, RAW, None)["data"] == {"a": 1}


@pytest.mark.parametrize("codings", ["chunked", "Chunked", "identity, chunked"])
def test_chunks_show_their_end(server: RecordingServer, door: Door, codings: str) -> None:
    body = b"4\r\nhalf\r\n0\r\n\r\n"
    server.otherwise = until_the_end(body, **{"Transfer-Encoding": codings})
    assert ended(server, door, RAW, None)["data"]["base64"] == "aGFsZg=="


def test_an_empty_answer_is_still_nothing(server: RecordingServer, door: Door) -> None:
    server.otherwise = until_the_end(b"")
    assert ended(server, door, RAW, None)["data"] is None
