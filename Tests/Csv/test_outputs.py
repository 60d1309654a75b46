"""The files that a check writes: what is in them, and that they are there whole or not at all."""

from __future__ import annotations

import csv
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from checking import Report, answer_to_text, report

A, B = "+12025550164", "+442071838750"
MIXED = (
    'name,phone_number,note\r\nAda,+1 (202) 555-0164,"a, ""b"""\r\n'
    f'Ben,5,"x\r\ny"\r\n,,\r\nCy,{B}\r\nDee,{A},"x",y\r\n'
)


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_good_rows_are_written_with_their_numbers_normalised(tmp_path: Path) -> None:
    path = tmp_path / "accepted.csv"
    found = report(MIXED, acceptedFile=str(path))
    assert found["acceptedFile"] == str(path)
    assert path.read_bytes() == (
        b'name,phone_number,note\r\nAda,+12025550164,"a, ""b"""\r\nCy,+442071838750,\r\n'
    )


def test_bad_rows_are_written_as_they_are_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    found = report(MIXED, rejectedFile=str(path))
    assert found["rejectedFile"] == str(path)
    assert _rows(path) == [
        ["name", "phone_number", "note", "reject_reason"],
        ["Ben", "5", "x\r\ny", found["problems"][0]["message"]],
        ["Dee", A, "x", "The row has 4 values, the header 3 columns", "y"],
    ]


def test_the_reason_stands_under_its_name_when_a_row_has_values_too_many(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    report(f"phone_number,a\n{A},1,2,3\n", rejectedFile=str(path))
    assert _rows(path)[1] == [A, "1", "The row has 4 values, the header 2 columns", "2", "3"]


def test_accepted_files_are_valid_and_stay_as_they_are(tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    report(MIXED, acceptedFile=str(first))
    found = report(first.read_bytes(), acceptedFile=str(second))
    assert found["valid"]
    assert first.read_bytes() == second.read_bytes()


def test_a_report_without_files_names_none() -> None:
    found = report(MIXED)
    assert not {"acceptedFile", "rejectedFile", "splitFiles"} & set(found)


def test_a_file_that_is_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "accepted.csv"
    path.write_text("old")
    report(MIXED, acceptedFile=str(path))
    assert path.read_text().startswith("name,")
    assert _names(tmp_path) == ["accepted.csv"]


UNUSABLE = [b"", b"name\nAda\n", b'phone_number,a\n+12025550164,"' + b"x" * 1_100_000]


@pytest.mark.parametrize("text", UNUSABLE, ids=["empty", "no number", "endless quote"])
def test_an_existing_file_stays_when_the_check_fails(text: bytes, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("accepted.csv", "rejected.csv", "part-1.csv")]
    for path in paths:
        path.write_text("old")
    given = answer_to_text(
        text,
        acceptedFile=str(paths[0]),
        rejectedFile=str(paths[1]),
        splitFile=str(tmp_path / "part-{n}.csv"),
    )
    assert not given["ok"]
    assert [path.read_text() for path in paths] == ["old"] * 3
    assert _names(tmp_path) == sorted(path.name for path in paths)


def test_pieces_written_before_a_check_fails_are_taken_back(tmp_path: Path) -> None:
    text = f"phone_number,a\n{A},1\n{B},2\n".encode() + A.encode() + b',"' + b"x" * 1_100_000
    given = answer_to_text(text, splitFile=str(tmp_path / "{n}.csv"), splitRows=1)
    assert given["error"]["code"] == "quote"
    assert _names(tmp_path) == []


PLACES = ["acceptedFile", "rejectedFile", "splitFile"]


@pytest.mark.parametrize("option", PLACES)
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("none/{n}.csv", "there is no such folder"),
        ("file/{n}.csv", "is not a directory"),
        ("folder{n}", "it is a directory"),
    ],
)
def test_a_place_that_cannot_be_written_to(
    option: str, place: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder{n}").mkdir()
    (tmp_path / "folder1").mkdir()
    before = _names(tmp_path)
    others = {name: str(tmp_path / f"{name}{{n}}") for name in PLACES if name != option}
    given = answer_to_text(MIXED.encode(), **{option: str(tmp_path / place)}, **others)
    assert not given["ok"]
    assert given["error"]["field"] == option
    assert reason in given["error"]["message"]
    assert _names(tmp_path) == before, "neither this file nor the others"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    given = answer_to_text(MIXED.encode(), acceptedFile=str(tmp_path / "a.csv"))
    tmp_path.chmod(0o700)
    assert "may not write there" in given["error"]["message"]


FULL = """
import sys
sys.path[:] = {path_of_tests!r}
from checking import answer_to_text
rows = b"".join(b"+1202%07d\\n5\\n" % (2000000 + number) for number in range(20000))
given = answer_to_text(
    b"phone_number\\n" + rows,
    acceptedFile={folder!r} + "/accepted.csv",
    rejectedFile={folder!r} + "/rejected.csv",
    splitFile={folder!r} + "/{{n}}.csv",
)
print(given["error"]["message"])
"""


def _limit() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_a_full_disk_is_an_error_and_leaves_what_was_there(tmp_path: Path) -> None:
    for name in ("accepted.csv", "rejected.csv"):
        (tmp_path / name).write_text("old")
    script = FULL.format(path_of_tests=sys.path, folder=str(tmp_path))
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, preexec_fn=_limit, timeout=60,
    )  # fmt: skip
    assert "it would be too large" in ended.stdout
    assert _names(tmp_path) == ["accepted.csv", "rejected.csv"]
    assert (tmp_path / "accepted.csv").read_text() == "old"


def test_a_part_is_never_left(tmp_path: Path) -> None:
    report(
        MIXED,
        acceptedFile=str(tmp_path / "a.csv"),
        rejectedFile=str(tmp_path / "r.csv"),
        splitFile=str(tmp_path / "{n}.csv"),
    )
    assert _names(tmp_path) == ["1.csv", "a.csv", "r.csv"]


@pytest.mark.parametrize(
    ("rows", "each", "pieces"), [(10, 4, [4, 4, 2]), (4, 4, [4]), (3, 1, [1] * 3)]
)
def test_pieces_have_the_rows_asked_for(
    rows: int, each: int, pieces: list[int], tmp_path: Path
) -> None:
    text = "phone_number\n" + "".join(f"+1202555{number:04}\n" for number in range(rows))
    found = report(text, splitFile=str(tmp_path / "part-{n}.csv"), splitRows=each)
    paths = [str(tmp_path / f"part-{number + 1}.csv") for number in range(len(pieces))]
    assert found["splitFiles"] == paths
    assert found["pieces"] == len(pieces)
    assert [_checked(path)["rows"]["accepted"] for path in paths] == pieces
    assert [row for path in paths for row in _rows(Path(path))[1:]] == [
        [f"+1202555{number:04}"] for number in range(rows)
    ]


def test_a_file_without_good_rows_has_no_pieces(tmp_path: Path) -> None:
    found = report("phone_number\n5\n", splitFile=str(tmp_path / "{n}.csv"))
    assert found["splitFiles"] == []
    assert _names(tmp_path) == []


def _checked(path: str) -> Report:
    found = report(Path(path).read_bytes())
    assert found["valid"]
    return found


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
