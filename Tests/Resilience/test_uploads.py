"""A file that changes: what was checked is sent, or the request ends with the reason."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from doors import Client, Door
from native import Answer
from operations import AGENT

ROW = b"+12025550164,Ada,Moss\n"
OTHER = b"+12025550199,Eve,Moss\n"
HEADER = b"phone_number,first_name,last_name\n"
# More than sockets hold on their way.
BLOCKS = HEADER + ROW * 800_000
SMALL = HEADER + ROW
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
OPERATIONS = ["batch_calls.start", "batch_calls.validate"]


class SlowServer:
    """Stops reading each request at some byte of its body, lets the file change, and reads on."""

    def __init__(self, then: Callable[[], object], stop_at: int, answers: list[bytes]) -> None:
        self.bodies: list[bytes] = []
        self.lengths: list[int] = []
        self._then, self._stop_at, self._answers = then, stop_at, answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(30)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for answer in self._answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._serve(connection, answer)

    def _serve(self, connection: socket.socket, answer: bytes) -> None:
        connection.settimeout(30)
        got = b""
        while b"\r\n\r\n" not in got and (piece := connection.recv(4096)):
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length: (\d+)", head)
        assert found is not None
        length = int(found[1])
        if b"100-continue" in head:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        has_stopped = False
        pieces = [body]
        size = len(body)
        while size < length:
            if not has_stopped and size >= self._stop_at:
                has_stopped = True
                self._then()
            try:
                piece = connection.recv(65536)
            except OSError:
                break
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
        self.bodies.append(b"".join(pieces))
        self.lengths.append(length)
        if not has_stopped:
            self._then()
        if size == length:
            connection.sendall(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))

    def close(self) -> None:
        # Closing alone would not wake who waits for a connection.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        self._listener.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    path.write_bytes(BLOCKS)
    return path


def send(
    door: Door,
    file: Path,
    then: Callable[[], object],
    *,
    operation: str = "batch_calls.start",
    stop_at: int = 200_000,
    answers: tuple[bytes, ...] = (GOOD,),
) -> tuple[Answer, SlowServer]:
    server = SlowServer(then, stop_at, list(answers))
    request: dict[str, object] = {"file": str(file)}
    if operation == "batch_calls.start":
        request["agentId"] = AGENT
    with Client(server.url, timeoutMs=30_000) as client:
        answer = door.start(client, operation, request).ended().answer
    server.close()
    return answer, server


def content(body: bytes) -> bytes:
    """What there is of the file's part."""
    return body.partition(b"text/csv\r\n\r\n")[2].rpartition(b"\r\n--")[0]


def expect_only_checked_bytes(body: bytes) -> None:
    sent = body.partition(b"text/csv\r\n\r\n")[2]
    assert OTHER not in sent
    assert BLOCKS.startswith(sent[: len(BLOCKS)])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_a_file_grows_by_while_it_is_sent_is_not_sent(
    door: Door, file: Path, operation: str
) -> None:
    def grow() -> None:
        with file.open("ab") as open_file:
            open_file.write(OTHER * 1000)

    answer, server = send(door, file, grow, operation=operation)
    assert answer["ok"], answer
    assert content(server.bodies[0]) == BLOCKS
    assert len(server.bodies[0]) == server.lengths[0]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_file_that_shrinks_while_it_is_sent_ends_the_request(
    door: Door, file: Path, operation: str
) -> None:
    kept = 15_000_000
    answer, server = send(door, file, lambda: os.truncate(file, kept), operation=operation)
    error = answer["error"]
    assert (error["type"], error["field"]) == ("invalid_argument", "file")
    assert f"{len(BLOCKS) - kept} bytes shorter" in error["message"]
    assert (error["sent"], error["retryable"]) == ("maybe", False)
    assert answer["meta"]["elapsedMs"] < 20_000, "it ends at once, not with the timeout"
    assert len(server.bodies[0]) < server.lengths[0]


def test_a_file_written_to_in_place_while_it_is_sent_ends_the_request(
    door: Door, file: Path
) -> None:
    def rewrite() -> None:
        times = file.stat()
        with file.open("r+b") as open_file:
            open_file.seek(15_000_000 // len(ROW) * len(ROW) + len(HEADER))
            open_file.write(OTHER * 10)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    answer, server = send(door, file, rewrite)
    error = answer["error"]
    assert (error["type"], error["field"]) == ("invalid_argument", "file")
    assert "has changed since it was checked" in error["message"]
    assert error["sent"] == "maybe"
    assert len(server.bodies[0]) < server.lengths[0]
    expect_only_checked_bytes(server.bodies[0])


def test_a_file_replaced_while_it_is_sent_is_sent_as_it_was_checked(
    door: Door, file: Path, tmp_path: Path
) -> None:
    def replace() -> None:
        (tmp_path / "new").write_bytes(HEADER + OTHER * 800_000)
        (tmp_path / "new").rename(file)

    answer, server = send(door, file, replace)
    assert answer["ok"], answer
    assert content(server.bodies[0]) == BLOCKS


def _replaced(file: Path) -> None:
    new = file.with_name("new")
    new.write_bytes(file.read_bytes())
    new.rename(file)


def _rewritten_unseen(file: Path) -> None:
    times = file.stat()
    with file.open("r+b") as open_file:
        open_file.seek(-len(OTHER), os.SEEK_END)
        open_file.write(OTHER)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "grown": (lambda file: file.write_bytes(SMALL + ROW), "56 bytes and has 78"),
    "shrunk": (lambda file: file.write_bytes(HEADER), "56 bytes and has 34"),
    "replaced": (_replaced, "another file is in its place"),
    "written to": (lambda file: os.utime(file, ns=(1, 1)), "it was written to"),
    "written to unseen": (_rewritten_unseen, "its content is another one"),
    "gone": (lambda file: file.unlink(), "there is no such file"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_second_attempt_sends_nothing_of_a_file_that_has_changed(
    door: Door, file: Path, change: str
) -> None:
    file.write_bytes(SMALL)
    do, reason = CHANGES[change]
    answer, server = send(door, file, lambda: do(file), answers=(BUSY, GOOD), stop_at=10**9)
    error = answer["error"]
    assert (error["type"], error["field"]) == ("invalid_argument", "file"), answer
    assert reason in error["message"]
    assert (error["sent"], error["retryable"]) == ("no", False)
    assert len(server.bodies) == 1


def test_a_second_attempt_sends_the_same_file_again(door: Door, file: Path) -> None:
    answer, server = send(door, file, lambda: None, answers=(BUSY, GOOD))
    assert answer["ok"], answer
    assert answer["meta"]["attempts"] == 2
    assert [content(body) for body in server.bodies] == [BLOCKS, BLOCKS]


def test_uploads_that_wait_for_their_turn_hold_no_descriptor(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(SMALL)
    with Client("http://127.0.0.1:9", requestsPerMinute=1, maxRetries=0) as client:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(2000):
            assert client.submit("batch_calls.start", {"file": str(path), "agentId": AGENT})
        assert len(os.listdir("/proc/self/fd")) < before + 20
