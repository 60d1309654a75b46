"""Contacts from data frames, and results as Parquet files and data frames."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import ADA, BEN, agent, begun, client, place, postgres, sandbox, service
from trillet._command.command import main

if TYPE_CHECKING:
    from pathlib import Path

    import trillet

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_the_good_rows_of_a_data_frame_are_added(place: str, library: str) -> None:
    frames: Any = pytest.importorskip(library)
    frame = frames.DataFrame({"phone_number": [ADA, "555", BEN], "first_name": ["Ada", "?", None]})
    added = begun(place, "a").add(frame)
    assert (added.added, added.known) == (2, 0)
    assert added.report is not None
    assert not added.report.valid


@pytest.mark.parametrize("of_attempts", [False, True])
def test_results_become_parquet_files_and_data_frames(
    tmp_path: Path, place: str, client: trillet.Trillet, agent: str, of_attempts: bool
) -> None:
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("pandas")
    campaign = begun(place, agent)
    campaign.add([{"phone_number": ADA, "note": "ä"}, {"phone_number": BEN, "key": "b"}])
    campaign.run_slice(client, max_seconds=5, max_calls=1)
    path = tmp_path / "results.parquet"
    rows = 1 if of_attempts else 2
    words = ["--attempts"] if of_attempts else []
    assert main(["campaign", "export", place, str(path), *words]) == 0
    listed = parquet.read_table(path).to_pylist()
    frame = campaign.to_pandas(of_attempts=of_attempts)
    assert len(listed) == len(frame) == rows
    assert list(frame.columns) == list(listed[0])
    assert listed[0]["phone"] == frame["phone"][0] == ADA
    assert isinstance(listed[0]["intent_at" if of_attempts else "due_at"], int)


def test_a_parquet_file_needs_no_more_memory_for_more_rows(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    peaks = []
    for count in (20_000, 80_000):
        campaign = begun(str(tmp_path / f"{count}.db"), "a")
        campaign.add({"phone_number": f"+1202{number:07}"} for number in range(count))
        tracemalloc.start()
        assert campaign.export_parquet(tmp_path / "results.parquet") == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
