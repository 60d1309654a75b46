"""Data frames: contacts that come from one, and results that become one."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from followed import FollowedBatch, look
from trillet._model.frames import frame_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from recording_server import RecordingServer

    ConnectAsync = Callable[..., trillet.AsyncTrillet]

NUMBERS = ["+12025550164", "+12025550165"]
FRAMES = pytest.mark.parametrize("library", ["pandas", "polars"], indirect=True)


@pytest.fixture
def library(request: pytest.FixtureRequest) -> Any:
    return import_module(request.param)


@FRAMES
def test_a_data_frame_is_checked_like_a_file(library: Any) -> None:
    frame = library.DataFrame({"phone_number": NUMBERS, "first_name": ["Ada", "Grace, M."]})
    report = trillet.check_csv(csv=frame)
    assert (report.accepted, report.rejected) == (2, 0)
    assert report.columns == ["phone_number", "first_name"]


@FRAMES
def test_numbers_that_a_data_frame_holds_as_numbers_are_refused(library: Any) -> None:
    frame = library.DataFrame({"phone_number": [12025550164.0, 12025550165.0]})
    report = trillet.check_csv(csv=frame)
    assert report.accepted == 0


@FRAMES
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=repr)
def test_a_number_behind_a_line_break_in_a_value_is_not_called(library: Any, end: str) -> None:
    frame = library.DataFrame(
        {"phone_number": NUMBERS, "note": [f"not any more:{end}+12025550199"] * 2}
    )
    report = trillet.check_csv(csv=frame)
    assert (report.accepted, report.rejected) == (2, 0)


@FRAMES
def test_a_batch_is_started_with_a_data_frame(
    client: trillet.Trillet, server: RecordingServer, library: Any
) -> None:
    frame = library.DataFrame({"phone_number": NUMBERS, "first_name": ["Ada", "Grace"]})
    client.batch_calls.start(csv=frame, agent_id="a")
    lines = server.only_request.part("file").content.splitlines()
    assert lines == [b"phone_number,first_name", b"+12025550164,Ada", b"+12025550165,Grace"]


def test_a_list_is_no_data_frame(client: trillet.Trillet) -> None:
    with pytest.raises(TypeError, match="data frame"):
        trillet.check_csv(csv=NUMBERS)  # type: ignore[arg-type]


@FRAMES
def test_results_become_a_data_frame(
    client: trillet.Trillet, server: RecordingServer, library: Any
) -> None:
    FollowedBatch(server, look(3, 3, status="completed"), calls=3)
    frame = client.batch_calls.results("batch_1").to_dataframe(library.__name__)
    assert isinstance(frame, library.DataFrame)
    assert list(frame.columns) == [
        *("job_id", "status", "phone_number", "start_time", "end_time", "duration", "error"),
        "first_name",
    ]
    assert list(frame["first_name"]) == ["Guest 0", "Guest 1", "Guest 2"]
    assert all(isinstance(number, str) for number in frame["phone_number"])


@FRAMES
@pytest.mark.parametrize("durations", [[60, 52.5, None], [52.5, 60, None]])
def test_whole_numbers_and_others_stay_numbers(library: Any, durations: list[Any]) -> None:
    calls: Any = [{"jobId": "1", "duration": duration} for duration in durations]
    frame = frame_of(calls, library.__name__)
    assert frame["duration"].sum() == 112.5


def test_results_become_a_data_frame_in_an_event_loop(
    connect_async: ConnectAsync, server: RecordingServer
) -> None:
    FollowedBatch(server, look(3, 3, status="completed"), calls=3)

    async def main() -> Any:
        async with connect_async() as client:
            return await client.batch_calls.results("batch_1").to_dataframe()

    assert len(asyncio.run(main())) == 3


def test_an_unknown_library_is_refused(client: trillet.Trillet, server: RecordingServer) -> None:
    FollowedBatch(server, look(1, 1, status="completed"), calls=1)
    with pytest.raises(ValueError, match="'pandas' or 'polars'"):
        client.batch_calls.results("batch_1").to_dataframe("numpy")
