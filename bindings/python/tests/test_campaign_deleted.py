"""A database file that is not where it was any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import trillet
from campaign_places import ADA, BEN, agent, begun, client, placed, sandbox, service
from trillet.campaign import Campaign

if TYPE_CHECKING:
    from pathlib import Path

    from trillet.testing import Sandbox

__all__ = ["agent", "client", "sandbox", "service"]


def without(database: Path) -> None:
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)


def test_nobody_is_called_by_a_ledger_that_was_deleted(
    tmp_path: Path, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    database = tmp_path / "leads.db"
    campaign = begun(str(database), agent, ADA, BEN)
    assert campaign.run_slice(client, max_seconds=5, max_calls=1).placed == 1
    before = placed(sandbox)
    without(database)
    with pytest.raises(trillet.ConfigurationError, match="deleted or replaced"):
        campaign.run_slice(client, max_seconds=5)
    assert placed(sandbox) == before


def test_a_campaign_that_was_made_anew_is_not_run_by_workers_of_the_old_one(
    tmp_path: Path, sandbox: Sandbox, client: trillet.Trillet, agent: str
) -> None:
    database = tmp_path / "leads.db"
    worker = begun(str(database), agent, ADA, BEN)
    without(database)
    anew = begun(str(database), agent, ADA)
    before = placed(sandbox)
    with pytest.raises(trillet.ConfigurationError, match="deleted or replaced"):
        worker.run_slice(client, max_seconds=5)
    assert placed(sandbox) == before
    assert Campaign.open(database).run_slice(client, max_seconds=5, max_calls=1).placed == 1
    anew.close()
