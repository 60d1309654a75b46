"""Uploads of CSV files: from a path, from text, and the troubles a file can make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from operations import AGENT, CSV

if TYPE_CHECKING:
    from recording_server import RecordingServer


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    path = tmp_path / "spring contacts.csv"
    path.write_bytes(CSV.encode("utf-8"))
    return path


@pytest.mark.parametrize("form", [str, Path], ids=["text", "path object"])
def test_a_file_is_uploaded_under_its_own_name(
    client: trillet.Trillet, server: RecordingServer, contacts: Path, form: Any
) -> None:
    client.batch_calls.start(agent_id=AGENT, file=form(contacts))
    part = server.only_request.part("file")
    assert part.file_name == "spring contacts.csv"
    assert part.headers["content-type"] == "text/csv"
    assert part.content == CSV.encode("utf-8")
    assert server.only_request.part("agentId").content == AGENT.encode()


def test_a_file_may_be_uploaded_under_another_name(
    client: trillet.Trillet, server: RecordingServer, contacts: Path
) -> None:
    client.batch_calls.preview(file=contacts, file_name="may.csv", limit=10)
    assert server.only_request.part("file").file_name == "may.csv"
    assert server.only_request.part("limit").content == b"10"


def test_a_large_file_arrives_whole_and_with_its_length_announced(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path
) -> None:
    large = tmp_path / "large.csv"
    row = b"+12025550164," + b"x" * 1011 + b"\n"
    large.write_bytes(b"phone_number,note\n" + row * 8192)
    client.batch_calls.validate(file=large)
    assert server.only_request.part("file").content == large.read_bytes()
    assert "transfer-encoding" not in server.only_request.headers
    assert "expect" not in server.only_request.headers


def test_an_upload_does_not_read_the_whole_file_into_memory(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path
) -> None:
    # A sparse file larger than the server takes: if it were read first, nothing would arrive
    # before the read ended, and the peak of this process would grow by its size.
    resource = pytest.importorskip("resource")
    large = tmp_path / "sparse.csv"
    size = 96 * 1024 * 1024
    with large.open("wb") as file:
        file.truncate(size)
    server.discard_bodies = True
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    client.batch_calls.validate(file=large)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert int(server.only_request.headers["content-length"]) > size
    assert grown < size // 2


def test_bytes_that_are_no_utf8_are_uploaded_from_a_file_unchanged(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path
) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes(b"phone_number\r\n\xe4\xf6\xfc\x00\xff\r\n")
    client.batch_calls.validate(file=latin)
    assert server.only_request.part("file").content == latin.read_bytes()


def test_an_empty_file_is_uploaded_for_the_service_to_judge(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    client.batch_calls.validate(file=empty)
    assert server.only_request.part("file").content == b""


def test_a_callback_configuration_may_be_an_object_or_its_text(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    text = '{"enabled":true,"maxAttempts":3,"gaps":[{"days":0,"hours":4}]}'
    config: Any = {"enabled": True, "maxAttempts": 3, "gaps": [{"days": 0, "hours": 4}]}
    client.batch_calls.start(agent_id=AGENT, csv=CSV, smart_callback_config=config)
    client.call("batch_calls.start", {"agentId": AGENT, "csv": CSV, "smartCallbackConfig": text})
    for request in server.requests:
        assert request.part("smartCallbackConfig").content.decode() == text


@pytest.mark.parametrize("problem", ["missing", "directory", "unreadable"])
def test_a_file_that_cannot_be_read_is_refused_before_anything_is_sent(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path, problem: str
) -> None:
    path = tmp_path / "contacts.csv"
    if problem == "directory":
        path.mkdir()
    elif problem == "unreadable":
        path.touch()
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read every file")
    with pytest.raises(trillet.InvalidArgumentError) as caught:
        client.batch_calls.start(agent_id=AGENT, file=path)
    assert caught.value.field == "file"
    assert caught.value.sent == "no"
    assert str(path) in str(caught.value)
    assert server.requests == []


def test_an_upload_names_exactly_one_source(
    client: trillet.Trillet, server: RecordingServer, contacts: Path
) -> None:
    with pytest.raises(trillet.InvalidArgumentError):
        client.batch_calls.validate()
    with pytest.raises(trillet.InvalidArgumentError):
        client.batch_calls.validate(file=contacts, csv=CSV)
    assert server.requests == []


def test_a_file_name_cannot_break_out_of_its_header(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    with pytest.raises(trillet.InvalidArgumentError) as caught:
        client.batch_calls.validate(csv=CSV, file_name='x"\r\nX-Evil: 1')
    assert caught.value.field == "fileName"
    assert server.requests == []


def test_quotes_in_a_file_name_stay_inside_the_name(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    client.batch_calls.validate(csv=CSV, file_name='my "best" contacts.csv')
    (part,) = server.only_request.parts
    assert part.content == CSV.encode()
    assert "best" in part.headers["content-disposition"]
