"""`trillet_calls_save_recording`: a recording in a file, with reports on the way."""

from __future__ import annotations

import json
import os
import pathlib
import time
from collections.abc import Callable
from typing import Any

import pytest

import native
from doors import Client
from native import PROGRESS_FUNCTION, Answer, text
from recording_server import Connection, RecordingServer, Reply, json_answer
from recording_service import CHOICE, CONTENT, RecordingService, sent

Report = dict[str, Any]


@pytest.fixture
def service(server: RecordingServer) -> RecordingService:
    return RecordingService(server)


def saved(
    service: RecordingService,
    request: object,
    progress: Callable[[Report], object] | None,
    **options: object,
) -> Answer:
    def tell(_: object, report: bytes) -> int:
        assert progress is not None
        return 1 if progress(json.loads(report)) else 0

    callback = PROGRESS_FUNCTION(tell) if progress is not None else None
    pointer = None if callback is None else native.address(callback)
    with Client(service.server.url, **options) as client:
        arguments = client._pointer, text(request), None, pointer, None
        return native.answer("trillet_calls_save_recording", *arguments)


def slowly(service: RecordingService) -> Reply:
    """The recording, in parts that are further apart than reports are."""

    def reply(connection: Connection) -> bool:
        lines = "".join(f"{name}: {value}\r\n" for name, value in service.headers(0).items())
        connection.send(b"HTTP/1.1 200 OK\r\n" + lines.encode() + b"\r\n")
        for start in range(0, len(CONTENT), 100_000):
            connection.send(CONTENT[start : start + 100_000])
            time.sleep(0.15)
        return True

    return reply


def test_it_reports_what_is_written_and_ends_with_all_of_it(
    service: RecordingService, target: pathlib.Path
) -> None:
    reports: list[Report] = []
    got = saved(service, {**CHOICE, "file": str(target)}, reports.append)
    assert got["data"]["bytes"] == len(CONTENT)
    assert got["meta"]["operation"] == "calls.recording"
    assert target.read_bytes() == CONTENT
    written = [report["bytes"] for report in reports]
    assert written == sorted(written)
    assert reports[-1] == {"file": str(target), "bytes": len(CONTENT), "total": len(CONTENT)}


def test_it_reports_while_the_recording_arrives(
    service: RecordingService, target: pathlib.Path
) -> None:
    service.faults = [lambda _: slowly(service)]
    reports: list[Report] = []
    assert saved(service, {**CHOICE, "file": str(target)}, reports.append)["ok"]
    written = [report["bytes"] for report in reports]
    assert 0 < written[0] < written[-1] == len(CONTENT)


def test_without_a_function_it_writes_all_the_same(
    service: RecordingService, target: pathlib.Path
) -> None:
    assert saved(service, {**CHOICE, "file": str(target)}, None)["ok"]
    assert target.read_bytes() == CONTENT


def test_a_total_that_nobody_named_is_null(server: RecordingServer, target: pathlib.Path) -> None:
    service = RecordingService(server)
    whole = b"%x\r\n%s\r\n0\r\n\r\n" % (len(CONTENT), CONTENT)
    headers = {"Content-Type": "audio/mpeg", "Transfer-Encoding": "chunked"}
    service.faults = [lambda _: sent(200, headers, whole)]
    reports: list[Report] = []
    assert saved(service, {**CHOICE, "file": str(target)}, reports.append)["ok"]
    assert {report["total"] for report in reports} == {None}
    assert reports[-1]["bytes"] == len(CONTENT)


def test_a_lost_connection_goes_on_where_it_was(
    service: RecordingService, target: pathlib.Path
) -> None:
    service.faults = [service.cut(200_000)]
    reports: list[Report] = []
    got = saved(service, {**CHOICE, "file": str(target)}, reports.append)
    assert (got["meta"]["attempts"], service.ranges) == (2, [None, "bytes=200000-"])
    written = [report["bytes"] for report in reports]
    assert written == sorted(written)
    assert (written[-1], reports[-1]["total"]) == (len(CONTENT), len(CONTENT))
    assert target.read_bytes() == CONTENT


def test_a_result_that_is_not_0_ends_it_and_leaves_no_file(
    service: RecordingService, target: pathlib.Path
) -> None:
    service.faults = [lambda _: slowly(service)]
    got = saved(service, {**CHOICE, "file": str(target)}, lambda report: True)
    assert (got["error"]["type"], got["ok"]) == ("cancelled", False)
    assert not target.exists()


def test_what_was_ended_is_continued_by_a_later_call(
    service: RecordingService, target: pathlib.Path
) -> None:
    service.faults = [service.cut(200_000)]
    first = saved(service, {**CHOICE, "file": str(target)}, None, maxRetries=0)
    assert first["error"]["type"] == "connection"
    assert not target.exists()
    assert saved(service, {**CHOICE, "file": str(target)}, None)["data"]["bytes"] == len(CONTENT)
    assert target.read_bytes() == CONTENT


def test_an_error_of_the_service_reports_nothing(
    service: RecordingService, target: pathlib.Path
) -> None:
    service.faults = [lambda _: json_answer({"error": "Recording not found"}, 404)]
    reports: list[Report] = []
    got = saved(service, {**CHOICE, "file": str(target)}, reports.append)
    assert got["error"]["type"] == "not_found"
    assert (reports, os.listdir(target.parent)) == ([], [])


@pytest.mark.parametrize("request_text", [{}, {"callHistoryId": "66f1", "file": 7}, {"file": "x"}])
def test_a_mistake_is_named_before_anything_is_sent(
    service: RecordingService, request_text: object
) -> None:
    got = saved(service, request_text, None)
    assert (got["error"]["type"], got["error"]["sent"]) == ("invalid_argument", "no")
    assert service.server.requests == []


def test_without_a_client_it_says_so() -> None:
    got = native.answer("trillet_calls_save_recording", None, text(CHOICE), None, None, None)
    assert got["error"]["type"] == "invalid_argument"
