"""Contact files that are Excel workbooks."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import pytest

import trillet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

openpyxl = pytest.importorskip("openpyxl")

HEADER = ["phone_number", "name"]
ADA = ["+12025550164", "Ada"]
BEN = ["+12025550165", "Ben"]


def book(**sheets: Sequence[Sequence[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def edited(workbook: bytes, pattern: bytes, replacement: bytes) -> bytes:
    """The workbook with a change in its first sheet."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part, count = re.subn(pattern, replacement, part)
                assert count
            new.writestr(name, part)
    return written.getvalue()


class Checked:
    """The report of a workbook, and the good rows."""

    def __init__(self, workbook: bytes, folder: Path, **options: Any) -> None:
        path = folder / "Contacts.XLSX"
        path.write_bytes(workbook)
        accepted = folder / "good.csv"
        self.report = trillet.check_csv(path, accepted_file=accepted, **options)
        self.rows = accepted.read_text().splitlines()


def refusal(workbook: bytes, folder: Path, **options: Any) -> trillet.InvalidArgumentError:
    with pytest.raises(trillet.InvalidArgumentError) as raised:
        Checked(workbook, folder, **options)
    assert raised.value.sent == "no"
    assert not (folder / "good.csv").exists()
    return raised.value


VALUES = [
    ("a, b", '"a, b"'),
    (None, ""),
    (True, "TRUE"),
    (7, "7"),
    (7.0, "7"),
    (1.5, "1.5"),
    (0.00001, "0.00001"),
    (1e20, "100000000000000000000"),
    (12025550164.0, "12025550164"),
    (date(2031, 4, 2), "2031-04-02"),
    (datetime(2031, 4, 2), "2031-04-02"),
    (datetime(2031, 4, 2, 9, 15), "2031-04-02 09:15:00"),
    (time(9, 15), "09:15:00"),
]


@pytest.mark.parametrize(("value", "text"), VALUES, ids=[str(value) for value, _ in VALUES])
def test_a_cell_is_read_as_it_means(value: object, text: str, tmp_path: Path) -> None:
    rows: list[list[object]] = [["phone_number", "value", "z"], ["+12025550164", value, "z"]]
    assert Checked(book(a=rows), tmp_path).rows[1] == f"+12025550164,{text},z"


@pytest.mark.parametrize("end", [b"&#13;", b"&#10;", b"&#13;&#10;"], ids=bytes.decode)
def test_a_number_behind_a_line_break_in_a_cell_is_not_called(end: bytes, tmp_path: Path) -> None:
    rows = [["phone_number", "note"], ["+12025550164", "not any more:BREAK+12025550199"]]
    report = Checked(edited(book(a=rows), b"BREAK", end), tmp_path).report
    assert (report.accepted, report.rejected) == (1, 0)


@pytest.mark.parametrize("number", [12025550164, 12025550164.0])
def test_a_number_that_is_kept_as_a_number_has_lost_its_plus(number: float, tmp_path: Path) -> None:
    report = Checked(book(a=[[*HEADER], [number, "Ada"]]), tmp_path).report
    (problem,) = report.problems
    assert (problem.kind, problem.value) == ("no_plus", "12025550164")
    assert problem.suggestion == "+12025550164"


def test_a_number_that_became_a_date_is_told(tmp_path: Path) -> None:
    for cell in (datetime(2031, 4, 2), datetime(2031, 4, 2, 9, 15)):
        report = Checked(book(a=[HEADER, [cell, "Ada"]]), tmp_path).report
        assert [each.kind for each in report.problems] == ["date"]


def test_a_number_without_its_zero_is_not_assumed_where_the_zero_belongs_to_it(
    tmp_path: Path,
) -> None:
    workbook = book(a=[HEADER, [612345678, "Ada"], [3123456789, "Ben"], ["06 12345678", "Cy"]])
    checked = Checked(workbook, tmp_path, default_country="IT", assume_country=True)
    assert checked.rows[1:] == ["+393123456789,Ben", "+390612345678,Cy"]
    french = book(a=[HEADER, [612345678, "Ada"]])
    checked = Checked(french, tmp_path, default_country="FR", assume_country=True)
    assert checked.rows[1:] == ["+33612345678,Ada"]


# MARK: Rows


def test_rows_beyond_the_size_that_the_file_tells_are_read(tmp_path: Path) -> None:
    workbook = edited(
        book(a=[HEADER, ADA, BEN]), rb'<dimension ref="[^"]*"', b'<dimension ref="A1:A2"'
    )
    assert Checked(workbook, tmp_path).rows == ["phone_number,name", *map(",".join, (ADA, BEN))]


def test_rows_count_as_in_the_sheet(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[None], HEADER, ADA, [None, None], ["12", "Ben"], [None], ["", None]]
    report = Checked(book(a=rows), tmp_path).report
    (problem,) = report.problems
    assert (problem.line, problem.row) == (5, 3)
    assert (report.accepted, report.rejected, report.blank) == (1, 1, 1)


def test_cells_that_are_missing_at_the_end_are_no_problem(tmp_path: Path) -> None:
    checked = Checked(book(a=[[*HEADER, None], ["+12025550164"], [*BEN, None, None]]), tmp_path)
    assert checked.report.problem_count == 0
    assert checked.rows[1:] == ["+12025550164,", "+12025550165,Ben"]


def test_text_beyond_the_columns_is_a_problem(tmp_path: Path) -> None:
    report = Checked(book(a=[HEADER, [*ADA, "more"]]), tmp_path).report
    assert [(each.kind, each.severity) for each in report.problems] == [("ragged", "error")]


