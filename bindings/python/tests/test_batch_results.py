"""The results of a batch: in a file, and call by call."""

from __future__ import annotations

import asyncio
import csv
import json
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from followed import FollowedBatch, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recording_server import RecordingServer

    ConnectAsync = Callable[..., trillet.AsyncTrillet]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made; empty again after each test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def numbers(calls: Any) -> list[int]:
    return [int(call["jobId"]) for call in calls]


def test_a_file_has_every_call(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path
) -> None:
    FollowedBatch(server, look(250, 250, status="completed"), calls=250)
    path = tmp_path / "results.csv"
    end = client.batch_calls.results("batch_1", path)
    assert (end["written"], end["inFile"], end["total"]) == (250, 250, 250)
    assert end["isComplete"]
    assert end["batch"]["state"] == "completed"
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["job_id"]) for row in rows] == list(range(250))
    assert rows[7]["first_name"] == "Guest 7"


def test_json_lines_are_the_other_format(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path
) -> None:
    FollowedBatch(server, look(3, 3, status="completed"), calls=3)
    path = tmp_path / "results"
    end = client.batch_calls.results("batch_1", path, format="jsonl")
    assert end["format"] == "jsonl"
    assert numbers(map(json.loads, path.read_text().splitlines())) == [0, 1, 2]


def test_a_file_that_is_there_is_only_gone_on_with_when_asked(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path
) -> None:
    path = tmp_path / "results.csv"
    FollowedBatch(server, look(2, 5), calls=5)
    first = client.batch_calls.results("batch_1", path)
    assert (first["written"], first["isComplete"]) == (2, False)
    with pytest.raises(trillet.InvalidArgumentError) as raised:
        client.batch_calls.results("batch_1", path)
    assert raised.value.field == "file"
    FollowedBatch(server, look(5, 5, status="completed"), calls=5)
    last = client.batch_calls.results("batch_1", path, resume=True)
    assert (last["written"], last["inFile"], last["isComplete"]) == (3, 5, True)


def test_without_a_file_the_calls_come_one_by_one(
    client: trillet.Trillet, server: RecordingServer, temporary: Path
) -> None:
    FollowedBatch(server, look(250, 250, status="completed"), calls=250)
    results = client.batch_calls.results("batch_1")
    first = next(results)
    assert (first["jobId"], first["status"]) == ("0000", "completed")
    assert first["metadata"] == {"first_name": "Guest 0"}
    assert results.end is None
    assert numbers(results) == list(range(1, 250))
    assert results.end is not None
    assert results.end["isComplete"]
    assert list(temporary.iterdir()) == []


def test_calls_come_while_the_batch_is_running(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    batch = FollowedBatch(server, look(2, 4), look(3, 4), look(4, 4, status="completed"), calls=4)
    looked_at: dict[int, int] = {}
    for call in client.batch_calls.results("batch_1", wait=True, min_interval_ms=20):
        looked_at[int(call["jobId"])] = batch.looked
    assert looked_at == {0: 1, 1: 1, 2: 2, 3: 3}


def test_only_what_is_asked_for_comes(client: trillet.Trillet, server: RecordingServer) -> None:
    FollowedBatch(server, look(3, 5, status="cancelled"), calls=5)
    assert numbers(client.batch_calls.results("batch_1", status="completed")) == [0, 1, 2]
    assert numbers(client.batch_calls.results("batch_1", status="waiting")) == [3, 4]


def test_progress_hears_what_has_been_written(
    client: trillet.Trillet, server: RecordingServer, tmp_path: Path
) -> None:
    FollowedBatch(server, look(150, 150, status="completed"), calls=150)
    told: list[int] = []
    client.batch_calls.results(
        "batch_1", tmp_path / "r.csv", progress=lambda update: told.append(update["written"])
    )
    assert told[-1] == 150
    assert told == sorted(told)


def test_a_loop_that_is_left_leaves_nothing_behind(
    client: trillet.Trillet, server: RecordingServer, temporary: Path
) -> None:
    FollowedBatch(server, look(250, 400), calls=400)
    with client.batch_calls.results("batch_1", wait=True) as results:
        for _ in results:
            break
    assert list(results) == []
    assert results.end is None
    assert list(temporary.iterdir()) == []


def test_what_progress_raises_is_raised_from_the_loop(
    client: trillet.Trillet, server: RecordingServer, temporary: Path
) -> None:
    FollowedBatch(server, look(3, 3, status="completed"), calls=3)

    def progress(update: object) -> None:
        raise LookupError("no")

    with pytest.raises(LookupError):
        list(client.batch_calls.results("batch_1", progress=progress))
    assert list(temporary.iterdir()) == []


def test_a_batch_without_results_yet_gives_none(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    FollowedBatch(server, look(0, 5), calls=5)
    assert list(client.batch_calls.results("batch_1")) == []


def test_format_and_resume_are_for_files_alone(client: trillet.Trillet) -> None:
    anything: Any = client.batch_calls.results
    with pytest.raises(TypeError, match="for a file"):
        anything("batch_1", format="csv")


def test_an_error_comes_from_the_loop(client: trillet.Trillet) -> None:
    with pytest.raises(trillet.InvalidArgumentError) as raised:
        list(client.batch_calls.results("batch_1", status="unknown"))
    assert raised.value.field == "status"


def test_asyncio_has_both_forms(
    connect_async: ConnectAsync, server: RecordingServer, tmp_path: Path, temporary: Path
) -> None:
    FollowedBatch(server, look(2, 4), look(4, 4, status="completed"), calls=4)

    async def main() -> None:
        async with connect_async() as client:
            calls = client.batch_calls.results("batch_1", wait=True, min_interval_ms=20)
            assert numbers([call async for call in calls]) == [0, 1, 2, 3]
            assert calls.end is not None
            end = await client.batch_calls.results("batch_1", tmp_path / "results.jsonl")
            assert (end["written"], end["isComplete"]) == (4, True)
            async with client.batch_calls.results("batch_1") as results:
                async for _ in results:
                    break

    asyncio.run(main())
    assert list(temporary.iterdir()) == []
