"""Contacts from data frames, and results as Parquet and data frames."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from campaign_places import ADA, BEN, EVE, agent, begun, client, place, postgres, sandbox, service
from trillet._campaign import tables
from trillet._command.command import main

if TYPE_CHECKING:
    from pathlib import Path

    import trillet

__all__ = ["agent", "client", "place", "postgres", "sandbox", "service"]

LIBRARIES = pytest.mark.parametrize("name", ["pandas", "polars"])


@LIBRARIES
def test_a_data_frame_is_added_by_the_rules_of_the_check(place: str, agent: str, name: str) -> None:
    frame = import_module(name).DataFrame(
        {"phone_number": [ADA, "12 34", BEN], "first_name": ["Ada", "Nobody", "Ben, B."]}
    )
    campaign = begun(place, agent)
    added = campaign.add(frame)
    assert (added.added, added.known) == (2, 0)
    assert added.report is not None
    assert added.report.rejected == 1
    listed = {each.phone: each.variables for each in campaign.contacts()}
    assert listed == {ADA: {"first_name": "Ada"}, BEN: {"first_name": "Ben, B."}}


def test_a_parquet_file_has_every_contact_and_every_call(
    place: str,
    agent: str,
    client: trillet.Trillet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(tables, "ROWS", 2)
    campaign = begun(place, agent, ADA, BEN, EVE)
    campaign.run_slice(client, max_seconds=10, max_calls=1)
    path = tmp_path / "contacts.parquet"
    assert campaign.export_parquet(path) == 3
    assert parquet.ParquetFile(path).num_row_groups == 2
    rows = parquet.read_table(path).to_pylist()
    assert [row["phone"] for row in rows] == [ADA, BEN, EVE]
    assert json.loads(rows[0]["variables"]) == {}
    assert main(["campaign", "export", place, str(tmp_path / "calls.parquet"), "--attempts"]) == 0
    (call,) = parquet.read_table(tmp_path / "calls.parquet").to_pylist()
    (attempt,) = campaign.attempts()
    assert (call["phone"], call["call_id"], call["intent_at"]) == (
        ADA,
        attempt.call_id,
        attempt.intent_at,
    )


@LIBRARIES
def test_results_become_a_data_frame(place: str, agent: str, name: str) -> None:
    campaign = begun(place, agent, ADA, BEN)
    frame = campaign.to_dataframe(library=name)
    assert list(frame["phone"]) == [ADA, BEN]
    assert "variables" in frame.columns
    assert campaign.to_dataframe(of_attempts=True, library=name).shape[0] == 0
