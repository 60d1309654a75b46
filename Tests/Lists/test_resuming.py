"""Going on with a file of results: what is in it stays, what is missing is added."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from followed_batch import FollowedBatch, call, ended, progress
from list_doors import ListClient
from recording_server import RecordingServer, json_answer
from result_rows import HEADER, ask, job_ids, rows

CALLS = [call(number, "failed" if number % 5 == 0 else "completed") for number in range(250)]


def whole_file(server: RecordingServer, client: ListClient, file: Path) -> bytes:
    """What the file is when nothing came between."""
    server.respond = FollowedBatch(ended(250), calls=CALLS)
    other = file.with_name(f"whole{file.suffix}")
    assert client.results(ask(other))["data"]["isComplete"] is True
    server.requests.clear()
    return other.read_bytes()


def resume(client: ListClient, file: Path, **fields: Any) -> dict[str, Any]:
    return client.results(ask(file, resume=True, **fields))


def test_an_existing_file_is_not_touched_unless_it_is_resumed(
    server: RecordingServer,
    client: ListClient,
    file: Path,
) -> None:
    file.write_text("precious")
    server.respond = FollowedBatch(ended(250), calls=CALLS)
    written = client.results(ask(file))
    assert written["error"]["type"] == "invalid_argument"
    assert written["error"]["field"] == "file"
    assert "resume" in written["error"]["message"]
    assert file.read_text() == "precious"
    assert not server.requests


def test_resume_begins_a_file_that_is_not_there(
    server: RecordingServer,
    client: ListClient,
    file: Path,
) -> None:
    whole = whole_file(server, client, file)
    assert resume(client, file)["data"]["written"] == 250
    assert file.read_bytes() == whole


def test_a_complete_file_is_left_as_it_is(
    server: RecordingServer,
    client: ListClient,
    file: Path,
) -> None:
    whole = whole_file(server, client, file)
    file.write_bytes(whole)
    data = resume(client, file)["data"]
    assert (data["written"], data["inFile"], data["isComplete"]) == (0, 250, True)
    assert file.read_bytes() == whole
    assert not any(request.path.endswith("/calls") for request in server.requests)


def test_a_file_that_was_cut_anywhere_is_completed(
    server: RecordingServer,
    client: ListClient,
    file: Path,
) -> None:
    whole = whole_file(server, client, file)
    seed = random.randrange(2**32)
    print("seed", seed)
    chosen = random.Random(seed)
    edges = [0, 1, 5, len(whole) - 1, whole.index(b"\n"), whole.index(b"\n") + 1]
    for cut in edges + [chosen.randrange(len(whole)) for _ in range(40)]:
        file.write_bytes(whole[:cut])
        written = resume(client, file)
        assert written["ok"], (cut, written)
        assert written["data"]["isComplete"] is True
        assert file.read_bytes() == whole, cut


def test_line_ends_and_quotes_in_a_cut_value_do_not_confuse(
    server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    calls = [
        call(number, metadata={"note": f'a\n"{number}",\r\n,b\n', "last": '""\n'})
        for number in range(20)
    ]
    server.respond = FollowedBatch(ended(20), calls=calls)
    file = tmp_path / "results.csv"
    assert client.results(ask(file))["ok"]
    whole = file.read_bytes()
    assert [row["note"] for row in rows(file)] == [call["metadata"]["note"] for call in calls]
    for cut in range(len(HEADER), len(whole), 7):
        file.write_bytes(whole[:cut])
        assert resume(client, file)["ok"], cut
        assert file.read_bytes() == whole, cut


def test_a_file_that_a_spreadsheet_saved_with_other_line_ends_is_resumed(
    server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    file = tmp_path / "results.csv"
    whole = whole_file(server, client, file)
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:100]).replace(b"\n", b"\r\n"))
    assert resume(client, file)["data"]["inFile"] == 250
    assert len(set(job_ids(file))) == len(job_ids(file)) == 250


def test_another_status_adds_to_the_file(
    server: RecordingServer,
    client: ListClient,
    file: Path,
) -> None:
    server.respond = FollowedBatch(ended(250), calls=CALLS)
    assert client.results(ask(file, status="failed"))["data"]["inFile"] == 50
    data = resume(client, file)["data"]
    assert (data["written"], data["inFile"]) == (200, 250)
    assert len(set(job_ids(file))) == 250


def test_a_column_that_appears_late_widens_the_file(
    server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    calls = [call(number) for number in range(300)]
    calls[150]["metadata"]["plan, new"] = "gold"
    calls[250]["metadata"] = {"vip": True}
    server.respond = FollowedBatch(ended(300), calls=calls)
    file = tmp_path / "results.csv"
    assert client.results(ask(file))["data"]["isComplete"] is True
    read = rows(file)
    assert list(read[0]) == [*HEADER.split(","), "first_name", "plan, new", "vip"]
    assert len(read) == 300
    assert (read[150]["plan, new"], read[150]["vip"]) == ("gold", "")
    assert (read[250]["first_name"], read[250]["vip"]) == ("", "true")
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.csv"]


def test_a_column_that_appears_after_resuming_widens_the_file_too(
    server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    calls = [call(1), call(2, "waiting")]
    server.respond = FollowedBatch(progress(completed=1, waiting=1), calls=calls)
    file = tmp_path / "results.csv"
    assert client.results(ask(file))["data"]["inFile"] == 1
    later = [call(1), call(2, metadata={"first_name": "Bo", "plan": "gold"})]
    server.respond = FollowedBatch(ended(2), calls=later)
    assert resume(client, file)["data"]["isComplete"] is True
    assert [(row["first_name"], row["plan"]) for row in rows(file)] == [
        ("Ada 1", ""),
        ("Bo", "gold"),
    ]


FOREIGN = {
    "a letter": b"Dear Sir or Madam",
    "a letter with lines": b"Dear Sir\nor Madam\n",
    "a contact file": b"phone_number,first_name\n+12025550001,Ada\n",
    "the beginning of another header": b"job_id,status,phone",
    "zeros": b"\0" * 100,
    "a row with too few fields": f"{HEADER},first_name\ncall_1,completed\n".encode(),
    "a call that stands there twice": (
        f"{HEADER},first_name\n" + "call_1,completed,+12025550001,1932109360001,1,31,,Ada\n" * 2
    ).encode(),
    "json": b'{"hello":"world"}\n',
    "another batch": b'{"batchId":"batch_2","jobId":"call_1"}\n',
    "the beginning of another batch": b'{"batchId":"batch_2","jobId":"cal',
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_file_of_something_else_is_left_as_it_is(
    server: RecordingServer,
    client: ListClient,
    file: Path,
    content: bytes,
) -> None:
    if content == FOREIGN["the beginning of another header"] and file.suffix == ".csv":
        content = content.replace(b"phone", b"telephone")
    file.write_bytes(content)
    server.respond = FollowedBatch(ended(250), calls=CALLS)
    written = resume(client, file)
    assert written["error"]["type"] == "invalid_argument"
    assert written["error"]["field"] == "file"
    assert file.read_bytes() == content


@pytest.mark.parametrize("cut", [0, 7])
@pytest.mark.parametrize("difference", ["call", "number", "time"])
def test_a_csv_file_of_another_batch_is_told_and_left_as_it_is(
    server: RecordingServer, client: ListClient, tmp_path: Path, difference: str, cut: int
) -> None:
    file = tmp_path / "results.csv"
    others: dict[str, dict[str, Any]] = {
        "call": {"jobId": "call_900"},
        "number": {"phone_number": "+4930123456"},
        "time": {"startTime": 1800000000000},
    }
    server.respond = FollowedBatch(ended(2), calls=[call(1), call(2, **others[difference])])
    assert client.results(ask(file))["ok"]
    content = file.read_bytes()
    content = content[: len(content) - cut] if cut else content
    # What is cut off is the last call, so that the first one has to tell.
    if cut:
        server.respond = FollowedBatch(ended(2), calls=[call(1, **others[difference]), call(2)])
    else:
        server.respond = FollowedBatch(ended(2), calls=[call(1), call(2)])
    file.write_bytes(content)
    written = resume(client, file)
    assert written["error"]["type"] == "invalid_argument"
    assert "not of batch" in written["error"]["message"]
    assert file.read_bytes() == content


def test_a_file_that_somebody_writes_to_is_refused(
    server: RecordingServer,
    client: ListClient,
    file: Path,
) -> None:
    server.respond = FollowedBatch(ended(250), calls=CALLS)
    inner: list[dict[str, Any]] = []

    def write_too(report: dict[str, Any]) -> None:
        if not inner:
            inner.append(resume(client, file))

    written = client.results(ask(file), write_too)
    assert inner[0]["error"]["type"] == "invalid_argument"
    assert "somebody else" in inner[0]["error"]["message"]
    assert written["data"]["inFile"] == len(set(job_ids(file))) == 250


FULL_DISK = """
import json, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), -1))
from list_doors import ListClient
with ListClient(sys.argv[1]) as client:
    print(json.dumps(client.results(json.loads(sys.argv[2]))))
