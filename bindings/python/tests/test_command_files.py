"""Which files the command replaces: those of an earlier run, and with --overwrite any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commanding import point_to, told
from recording_server import json_answer

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer

CONTACTS = "phone_number,first_name\n+12025550164,Ada\n12,Bob\n"
OTHERS = "phone_number,first_name\n+12025550165,Eve\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    return tmp_path


@pytest.mark.parametrize("option", ["--accepted", "--rejected"])
def test_a_check_replaces_no_file_of_others(folder: Path, option: str) -> None:
    (folder / "customers.csv").write_text(OTHERS)
    done = told("check", "contacts.csv", option, "customers.csv")
    assert (done.status, done.output) == (2, "")
    assert "'customers.csv' exists already" in done.errors
    assert "--overwrite" in done.errors
    assert (folder / "customers.csv").read_text() == OTHERS


def test_rejected_rows_of_an_earlier_check_are_replaced(folder: Path) -> None:
    assert told("check", "contacts.csv", "--rejected", "bad.csv").status == 1
    first = (folder / "bad.csv").read_text()
    assert "12,Bob," in first
    assert told("check", "contacts.csv", "--rejected", "bad.csv").status == 1
    assert (folder / "bad.csv").read_text() == first


@pytest.mark.parametrize(
    "contacts",
    [
        'phone_number,"first\nname"\n12,Bob\n',
        "phone_number,reject_reason,first_name\n12,short,Bob\n",
    ],
    ids=["a name of two lines", "rejected before"],
)
def test_rejected_rows_are_known_by_their_column(folder: Path, contacts: str) -> None:
    (folder / "contacts.csv").write_text(contacts)
    for _ in range(2):
        done = told("check", "contacts.csv", "--rejected", "bad.csv")
        assert (done.status, done.errors) == (1, "")


def test_a_file_of_one_long_line_was_rejected_by_no_check(folder: Path) -> None:
    (folder / "bad.csv").write_text("a" * 200_000)
    assert told("check", "contacts.csv", "--rejected", "bad.csv").status == 2


def test_an_empty_file_is_written(folder: Path) -> None:
    (folder / "bad.csv").write_text("")
    assert told("check", "contacts.csv", "--rejected", "bad.csv").status == 1
    assert "12,Bob," in (folder / "bad.csv").read_text()


@pytest.mark.parametrize("option", ["--accepted", "--rejected", "--split"])
def test_a_name_that_no_file_can_have_is_a_mistake_of_its_option(folder: Path, option: str) -> None:
    done = told("check", "contacts.csv", option, "a" * 300 + "{n}.csv")
    assert done.status == 2
    assert f"the path is too long (field {option})" in done.errors


@pytest.mark.parametrize("option", ["--accepted", "--rejected"])
def test_with_overwrite_a_check_replaces_any_file(folder: Path, option: str) -> None:
    (folder / "customers.csv").write_text(OTHERS)
    assert told("check", "contacts.csv", option, "customers.csv", "--overwrite").status == 1
    assert (folder / "customers.csv").read_text() != OTHERS


def test_not_even_with_overwrite_a_check_replaces_what_it_reads(folder: Path) -> None:
    done = told("check", "contacts.csv", "--rejected", "contacts.csv", "--overwrite")
    assert done.status == 2
    assert (folder / "contacts.csv").read_text() == CONTACTS


def test_pieces_of_an_earlier_split_do_not_stay_among_the_new_ones(folder: Path) -> None:
    (folder / "part-x.csv").write_text(OTHERS)
    assert told("check", "contacts.csv", "--split", "part-{n}.csv").status == 1
    (folder / "part-1.csv").rename(folder / "part-12.csv")
    done = told("check", "contacts.csv", "--split", "part-{n}.csv")
    assert done.status == 2
    assert "'part-12.csv' exists already" in done.errors
    assert not (folder / "part-1.csv").exists()


def test_with_overwrite_a_split_names_the_pieces_that_are_not_of_it(folder: Path) -> None:
    (folder / "part-1.csv").write_text(OTHERS)
    split = ("check", "contacts.csv", "--split", "./part-{n}.csv", "--overwrite")
    assert told(*split).errors == ""
    assert "Eve" not in (folder / "part-1.csv").read_text()
    (folder / "part-12.csv").write_text(OTHERS)
    done = told(*split)
    assert done.status == 1
    assert "named like one: ./part-12.csv;" in done.errors
    assert (folder / "part-12.csv").read_text() == OTHERS


def test_pieces_are_found_however_their_folder_is_written(folder: Path) -> None:
    (folder / "pieces").mkdir()
    (folder / "pieces" / "part-1.csv").write_text(OTHERS)
    for split in (
        "pieces//part-{n}.csv",
        "./pieces/../pieces/part-{n}.csv",
        f"{folder}//pieces///part-{{n}}.csv",
    ):
        done = told("check", "contacts.csv", "--split", split)
        assert done.status == 2, split
        assert "part-1.csv' exists already" in done.errors
    assert (folder / "pieces" / "part-1.csv").read_text() == OTHERS


def test_a_campaign_takes_no_file_of_contacts_for_its_database(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRILLET_API_KEY", "sandbox-key")
    done = told("campaign", "create", "contacts.csv", "--agent", "a", "--any-time")
    assert done.status == 2
    assert "contacts.csv cannot hold a campaign: file is not a database" in done.errors
    assert (folder / "contacts.csv").read_text() == CONTACTS


@pytest.mark.parametrize(
    "words", [("calls", "export"), ("batch", "template"), ("calls", "recording", "x")]
)
def test_an_answer_replaces_a_file_only_when_asked(
    folder: Path, server: RecordingServer, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    point_to(monkeypatch, server.url)
    server.respond = lambda _: json_answer({})
    (folder / "customers.csv").write_text(OTHERS)
    done = told(*words, "--file", "customers.csv")
    assert done.status == 2
    assert "'customers.csv' exists already" in done.errors
    assert server.requests == []
    told(*words, "--file", "customers.csv", "--overwrite")
    assert len(server.requests) == 1
