"""Paths as str, bytes, and objects that stand for either."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from operations import AGENT
from recording_server import RecordingServer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = "phone_number\n+12025550164\n"


class BytesPath:
    """What `os.scandir` of a folder of bytes gives, for one."""

    def __init__(self, path: Path) -> None:
        self._path = os.fsencode(path)

    def __fspath__(self) -> bytes:
        return self._path


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    path.write_text(TEXT)
    return path


forms = pytest.mark.parametrize("form", [str, os.fsencode, Path, BytesPath])


@forms
def test_a_contact_file_and_its_outputs(contacts: Path, form: Callable[[Path], Any]) -> None:
    accepted = contacts.with_name("accepted.csv")
    rejected = contacts.with_name("rejected.csv")
    pieces = contacts.with_name("piece-{n}.csv")
    report = trillet.check_csv(
        form(contacts),
        accepted_file=form(accepted),
        rejected_file=form(rejected),
        split_file=form(pieces),
        split_rows=1,
    )
    assert (report.name, report.valid) == ("contacts.csv", True)
    assert accepted.read_text() == TEXT
    assert rejected.exists()
    assert contacts.with_name("piece-1.csv").read_text() == TEXT


@forms
def test_a_file_that_is_uploaded(
    client: trillet.Trillet, server: RecordingServer, contacts: Path, form: Callable[[Path], Any]
) -> None:
    server.respond = lambda _: json_answer({"batchId": "b"})
    client.batch_calls.start(agent_id=AGENT, file=form(contacts))
    client.call("batch_calls.start", {"agentId": AGENT, "file": form(contacts)})
    assert [request.part("file").content for request in server.requests] == [TEXT.encode()] * 2


@forms
def test_a_file_of_authorities(tmp_path: Path, form: Callable[[Path], Any]) -> None:
    missing = tmp_path / "authorities.pem"
    with pytest.raises(trillet.TrilletError) as caught:
        trillet.Trillet(
            api_key="k",
            base_url="https://127.0.0.1:9",
            ca_file=form(missing),
            max_retries=0,
        ).agents.list()
    assert not isinstance(caught.value, TypeError)


@forms
def test_a_file_of_results(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path, form: Callable[[Path], Any]
) -> None:
    there = tmp_path / "results.csv"
    there.write_text("something else\n")
    with pytest.raises(trillet.InvalidArgumentError) as caught:
        client.batch_calls.results("b", form(there))
    assert str(there) in str(caught.value)


def test_bytes_elsewhere_are_still_refused(client: trillet.Trillet) -> None:
    with pytest.raises(TypeError, match="decode it first"):
        client.call("agents.create", {"settings": {"file": b"x"}})
