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


def test_a_name_that_is_not_utf_8_is_read(tmp_path: Path) -> None:
    name = os.path.join(os.fsencode(tmp_path), b"contacts-\xe9.csv")
    with open(name, "wb") as file:
        file.write(GOOD.encode())
    try:
        assert trillet.check_csv(os.fsdecode(name)).accepted == 1
        with pytest.raises(trillet.InvalidArgumentError, match="not UTF-8"):
            trillet.check_csv(csv=GOOD, accepted_file=os.fsdecode(name))
    finally:
        os.unlink(name)


def test_a_workbook_is_read_as_its_cells_mean(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["nothing", "here"])
    sheet = book.create_sheet("contacts")
    sheet.append(["phone_number", "name", "since"])
    sheet.append(["+12025550164", "Ada, M.", None])
    sheet.append([12025550165, "Ben", 1.5])
    sheet.append([2025550166.0, "Cy", True])
    path = tmp_path / "Contacts.XLSX"
    book.save(path)
    accepted = tmp_path / "good.csv"
    report = trillet.check_csv(path, accepted_file=accepted)
    assert (report.total, report.accepted) == (3, 1)
    assert [each.value for each in report.problems] == ["12025550165", "2025550166"]
    assert {each.kind for each in report.problems} == {"no_plus"}
    assert accepted.read_text() == 'phone_number,name,since\n+12025550164,"Ada, M.",\n'
    before = path.read_bytes()
    with pytest.raises(trillet.InvalidArgumentError):
        trillet.check_csv(path, rejected_file=path)
    assert path.read_bytes() == before


def test_a_workbook_without_openpyxl_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    path = tmp_path / "contacts.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(trillet.InvalidArgumentError, match=r"trillet\[excel\]") as raised:
        trillet.check_csv(path)
    assert raised.value.code == "encoding"


def test_a_file_that_is_no_workbook_is_said_so(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    path = tmp_path / "contacts.xlsx"
    path.write_text(GOOD)
    with pytest.raises(trillet.InvalidArgumentError, match="could not be read"):
        trillet.check_csv(path)


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
    short = run("check", "-", "--no-lengths", given=b"phone_number\n+1202555016\n")
    assert short.returncode == 0, short


def test_standard_input_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(GOOD)
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "trillet", "check", "-", "--accepted", str(path)],
            stdin=file,
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            timeout=60,
        )
    assert done.returncode == 2, done
    assert b"acceptedFile" in done.stderr
    assert path.read_text() == GOOD


def test_an_open_text_that_is_no_file_may_be_written_anywhere(tmp_path: Path) -> None:
    accepted = tmp_path / "good.csv"
    assert trillet.check_csv(io.StringIO(GOOD), accepted_file=accepted).valid
    assert accepted.read_text() == GOOD
