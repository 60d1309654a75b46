"""What `trillet campaign run` does while its database cannot be reached."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from campaign_places import begun
from trillet import ConnectionFailedError, Trillet
from trillet._command.command import main
from trillet.campaign import Campaign

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_run_waits_longer_for_a_database_that_stays_away_and_says_since_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "leads.db")
    begun(place, "a").pause()
    monkeypatch.setenv("TRILLET_API_KEY", "sandbox-key")
    monkeypatch.setenv("TRILLET_WORKSPACE_ID", "sandbox-workspace")
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    whole = Campaign.run_slice
    is_away = [True] * 7 + [False]

    def slice_(campaign: Campaign, client: Trillet, *values: Any, **named: Any) -> Any:
        if is_away.pop(0):
            raise ConnectionFailedError("The campaign's database cannot be reached", sent="no")
        return whole(campaign, client, *values, **named)

    monkeypatch.setattr(Campaign, "run_slice", slice_)
    assert main(["campaign", "run", place, "--quiet"]) == 1
    assert slept == [2, 4, 8, 16, 30, 30, 30]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(slept)
    assert lines[0].endswith("; goes on, tries again in 2 s")
    assert all(" (since " in line for line in lines[1:])
