"""A recording whose connection is lost: it goes on where it was, and never mixes two versions."""

from __future__ import annotations

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import pytest

from doors import Client, Door
from recording_server import Connection, RecordingServer, Reply, Request, json_answer
from recording_service import (
    CHOICE,
    CONTENT,
    MADE,
    MODIFIED,
    TAG,
    Fault,
    RecordingService,
    first_byte,
    sent,
)
from seed import SEED
from test_downloads import left, room_for, saved

OTHER = random.Random(SEED + 1).randbytes(250_000)
PROCESS = pathlib.Path(__file__).with_name("download_process.py")
HALF = len(CONTENT) // 2


@pytest.fixture
def service(server: RecordingServer) -> RecordingService:
    return RecordingService(server)


def part_of(target: pathlib.Path) -> pathlib.Path:
    return target.with_name(target.name + ".part")


@pytest.mark.parametrize("length", [1, 1023, 16_384, 100_001, len(CONTENT) - 1])
def test_a_lost_connection_costs_only_what_is_missing(
    service: RecordingService, door: Door, target: pathlib.Path, length: int
) -> None:
    service.faults = [service.cut(length)]
    got = saved(service, door, target)
    assert got["data"]["bytes"] == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, f"bytes={length}-"]
    assert service.server.requests[1].headers["if-range"] == TAG
    assert got["meta"]["attempts"] == 2
    assert left(target.parent) == ["call.mp3"]


def test_it_goes_on_as_often_as_it_may(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [service.cut(100), service.cut(1000), service.cut(0), service.cut(50_000)]
    assert saved(service, door, target, retries=4)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, "bytes=100-", "bytes=1100-", "bytes=1100-", "bytes=51100-"]


def test_a_busy_service_in_between_costs_nothing(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [service.cut(5000), lambda _: json_answer({"error": "busy"}, 503)]
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, "bytes=5000-", "bytes=5000-"]


@pytest.mark.parametrize(
    "validators",
    [
        {},
        {"ETag": 'W/"v1"'},
        {"ETag": 'W/"v1"', "Last-Modified": MODIFIED, "Date": MADE},
        {"Last-Modified": MODIFIED},
        {"Last-Modified": MODIFIED, "Date": MODIFIED},
        {"ETag": '"' + "x" * 2000 + '"'},
    ],
)
def test_without_a_proof_of_the_version_it_begins_anew(
    service: RecordingService, door: Door, target: pathlib.Path, validators: dict[str, str]
) -> None:
    service.validators = validators
    service.faults = [service.cut(5000)]
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, None]


