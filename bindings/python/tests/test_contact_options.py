"""Contact files of other programs: their countries, columns, encodings and workbooks."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import trillet

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "phone_number,name\n+12025550164,Ada\n"


def test_numbers_of_the_default_country_are_suggested_and_accepted_when_told_to() -> None:
    csv = "phone_number\n0171 1234567\n+12025550164\n"
    refused = trillet.check_csv(csv=csv, default_country="DE")
    assert (refused.accepted, refused.assumed) == (1, 0)
    assert refused.problems[0].suggestion == "+491711234567"
    taken = trillet.check_csv(csv=csv, default_country="DE", assume_country=True)
    assert (taken.valid, taken.accepted, taken.assumed) == (True, 2, 1)
    assert "1 of them taken for numbers of the default country" in str(taken)


def test_a_country_that_is_none_is_an_error_that_names_the_option() -> None:
    with pytest.raises(trillet.InvalidArgumentError) as raised:
        trillet.check_csv(csv=GOOD, default_country="XX")
    assert raised.value.field == "defaultCountry"


def test_lengths_can_be_left_out() -> None:
    csv = "phone_number\n+1202555016\n"
    assert trillet.check_csv(csv=csv).problems[0].kind == "too_short"
    assert trillet.check_csv(csv=csv, lengths=False).valid


def test_a_column_of_another_name_is_written_as_phone_number(tmp_path: Path) -> None:
    accepted = tmp_path / "good.csv"
    csv = "Mobile,name\n+12025550164,Ada\n"
    assert trillet.check_csv(csv=csv, phone_column="Mobile", accepted_file=accepted).valid
    assert accepted.read_text() == GOOD


def test_what_other_programs_write_is_converted(tmp_path: Path) -> None:
    accepted = tmp_path / "good.csv"
    csv = "phone_number;name\n+12025550164;Zoë, Ada\n".encode("utf-16")
    report = trillet.check_csv(csv=csv, convert=True, accepted_file=accepted)
    assert (report.encoding, report.delimiter) == ("UTF-16LE", ";")
    assert accepted.read_text() == 'phone_number,name\n+12025550164,"Zoë, Ada"\n'


def test_rows_that_were_rejected_before_are_told_from_new_ones(tmp_path: Path) -> None:
    rejected = tmp_path / "bad.csv"
    csv = "phone_number,reject_reason\n1,too short\nx,\n+12025550164,mended\n"
    report = trillet.check_csv(csv=csv, rejected_file=rejected)
    assert (report.rejected, report.newly_rejected) == (2, 1)
    assert [problem.is_new for problem in report.problems] == [False, True]
    assert rejected.read_text().splitlines()[0] == "phone_number,reject_reason"
    assert trillet.check_csv(csv="phone_number\n1\n").problems[0].is_new is None


@pytest.mark.parametrize("option", ["accepted_file", "rejected_file", "split_file"])
def test_an_open_file_is_not_overwritten_by_what_is_read_from_it(
    option: str, tmp_path: Path
) -> None:
    path = tmp_path / "contacts-1.csv"
    path.write_text(GOOD)
    name = "contacts-{n}.csv" if option == "split_file" else "link.csv"
    (tmp_path / "link.csv").symlink_to(path)
    with open(path) as file, pytest.raises(trillet.InvalidArgumentError) as raised:
        trillet.check_csv(file, **{option: tmp_path / name})  # type: ignore[arg-type]
    assert raised.value.sent == "no"
    assert path.read_text() == GOOD


@pytest.mark.parametrize("piece", [1, 3, 12])
def test_an_open_file_is_no_piece_of_what_is_read_from_it(piece: int, tmp_path: Path) -> None:
    path = tmp_path / f"part-{piece}.csv"
    path.write_text(GOOD)
    for given in (tmp_path / "part-{n}.csv", tmp_path / "x" / ".." / "part-{n}.csv"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with path.open() as file, pytest.raises(trillet.InvalidArgumentError) as raised:
            trillet.check_csv(file, split_file=given)
        assert raised.value.field == "splitFile"
    assert path.read_text() == GOOD
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name, "x"]


def test_pieces_beside_the_open_file_are_written(tmp_path: Path) -> None:
    path = tmp_path / "part-.csv"
    path.write_text(GOOD)
    with path.open() as file:
        report = trillet.check_csv(file, split_file=tmp_path / "part-{n}.csv")
    assert report.split_files == [str(tmp_path / "part-1.csv")]


@pytest.fixture
def latin(tmp_path: Path) -> str:
    """The path of a file whose name is not UTF-8, as Python has it."""
    name = os.path.join(os.fsencode(tmp_path), b"contacts-\xe9.csv")
    with open(name, "wb") as file:
        file.write(GOOD.encode())
    return os.fsdecode(name)


def test_a_name_that_is_not_utf_8_is_read(latin: str, tmp_path: Path) -> None:
    accepted = tmp_path / "good.csv"
    report = trillet.check_csv(latin, accepted_file=accepted)
    assert (report.accepted, accepted.read_text()) == (1, GOOD)
    assert "\udce9" not in str(report)
    os.unlink(latin)
    with pytest.raises(trillet.InvalidArgumentError, match="no such file") as raised:
        trillet.check_csv(latin)
    assert r"contacts-\udce9.csv" in raised.value.message


def test_what_is_wrong_with_a_file_of_such_a_name_names_it(latin: str, tmp_path: Path) -> None:
    os.unlink(latin)
    os.mkdir(latin)
    with pytest.raises(trillet.InvalidArgumentError, match=r"contacts-.* a directory") as raised:
        trillet.check_csv(latin)
    assert "/proc" not in str(raised.value)


def test_a_file_of_such_a_name_is_not_overwritten(latin: str, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    os.link(latin, other)
    with pytest.raises(trillet.InvalidArgumentError) as raised:
        trillet.check_csv(latin, accepted_file=other)
    assert raised.value.field == "acceptedFile"
    assert other.read_text() == GOOD


@pytest.mark.parametrize("option", ["accepted_file", "rejected_file", "split_file"])
def test_an_output_whose_name_is_not_utf_8_is_refused_with_the_name(
    option: str, latin: str
) -> None:
    with pytest.raises(trillet.InvalidArgumentError, match=r"not UTF-8; give another") as raised:
        trillet.check_csv(csv=GOOD, **{option: f"{latin}-{{n}}"})  # type: ignore[arg-type]
    assert raised.value.sent == "no"


def run(*arguments: object, given: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "trillet", *map(str, arguments)],
        input=given,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **more},
        timeout=60,
    )


def test_the_command_takes_the_same_options(tmp_path: Path) -> None:
    accepted = tmp_path / "good.csv"
    done = run(
        *("check", "-", "--convert", "--phone-column", "Mobil", "--country", "DE"),
        *("--assume-country", "--accepted", accepted),
        given="Mobil;name\n0171 1234567;Zoë\n".encode("cp1252"),
    )
    assert done.returncode == 0, done
    assert accepted.read_text() == "phone_number,name\n+491711234567,Zoë\n"
    assert "read as Windows-1252, with ';' between the columns" in done.stdout.decode()
    short = run("check", "-", "--no-lengths", given=b"phone_number\n+1202555016\n")
    assert short.returncode == 0, short


def test_the_command_reads_a_name_that_is_not_utf_8(latin: str) -> None:
    done = run("check", latin)
    assert done.returncode == 0, done


@pytest.mark.parametrize("option", ["--accepted", "--rejected", "--split"])
def test_standard_input_is_not_overwritten(option: str, tmp_path: Path) -> None:
    path = tmp_path / "contacts-2.csv"
    name = "contacts-{n}.csv" if option == "--split" else path.name
    path.write_text(GOOD)
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "trillet", "check", "-", option, str(tmp_path / name)],
            stdin=file,
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            timeout=60,
        )
    assert done.returncode == 2, done
    assert f"{option[2:]}ed"[:5].encode() in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == GOOD


def test_an_open_text_that_is_no_file_may_be_written_anywhere(tmp_path: Path) -> None:
    accepted = tmp_path / "good.csv"
    assert trillet.check_csv(io.StringIO(GOOD), accepted_file=accepted).valid
    assert accepted.read_text() == GOOD
