"""Recordings: their bytes in an answer, and in a file with reports on the way."""

from __future__ import annotations

import asyncio
import os
import random
import time
from typing import TYPE_CHECKING, Any, Callable

import pytest

import trillet
from recording_server import answer, json_answer

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import Connection, RecordingServer, Reply, Request

    ConnectAsync = Callable[..., trillet.AsyncTrillet]

SOUND = random.Random(7).randbytes(400_000)
AUDIO = {"Content-Type": "audio/mpeg", "ETag": '"v1"'}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "call.mp3"


def cut_once(server: RecordingServer, length: int) -> list[str | None]:
    """Serves the recording, whose first attempt breaks off; the ranges that are asked for."""
    ranges: list[str | None] = []

    def respond(request: Request) -> Reply:
        ranges.append(request.headers.get("range"))
        if len(ranges) > 1:
            start = int((ranges[-1] or "bytes=0-")[6:-1])
            span = f"bytes {start}-{len(SOUND) - 1}/{len(SOUND)}"
            return answer(206, SOUND[start:], {**AUDIO, "Content-Range": span})

        def reply(connection: Connection) -> bool:
            head = "".join(f"{name}: {value}\r\n" for name, value in AUDIO.items())
            head += f"Content-Length: {len(SOUND)}\r\n\r\n"
            connection.send(b"HTTP/1.1 200 OK\r\n" + head.encode() + SOUND[:length])
            return False

        return reply

    server.respond = respond
    return ranges


def slowly() -> Reply:
    """The recording, in parts that are further apart than reports are."""

    def reply(connection: Connection) -> bool:
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: {len(SOUND)}\r\n\r\n"
        )
        connection.send(head.encode())
        for start in range(0, len(SOUND), 100_000):
            connection.send(SOUND[start : start + 100_000])
            time.sleep(0.15)
        return True

    return reply


def test_the_bytes_of_a_recording_are_exact(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(answer(200, SOUND, AUDIO))
    recording = client.calls.recording("66f1")
    assert trillet.content(recording) == SOUND


def test_the_bytes_of_every_file_have_one_accessor(
    client: trillet.Trillet, server: RecordingServer, target: Path
) -> None:
    server.script(answer(200, SOUND, AUDIO), answer(200, "a,é\r\n", {"Content-Type": "text/csv"}))
    saved = client.calls.recording("66f1", file=target)
    assert trillet.content(saved) == SOUND
    assert trillet.content(client.call("calls.export")) == "a,é\r\n".encode()


@pytest.mark.parametrize("value", [None, {}, {"text": "x"}, [], {"file": "/etc/hosts"}, b"x"])
def test_what_is_no_file_is_named(value: object) -> None:
    with pytest.raises(TypeError, match=r"is no file; give the answer of calls\.recording"):
        trillet.content(value)


def test_progress_reports_what_is_written(
    client: trillet.Trillet, server: RecordingServer, target: Path
) -> None:
    server.script(answer(200, SOUND, AUDIO))
    reports: list[trillet.DownloadUpdate] = []
    saved: Any = client.calls.recording("66f1", file=target, progress=reports.append)
    assert (saved["bytes"], saved["file"]) == (len(SOUND), str(target))
    assert target.read_bytes() == SOUND
    assert reports[-1] == {"file": str(target), "bytes": len(SOUND), "total": len(SOUND)}


def test_a_download_that_broke_off_goes_on_where_it_was(
    connect: Callable[..., trillet.Trillet], server: RecordingServer, target: Path
) -> None:
    ranges = cut_once(server, 150_000)
    written: list[int] = []
    with connect(max_retries=2) as client:
        client.calls.recording(
            "66f1", file=target, progress=lambda now: written.append(now["bytes"])
        )
    assert ranges == [None, "bytes=150000-"]
    assert written == sorted(written)
    assert target.read_bytes() == SOUND


def test_a_download_goes_on_for_asyncio_too(
    connect_async: ConnectAsync, server: RecordingServer, target: Path
) -> None:
    ranges = cut_once(server, 150_000)
    reports: list[trillet.DownloadUpdate] = []

    async def tell(report: trillet.DownloadUpdate) -> None:
        await asyncio.sleep(0)
        reports.append(report)

    async def main() -> Any:
        async with connect_async(max_retries=2) as client:
            return await client.calls.recording("66f1", file=target, progress=tell)

    assert asyncio.run(main())["bytes"] == len(SOUND)
    assert ranges == [None, "bytes=150000-"]
    assert reports[-1]["bytes"] == len(SOUND)
    assert target.read_bytes() == SOUND


def test_progress_ends_a_download(
    client: trillet.Trillet, server: RecordingServer, target: Path
) -> None:
    server.script(slowly())
    with pytest.raises(trillet.RequestCancelledError) as caught:
        client.calls.recording("66f1", file=target, progress=lambda now: True)
    assert caught.value.operation == "calls.recording"
    assert not target.exists()


def test_what_progress_raises_arrives(
    client: trillet.Trillet, server: RecordingServer, target: Path
) -> None:
    server.script(slowly())
    with pytest.raises(ZeroDivisionError):
        client.calls.recording("66f1", file=target, progress=lambda now: 1 // 0)
    assert not target.exists()


def test_what_progress_raises_arrives_for_asyncio(
    connect_async: ConnectAsync, server: RecordingServer, target: Path
) -> None:
    server.script(slowly())

    async def main() -> None:
        async with connect_async() as client:
            await client.calls.recording("66f1", file=target, progress=lambda now: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())
    assert not target.exists()


def test_an_error_of_the_service_is_raised(
    client: trillet.Trillet, server: RecordingServer, target: Path
) -> None:
    server.script(json_answer({"error": "Recording not found"}, 404))
    with pytest.raises(trillet.NotFoundError):
        client.calls.recording("66f1", file=target, progress=print)
    assert os.listdir(target.parent) == []


@pytest.mark.parametrize("arguments", [{"progress": print}, {"file": "x", "progress": True}])
def test_progress_without_a_file_or_a_function_is_refused(
    client: trillet.Trillet, server: RecordingServer, arguments: Any
) -> None:
    with pytest.raises(TypeError, match="give "):
        client.calls.recording("66f1", **arguments)
    assert server.requests == []
