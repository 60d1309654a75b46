"""What is written never takes the place of what is read, or of what else is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checking import answer_to_file

TEXT = "phone_number\n+12025550164\n5\n"
OUTPUTS = ["acceptedFile", "rejectedFile", "splitFile"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "contacts-1.csv").write_text(TEXT)
    (tmp_path / "sub").mkdir()
    (tmp_path / "symbolic-1.csv").symlink_to("contacts-1.csv")
    os.link(tmp_path / "contacts-1.csv", tmp_path / "hard-1.csv")
    (tmp_path / "folder").symlink_to(".")
    (tmp_path / "nowhere-1.csv").symlink_to("new-1.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


INPUTS = [
    "contacts-1.csv", "./contacts-1.csv", "sub/../contacts-1.csv", "symbolic-1.csv", "hard-1.csv",
    "folder/contacts-1.csv", "folder/folder/symbolic-1.csv", "{}/contacts-1.csv",
    "/proc/self/cwd/contacts-1.csv",
]  # fmt: skip


def refused(folder: Path, **options: str) -> set[str]:
    """The options that the refusal names; the files are as they were."""
    before = sorted(path.name for path in folder.iterdir())
    given = answer_to_file("contacts-1.csv", **options)
    assert not given["ok"], given
    assert given["error"]["type"] == "invalid_argument"
    assert (folder / "contacts-1.csv").read_text() == TEXT
    assert sorted(path.name for path in folder.iterdir()) == before
    named = {name for name in ["file", *OUTPUTS] if f"'{name}'" in given["error"]["message"]}
    assert given["error"]["field"] in named
    return named


def spelled(option: str, name: str, folder: Path) -> str:
    path = name.replace("{}", str(folder))
    return path.replace("-1.csv", "-{n}.csv") if option == "splitFile" else path


@pytest.mark.parametrize("option", OUTPUTS)
@pytest.mark.parametrize("name", INPUTS)
def test_no_output_is_the_input(option: str, name: str, folder: Path) -> None:
    assert refused(folder, **{option: spelled(option, name, folder)}) == {"file", option}


# Files that are not there yet, in the same place under other names.
NEW = ["new-1.csv", "./new-1.csv", "folder/new-1.csv", "sub/../new-1.csv", "{}/new-1.csv",
       "nowhere-1.csv"]  # fmt: skip
PAIRS = [("acceptedFile", "rejectedFile"), ("acceptedFile", "splitFile"),
         ("rejectedFile", "splitFile")]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("one", NEW)
@pytest.mark.parametrize("other", NEW)
def test_no_two_outputs_are_one_file(
    first: str, second: str, one: str, other: str, folder: Path
) -> None:
    options = {first: spelled(first, one, folder), second: spelled(second, other, folder)}
    assert refused(folder, **options) == {first, second}


def test_a_later_piece_is_looked_at_before_anything_is_written(folder: Path) -> None:
    (folder / "part-57.csv").symlink_to("contacts-1.csv")
    assert refused(folder, splitFile="part-{n}.csv") == {"file", "splitFile"}


def test_files_of_the_same_name_in_two_folders_are_two(folder: Path) -> None:
    given = answer_to_file("contacts-1.csv", acceptedFile="new.csv", rejectedFile="sub/new.csv")
    assert given["ok"], given
    assert (folder / "new.csv").exists()
    assert (folder / "sub" / "new.csv").exists()
