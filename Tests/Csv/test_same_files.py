"""No output is the file that is read, or another output, whatever it is called."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from checking import answer_to_file, answer_to_text
from native import Answer

TEXT = b"phone_number\n+12025550164\n5\n+442071838750\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that is the current one: names may be relative."""
    before = Path.cwd()
    (tmp_path / "sub").mkdir()
    (tmp_path / "linked").symlink_to(".")
    (tmp_path / "contacts.csv").write_bytes(TEXT)
    os.link(tmp_path / "contacts.csv", tmp_path / "hard.csv")
    (tmp_path / "soft.csv").symlink_to("contacts.csv")
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def _refused(given: Answer, option: str, other: str, folder: Path, names: list[str]) -> None:
    assert not given["ok"], given
    error = given["error"]
    assert (error["type"], error["field"]) == ("invalid_argument", option)
    assert f"'{option}'" in error["message"]
    assert f"'{other}'" in error["message"]
    assert sorted(os.listdir(folder)) == names, "nothing is written"
    assert (folder / "contacts.csv").read_bytes() == TEXT


SAME = [
    "contacts.csv", "./contacts.csv", "sub/../contacts.csv", ".//contacts.csv",
    "linked/contacts.csv", "linked/linked/soft.csv", "hard.csv", "soft.csv", "{absolute}",
]  # fmt: skip


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("source", ["contacts.csv", "./contacts.csv", "soft.csv", "{absolute}"])
@pytest.mark.parametrize("option", ["acceptedFile", "rejectedFile"])
def test_an_output_is_never_the_input(option: str, source: str, name: str, folder: Path) -> None:
    absolute = str(folder / "contacts.csv")
    names = sorted(os.listdir(folder))
    given = answer_to_file(
        source.format(absolute=absolute), **{option: name.format(absolute=absolute)}
    )
    _refused(given, option, "file", folder, names)


# Two names of one file that is not there yet.
NEW = [
    ("out.csv", "out.csv"),
    ("out.csv", "./out.csv"),
    ("out.csv", "{absolute}"),
    ("sub/out.csv", "./sub/../sub/out.csv"),
    ("linked/out.csv", "out.csv"),
    ("dangling.csv", "out.csv"),
    ("sub/dangling.csv", "linked/out.csv"),
]


@pytest.mark.parametrize(("one", "other"), NEW)
def test_two_outputs_are_never_one_file_that_is_not_there_yet(
    one: str, other: str, folder: Path
) -> None:
    (folder / "dangling.csv").symlink_to("out.csv")
    (folder / "sub/dangling.csv").symlink_to("../out.csv")
    names = sorted(os.listdir(folder))
    absolute = str(folder / "out.csv")
    for accepted, rejected in ((one, other), (other, one)):
        given = answer_to_text(
            TEXT,
            acceptedFile=accepted.format(absolute=absolute),
            rejectedFile=rejected.format(absolute=absolute),
        )
        _refused(given, "rejectedFile", "acceptedFile", folder, names)


@pytest.mark.parametrize("name", ["same", "hard", "soft"])
def test_two_outputs_are_never_one_file_that_is_there(name: str, folder: Path) -> None:
    (folder / "out.csv").write_text("old")
    (folder / "same").symlink_to(folder / "out.csv")
    os.link(folder / "out.csv", folder / "hard")
    (folder / "soft").symlink_to("same")
    names = sorted(os.listdir(folder))
    given = answer_to_text(TEXT, acceptedFile="out.csv", rejectedFile=name)
    _refused(given, "rejectedFile", "acceptedFile", folder, names)
    assert (folder / "out.csv").read_text() == "old"


def test_files_of_one_name_in_two_folders_are_two(folder: Path) -> None:
    given = answer_to_text(TEXT, acceptedFile="out.csv", rejectedFile="sub/out.csv")
    assert given["ok"], given
    assert (folder / "out.csv").read_text() != (folder / "sub/out.csv").read_text()


def test_a_device_may_take_both(folder: Path) -> None:
    assert answer_to_text(TEXT, acceptedFile="/dev/null", rejectedFile="/dev/null")["ok"]


@pytest.mark.parametrize("number", [1, 2, 3, 999])
@pytest.mark.parametrize("how", ["name", "symbolic link", "hard link"])
def test_a_piece_is_never_the_input(number: int, how: str, folder: Path) -> None:
    piece = folder / f"part-{number}.csv"
    if how == "name":
        os.rename("contacts.csv", piece)
        (folder / "contacts.csv").symlink_to(piece.name)
    elif how == "hard link":
        os.link("contacts.csv", piece)
    else:
        piece.symlink_to("contacts.csv")
    names = sorted(os.listdir(folder))
    given = answer_to_file("contacts.csv", splitFile="./part-{n}.csv", splitRows=1)
    _refused(given, "splitFile", "file", folder, names)
    assert piece.name in given["error"]["message"]


@pytest.mark.parametrize("option", ["acceptedFile", "rejectedFile"])
def test_a_piece_is_never_another_output(option: str, folder: Path) -> None:
    names = sorted(os.listdir(folder))
    given = answer_to_text(TEXT, splitFile="linked/{n}.csv", splitRows=1, **{option: "./2.csv"})
    _refused(given, "splitFile", option, folder, names)


@pytest.mark.parametrize("target", ["out.csv", "sub/out.csv"])
@pytest.mark.parametrize("is_there", [True, False], ids=["there", "not there yet"])
def test_two_pieces_are_never_one_file(target: str, is_there: bool, folder: Path) -> None:
    if is_there:
        (folder / target).write_text("old")
    (folder / "1.csv").symlink_to(target)
    (folder / "2.csv").symlink_to(folder / target)
    names = sorted(os.listdir(folder))
    given = answer_to_text(TEXT, splitFile="{n}.csv", splitRows=1)
    _refused(given, "splitFile", "1.csv", folder, names)
    assert not is_there or (folder / target).read_text() == "old"


def test_folders_of_pieces_are_never_one(folder: Path) -> None:
    (folder / "1").symlink_to("sub")
    (folder / "2").symlink_to("linked/sub")
    given = answer_to_text(TEXT, splitFile="{n}/out.csv", splitRows=1)
    assert given["error"]["field"] == "splitFile"
    assert os.listdir("sub") == []


def test_a_piece_far_behind_is_refused_before_anything_takes_its_place(folder: Path) -> None:
    rows = b"".join(b"+12025%06d\n" % (520000 + number) for number in range(1002))
    (folder / "pieces").mkdir()
    (folder / "pieces/1002").symlink_to("../contacts.csv")
    given = answer_to_text(b"phone_number\n" + rows, splitFile="pieces/{n}", splitRows=1)
    assert given["ok"], "contacts.csv is no file of this check"
    (folder / "contacts.csv").write_bytes(b"phone_number\n" + rows)
    for name in os.listdir("pieces"):
        (folder / "pieces" / name).unlink()
    (folder / "pieces/1002").symlink_to("../contacts.csv")
    given = answer_to_file("contacts.csv", splitFile="pieces/{n}", splitRows=1)
    assert given["error"]["field"] == "splitFile"
    assert os.listdir("pieces") == ["1002"]
    assert (folder / "contacts.csv").read_bytes().endswith(rows)