def test_a_formula_is_read_as_its_value(tmp_path: Path) -> None:
    workbook = edited(
        book(a=[HEADER, ["+12025550164", '="A"&"da"']]),
        rb"<v ?/>|<v></v>",
        b"<v>Ada</v>",
    )
    workbook = edited(workbook, rb'<c r="B2"[^>]*>', b'<c r="B2" t="str">')
    assert Checked(workbook, tmp_path).rows[1] == "+12025550164,Ada"


def test_a_formula_that_was_never_calculated_is_refused_with_its_place(tmp_path: Path) -> None:
    error = refusal(book(a=[HEADER, ADA, ["+12025550165", '="B"&"en"']]), tmp_path)
    assert error.code == "formula"
    assert "row 3, column 2 of the sheet 'a'" in error.message


# MARK: Sheets


def test_the_sheet_with_the_numbers_is_read(tmp_path: Path) -> None:
    workbook = book(notes=[["nothing"]], people=[HEADER, ADA])
    checked = Checked(workbook, tmp_path)
    assert checked.report.name == "Contacts.XLSX (people)"
    assert checked.rows == ["phone_number,name", ",".join(ADA)]


def test_the_column_of_numbers_may_have_another_name(tmp_path: Path) -> None:
    workbook = book(notes=[["nothing"]], people=[["Mobile", "name"], ADA])
    assert Checked(workbook, tmp_path, phone_column="Mobile").report.accepted == 1
    with pytest.raises(trillet.InvalidArgumentError, match="no column 'phone_number'"):
        Checked(workbook, tmp_path)


def test_nobody_is_left_out_because_there_are_two_sheets(tmp_path: Path) -> None:
    workbook = book(January=[HEADER, ADA], February=[HEADER, BEN])
    error = refusal(workbook, tmp_path)
    assert "'January', 'February'" in error.message
    assert Checked(workbook, tmp_path, sheet="February").rows[1] == ",".join(BEN)
    assert "'January', 'February'" in refusal_of_sheet(workbook, tmp_path, "March")


def refusal_of_sheet(workbook: bytes, folder: Path, sheet: str) -> str:
    with pytest.raises(trillet.InvalidArgumentError) as raised:
        Checked(workbook, folder, sheet=sheet)
    assert raised.value.field == "sheet"
    return raised.value.message


def test_a_hidden_sheet_is_read_only_by_its_name(tmp_path: Path) -> None:
    made = openpyxl.load_workbook(io.BytesIO(book(people=[HEADER, ADA], old=[HEADER, BEN])))
    made["old"].sheet_state = "hidden"
    written = io.BytesIO()
    made.save(written)
    assert Checked(written.getvalue(), tmp_path).rows[1] == ",".join(ADA)
    assert Checked(written.getvalue(), tmp_path, sheet="old").rows[1] == ",".join(BEN)


def test_a_sheet_of_what_is_no_workbook_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("phone_number\n+12025550164\n")
    with path.open() as file:
        for given in (path, file):
            with pytest.raises(trillet.InvalidArgumentError, match="no workbook"):
                trillet.check_csv(given, sheet="a")
    with pytest.raises(trillet.InvalidArgumentError, match="no workbook"):
        trillet.check_csv(csv=path.read_text(), sheet="a")


# MARK: Files


def test_a_workbook_is_read_from_an_open_file_and_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "contacts"
    path.write_bytes(book(a=[HEADER, ADA]))
    with path.open("rb") as file:
        assert trillet.check_csv(file).accepted == 1
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "trillet", "check", "-", "--sheet", "a"],
            stdin=file,
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            timeout=60,
        )
    assert done.returncode == 0, done
    assert done.stdout.startswith(b"<stdin> (a): 1 of 1 rows")


@pytest.mark.parametrize("option", ["accepted_file", "rejected_file", "split_file"])
def test_a_workbook_is_not_overwritten(option: str, tmp_path: Path) -> None:
    path = tmp_path / "part-2.xlsx"
    path.write_bytes(book(a=[HEADER, ADA]))
    before = path.read_bytes()
    output = tmp_path / ("part-{n}.xlsx" if option == "split_file" else path.name)
    for given in (path, path.open("rb")):
        with pytest.raises(trillet.InvalidArgumentError, match="must be another file"):
            trillet.check_csv(given, **{option: output})  # type: ignore[arg-type]
    assert path.read_bytes() == before


def test_without_openpyxl_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook = book(a=[HEADER, ADA])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    error = refusal(workbook, tmp_path)
    assert "pip install openpyxl" in error.message
    assert (error.field, error.code) == ("file", "encoding")


@pytest.mark.parametrize("damage", ["text", "half", "empty", "archive"])
def test_a_file_that_is_no_workbook_is_said_so(damage: str, tmp_path: Path) -> None:
    workbook = book(a=[HEADER, *([ADA] * 500)])
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "a")
    content = {
        "text": b"phone_number\n",
        "half": workbook[: len(workbook) // 2],
        "empty": b"",
        "archive": other.getvalue(),
    }[damage]
    error = refusal(content, tmp_path)
    assert "could not be read as an Excel workbook" in error.message
    assert error.code == "encoding"


def test_a_damaged_sheet_is_an_error_and_no_short_list(tmp_path: Path) -> None:
    workbook = edited(book(a=[HEADER, ADA, BEN]), rb"</sheetData>.*", b"")
    assert "could not be read" in refusal(workbook, tmp_path).message


def test_a_workbook_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(trillet.InvalidArgumentError, match="there is no such file"):
        trillet.check_csv(tmp_path / "none.xlsx")