"""


def test_a_disk_that_is_full_loses_nothing(
    server: RecordingServer,
    client: ListClient,
    file: Path,
) -> None:
    whole = whole_file(server, client, file)
    arguments = [server.url, json.dumps(ask(file, resume=True)), str(len(whole) * 2 // 3)]
    process = subprocess.run(
        [sys.executable, "-c", FULL_DISK, *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
        check=True,
    )
    written = json.loads(process.stdout)
    assert written["error"]["type"] == "invalid_argument"
    assert "too large" in written["error"]["message"]
    assert len(job_ids(file)) == 100 or len(job_ids(file)) == 200
    assert resume(client, file)["data"]["isComplete"] is True
    assert file.read_bytes() == whole


def test_an_empty_file_of_the_caller_s_is_never_deleted(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    file.touch(mode=0o600)
    inode = file.stat().st_ino
    server.respond = FollowedBatch(json_answer({"error": "Batch not found"}, 404))
    assert not resume(client, file)["ok"]
    assert file.stat().st_ino == inode
    assert file.read_bytes() == b""


def test_a_file_that_the_failed_call_made_is_not_left(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    server.respond = FollowedBatch(json_answer({"error": "Batch not found"}, 404))
    for fields in ({}, {"resume": True}):
        assert not client.results(ask(file, **fields))["ok"]
        assert not file.exists()


def test_a_link_is_followed_to_a_file_that_is_there_or_is_made(
    server: RecordingServer, client: ListClient, file: Path
) -> None:
    whole = whole_file(server, client, file)
    target = file.with_name("target")
    file.symlink_to(target.name)
    assert client.results(ask(file))["data"]["isComplete"] is True
    assert target.read_bytes() == whole
    target.write_bytes(whole[: len(whole) // 2])
    assert resume(client, file)["data"]["isComplete"] is True
    assert file.is_symlink()
    assert target.read_bytes() == whole


@pytest.mark.parametrize("kind", ["plain", "linked", "two names"])
def test_a_file_that_is_widened_keeps_its_mode_and_its_names(
    kind: str, server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    calls = [call(number) for number in range(300)]
    calls[250]["metadata"] = {"vip": True}
    server.respond = FollowedBatch(ended(300), calls=calls)
    file, other = tmp_path / "results.csv", tmp_path / "other.csv"
    other.touch()
    other.chmod(0o600)
    if kind == "linked":
        file.symlink_to(other)
    else:
        os.link(other, file)
        if kind == "plain":
            other.unlink()
    assert resume(client, file)["data"]["isComplete"] is True
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(rows(file)) == 300
    assert kind == "plain" or file.samefile(other)
    assert file.is_symlink() == (kind == "linked")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("with_resume", [True, False])
def test_results_need_a_plain_file(
    with_resume: bool, server: RecordingServer, client: ListClient, tmp_path: Path
) -> None:
    fifo = tmp_path / "results.csv"
    os.mkfifo(fifo)
    for path in (fifo, Path("/dev/null"), Path("/dev/stdout")):
        error = client.results(ask(path, format="csv", resume=with_resume))["error"]
        assert error["field"] == "file"
        assert "not a regular file" in error["message"], path
    assert fifo.is_fifo()
    assert not server.requests
