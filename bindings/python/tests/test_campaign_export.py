"""``trillet campaign export``: which files it replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conftest import KEY
from trillet._command.command import main

if TYPE_CHECKING:
    from pathlib import Path

CONTACTS = "phone_number,first_name\n+12025550164,Ada\n"


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRILLET_API_KEY", KEY)
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    words = ["--agent", "5d1c0a77e2b94f0013ab6c21", "--file", "contacts.csv", "--any-time"]
    assert main(["campaign", "create", "leads.db", *words]) == 0
    return "leads.db"


@pytest.mark.parametrize("name", ["contacts.csv", "contacts.jsonl"])
@pytest.mark.parametrize("option", [[], ["--attempts"]])
def test_a_file_that_no_export_has_made_is_not_replaced(
    campaign: str,
    name: str,
    option: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / name).write_text(CONTACTS)
    assert main(["campaign", "export", campaign, name, *option]) == 2
    assert f"'{name}' exists already" in capsys.readouterr().err
    assert (tmp_path / name).read_text() == CONTACTS


@pytest.mark.parametrize("name", ["results.csv", "results.jsonl"])
def test_an_earlier_export_is_replaced(campaign: str, name: str, tmp_path: Path) -> None:
    assert main(["campaign", "export", campaign, name]) == 0
    first = (tmp_path / name).read_text()
    assert "+12025550164" in first
    assert main(["campaign", "export", campaign, name, "--attempts"]) == 0
    assert main(["campaign", "export", campaign, name]) == 0
    assert (tmp_path / name).read_text() == first


def test_a_file_of_one_long_line_is_not_replaced(campaign: str, tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_text("a" * 200_000)
    assert main(["campaign", "export", campaign, "results.csv"]) == 2
    assert (tmp_path / "results.csv").stat().st_size == 200_000


def test_a_parquet_file_of_others_is_not_replaced(
    campaign: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "contacts.parquet").write_text(CONTACTS)
    assert main(["campaign", "export", campaign, "contacts.parquet"]) == 2
    assert "no export has made it" in capsys.readouterr().err
    assert main(["campaign", "export", campaign, "own.parquet"]) == 0
    assert main(["campaign", "export", campaign, "own.parquet", "--attempts"]) == 0