def test_the_time_of_a_change_proves_the_version_too(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.validators = {"Last-Modified": MODIFIED, "Date": MADE}
    service.faults = [service.cut(5000)]
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.server.requests[1].headers["if-range"] == MODIFIED


def changed(service: RecordingService) -> Fault:
    """Cuts the first version, and has another one afterwards."""
    cut = service.cut(HALF)

    def fault(request: Request) -> Reply | None:
        reply = cut(request)
        service.content = OTHER
        service.validators = {"ETag": '"v2"'}
        return reply

    return fault


def test_a_recording_that_changed_meanwhile_is_the_new_one_alone(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [changed(service)]
    assert saved(service, door, target)["data"]["bytes"] == len(OTHER)
    assert target.read_bytes() == OTHER
    assert service.ranges == [None, f"bytes={HALF}-"]


def test_a_service_that_ignores_ranges_sends_it_again(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [
        service.cut(HALF),
        lambda _: sent(200, service.headers(0), service.content),
    ]
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "named",
    [
        {"Content-Range": f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}"},
        {"Content-Range": f"bytes {HALF + 1}-{len(CONTENT) - 1}/{len(CONTENT)}"},
        {"Content-Range": f"bytes {HALF}-{len(CONTENT) - 2}/{len(CONTENT)}"},
        {"Content-Range": f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT) + 1}"},
        {"Content-Range": f"bytes {HALF}-{len(CONTENT)}/{len(CONTENT) + 1}"},
        {"Content-Range": f"bytes {HALF}-{len(CONTENT) - 1}/*"},
        {"Content-Range": f"bytes {HALF}-{2**63 - 1}/{2**63}"},
        {"Content-Range": "bytes -1-/"},
        {"Content-Range": "nothing"},
        {"Content-Range": ""},
        {"ETag": '"v2"'},
        {"Content-Encoding": "gzip"},
        {"Content-Type": "multipart/byteranges; boundary=x", "Content-Range": ""},
    ],
)
def test_a_part_that_does_not_fit_is_not_added(
    service: RecordingService, door: Door, target: pathlib.Path, named: dict[str, str]
) -> None:
    def wrong(_: Request) -> Reply:
        return sent(206, {**service.headers(HALF), **named}, OTHER[HALF:], closes=True)

    service.faults = [service.cut(HALF), wrong]
    # It is no fault of the service's that counts: one attempt more was allowed than are needed.
    got = saved(service, door, target, retries=1)
    assert got["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, f"bytes={HALF}-", None]


@pytest.mark.parametrize("more", [-1, 1, 5000])
def test_a_part_of_another_length_is_not_taken_for_whole(
    service: RecordingService, door: Door, target: pathlib.Path, more: int
) -> None:
    def wrong(_: Request) -> Reply:
        headers = {**service.headers(HALF), "Transfer-Encoding": "chunked"}
        del headers["Content-Length"]
        body = (CONTENT[HALF:] + OTHER)[: len(CONTENT) - HALF + more]
        return sent(206, headers, b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

    service.faults = [service.cut(HALF), wrong]
    got = saved(service, door, target)
    assert got["ok"]
    assert target.read_bytes() == CONTENT
    assert got["meta"]["attempts"] == 3


@pytest.mark.parametrize("cut", [False, True])
def test_a_range_that_is_refused_is_asked_for_no_more(
    service: RecordingService, door: Door, target: pathlib.Path, cut: bool
) -> None:
    headers = {"Content-Range": f"bytes */{HALF}", "Content-Length": "2"}
    service.faults = [
        service.cut(HALF),
        lambda _: sent(416, headers, b"{" if cut else b"{}", closes=cut),
    ]
    assert saved(service, door, target, retries=1)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, f"bytes={HALF}-", None]


# MARK: a later call


def test_a_later_call_goes_on_with_what_a_failed_one_left(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [service.cut(HALF)]
    assert not saved(service, door, target, retries=0)["ok"]
    assert left(target.parent) == ["call.mp3.part"]
    assert part_of(target).read_bytes() == CONTENT[:HALF]
    assert part_of(target).stat().st_mode & 0o777 == 0o600
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, f"bytes={HALF}-"]
    assert left(target.parent) == ["call.mp3"]


@pytest.mark.parametrize("content", [b"", b"somebody else's", CONTENT[:HALF]])
def test_a_part_that_nothing_is_known_of_is_begun_anew(
    service: RecordingService, door: Door, target: pathlib.Path, content: bytes
) -> None:
    part_of(target).write_bytes(content)
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None]


def test_a_part_of_another_recording_is_begun_anew(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [service.cut(HALF)]
    assert not saved(service, door, target, retries=0)["ok"]
    service.content = OTHER
    with Client(service.server.url) as client:
        request = {"callHistoryId": "66f2", "file": str(target)}
        assert door.start(client, "calls.recording", request).ended().answer["ok"]
    assert target.read_bytes() == OTHER
    assert service.ranges == [None, None]


def test_a_part_is_given_up_for_a_recording_that_is_gone(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [service.cut(HALF), lambda _: json_answer({"error": "gone"}, 404)]
    assert not saved(service, door, target, retries=0)["ok"]
    assert not saved(service, door, target, retries=0)["ok"]
    assert left(target.parent) == []


def test_two_downloads_do_not_share_a_part(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    def slow(request: Request) -> Reply:
        def reply(connection: Connection) -> bool:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf ")
            return connection.stopping.wait(2) and False

        return reply

    service.faults = [slow]
    request = {**CHOICE, "file": str(target)}
    with Client(service.server.url, maxRetries=0) as client:
        first = door.start(client, "calls.recording", request)
        service.server.wait_for(1)
        error = door.start(client, "calls.recording", request).ended().answer["error"]
        assert (error["type"], error["field"]) == ("invalid_argument", "file")
        assert "Another download" in error["message"]
        assert not first.ended().answer["ok"]


class Slowly:
    """Sends a piece every few milliseconds, until the other end is gone."""

    def __init__(self, service: RecordingService) -> None:
        self.service = service

    def __call__(self, request: Request) -> Reply:
        start = first_byte(request)
        head = sent(206 if start else 200, self.service.headers(start), b"")

        def reply(connection: Connection) -> bool:
            head(connection)
            for at in range(start, len(self.service.content), 2000):
                connection.send(self.service.content[at : at + 2000])
                time.sleep(0.01)
            return True

        return reply


def killed(service: RecordingService, target: pathlib.Path) -> int:
    """Kills a process in the middle of its download; how many bytes it has left."""
    service.faults = [Slowly(service)]
    arguments = [sys.executable, str(PROCESS), service.server.url, str(target)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(arguments, env=environment) as process:
        deadline = time.monotonic() + 30
        while not (part_of(target).exists() and part_of(target).stat().st_size > 20_000):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert left(target.parent) == ["call.mp3.part"]
    return part_of(target).stat().st_size


def test_what_a_killed_process_left_is_gone_on_with(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    size = killed(service, target)
    assert 0 < size < len(CONTENT)
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == CONTENT
    assert service.ranges == [None, f"bytes={size}-"]


def test_what_a_killed_process_left_of_another_version_is_dropped(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    killed(service, target)
    service.content, service.validators = OTHER, {"ETag": '"v2"'}
    assert saved(service, door, target)["ok"]
    assert target.read_bytes() == OTHER


def test_a_full_disk_ends_what_was_gone_on_with(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    service.faults = [service.cut(HALF)]
    with room_for(HALF + 10_000):
        error = saved(service, door, target)["error"]
    assert (error["type"], error["field"]) == ("invalid_argument", "file")
    assert left(target.parent) == []


def test_names_of_parts_are_of_the_file_that_a_link_leads_to(
    service: RecordingService, door: Door, target: pathlib.Path
) -> None:
    link = target.parent / "link"
    link.symlink_to(target.name)
    service.faults = [service.cut(HALF)]
    assert not saved(service, door, link, retries=0)["ok"]
    assert sorted(os.listdir(target.parent)) == ["call.mp3.part", "link"]
    assert saved(service, door, target)["ok"]
    assert service.ranges == [None, f"bytes={HALF}-"]
