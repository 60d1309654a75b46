"""Rows that are uneven, quotes in the wrong place, and files that were checked before."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from checking import Report, problems, refusal, report

A, B, C = "+12025550164", "+442071838750", "+4930901820"


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def _of_kind(found: list[Report], kind: str) -> list[Report]:
    return [problem for problem in found if problem["kind"] == kind]


# The row of a table with three columns; how it is called, and what the advice must say.
UNEVEN = [
    ("One value too few", f"{A},Ada", [A, "Ada", ""], "a comma for each"),
    ("Only the number", A, [A, "", ""], "a comma for each"),
    ("An empty value too many", f"{A},Ada,x,", [A, "Ada", "x"], "remove the commas"),
    ("Many empty values too many", f"{A},Ada,x,,,,,", [A, "Ada", "x"], "remove the commas"),
    ("Blank values too many", f'{A},Ada,x, ,""," "', [A, "Ada", "x"], "remove the commas"),
]


@pytest.mark.parametrize(
    ("row", "called", "advice"), [r[1:] for r in UNEVEN], ids=[r[0] for r in UNEVEN]
)
def test_an_uneven_row_without_further_text_is_called(
    row: str, called: list[str], advice: str, tmp_path: Path
) -> None:
    accepted, rejected = tmp_path / "accepted.csv", tmp_path / "rejected.csv"
    found = report(
        f"phone_number,name,plan\n{B},Ben,y\n{row}\n",
        acceptedFile=str(accepted),
        rejectedFile=str(rejected),
    )
    (problem,) = found["problems"]
    assert (problem["kind"], problem["severity"]) == ("ragged", "warning")
    assert (problem["row"], problem["line"], problem["column"]) == (2, 3, None)
    assert "the header 3 columns" in problem["message"]
    assert advice in problem["suggestion"]
    assert found["valid"]
    assert _rows(accepted) == [["phone_number", "name", "plan"], [B, "Ben", "y"], called]
    assert len(_rows(rejected)) == 1


def test_what_is_too_few_is_told_by_its_count() -> None:
    (problem,) = problems(f"phone_number,a,b,c\n{A},x\n")
    assert problem["message"] == (
        "The row has 2 values, the header 4 columns; the last 2 are taken for empty"
    )


def test_a_row_too_short_to_have_a_number_is_rejected() -> None:
    (problem,) = problems(f"name,phone_number\nAda\nBen,{B}\n")
    assert (problem["kind"], problem["severity"], problem["row"]) == ("missing_number", "error", 1)


def test_a_bad_number_in_an_uneven_row_is_one_error() -> None:
    (problem,) = problems("phone_number,name,plan\n5,Ada\n")
    assert (problem["kind"], problem["severity"]) == ("too_short", "error")


def test_a_value_that_the_row_lacks_is_empty_where_it_is_needed() -> None:
    found = problems(f"phone_number,name\n{A}\n", prompt="{name}")
    assert [one["kind"] for one in found] == ["ragged", "empty_value"]


def test_values_too_many_with_text_stay_an_error() -> None:
    found = report(f"phone_number,name\n{A},Moss, Ada,\n")
    (problem,) = found["problems"]
    assert (problem["kind"], problem["severity"]) == ("ragged", "error")
    assert problem["suggestion"] == "put values with a comma into quotes"
    assert found["rows"]["accepted"] == 0


def test_a_space_before_a_quote_that_parts_a_value_is_named() -> None:
    (problem,) = problems(f'phone_number,name\n{A}, "Moss, Ada"\n')
    assert (problem["kind"], problem["severity"]) == ("ragged", "error")
    assert "remove the space before the quote of value 2" in problem["suggestion"]


def test_a_space_before_a_quote_is_a_warning_where_the_row_is_whole(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    found = report(f'phone_number,name\n{A}, "Ada"\n', acceptedFile=str(accepted))
    (problem,) = found["problems"]
    assert (problem["kind"], problem["severity"]) == ("space_before_quote", "warning")
    assert (problem["column"], problem["value"]) == ("name", ' "Ada"')
    assert problem["suggestion"] == "remove the space"
    assert found["valid"]
    assert _rows(accepted)[1] == [A, ' "Ada"']


def test_quotes_inside_a_value_are_no_space_before_a_quote() -> None:
    assert problems(f'phone_number,name\n{A},Ada "the first" Moss\n') == []


# A table; the line that begins like a contact, and the line of its row.
SWALLOWED = [
    ("The number first", f'phone_number,note\n{A},"x\n{B},Ben\n{C},"\n', 2, 3),
    ("The number last", f'name,phone_number\n"Ada,{A}\nBen,{B}",{C}\n', 2, 3),
    ("The number in the middle", f'name,phone_number,note\nAda,{A},"x\nBen,{B},y\n"\n', 2, 3),
    ("Several lines before it", f'phone_number,note\n{C},\n{A},"x\n\ny\n{B},z"\n', 3, 6),
    ("Its own quotes around it", f'phone_number,note\n{A},"x\n""{B}"",z"\n', 2, 3),
    ("CRLF at the ends of lines", f'phone_number,note\r\n{A},"x\r\n{B},z"\r\n', 2, 3),
    ("CR at the ends of lines", f'phone_number,note\r{A},"x\r{B},z"\r', 2, 3),
    ("A value of two lines before it", f'a,phone_number,b\n"p\nq",{A},"x\nr,{B},z"\n', 2, 4),
    ("A separated number", f'phone_number,note\n{A},"x\n+44 20 7183 8750,z"\n', 2, 3),
]


@pytest.mark.parametrize(
    ("csv", "begin", "line"), [r[1:] for r in SWALLOWED], ids=[r[0] for r in SWALLOWED]
)
def test_a_quoted_value_that_has_swallowed_rows_is_warned_of(
    csv: str, begin: int, line: int
) -> None:
    found = report(csv)
    (problem,) = _of_kind(found["problems"], "swallowed_rows")
    assert (problem["severity"], problem["line"]) == ("warning", begin)
    assert f"line {begin} " in problem["message"]
    assert f"line {line} in it begins like a contact" in problem["message"]
    assert found["valid"], "it is legal CSV"


CUT = [
    ("LF elsewhere", f"phone_number,note\n{A},not any more:\r{B}\n{C},x\n"),
    ("CRLF elsewhere", f"phone_number,note\r\n{A},not any more:\r{B}\r\n{C},x\r\n"),
    ("At the end", f"phone_number,note\n{C},x\n{A},not any more:\r{B}"),
]


@pytest.mark.parametrize("csv", [row[1] for row in CUT], ids=[row[0] for row in CUT])
def test_a_number_behind_a_line_break_without_quotes_is_not_called(
    csv: str, tmp_path: Path
) -> None:
    accepted = tmp_path / "accepted.csv"
    found = report(csv, acceptedFile=str(accepted))
    (problem,) = found["problems"]
    assert (problem["kind"], problem["severity"]) == ("ragged", "error")
    assert problem["suggestion"] == "put values with a line break into quotes"
    assert B not in {number for number, _ in _rows(accepted)}


def test_a_swallowed_row_of_a_table_of_one_column_is_no_number() -> None:
    (problem,) = problems(f'phone_number\n"{A}\n{B}"\n{C}\n')
    assert problem["severity"] == "error"


NOTES = [
    ("A note of several lines", f'phone_number,note\n{A},"first\nsecond\nthird"\n'),
    ("A number in the middle of a line", f'phone_number,note\n{A},"call\nme at {B} please"\n'),
    ("A number that cannot be called", f'phone_number,a\n{A},"x\n5,y"\n'),
    ("Commas in its lines", f'phone_number,note\n{A},"a, b\nc, d, {B}"\n'),
    ("An address", f'name,phone_number,address\nAda,{A},"1 High Street\nLondon, SE1\nUK"\n'),
    ("A number first in the line of a note of another place", f'a,phone_number\n"x\n{B}, y",{A}\n'),
    ("A line end at the end", f'phone_number,note\n{A},"x\n"\n'),
]


@pytest.mark.parametrize("csv", [r[1] for r in NOTES], ids=[r[0] for r in NOTES])
def test_a_note_of_several_lines_is_no_swallowed_row(csv: str) -> None:
    assert problems(csv) == []


# MARK: Checked before


def test_what_was_rejected_is_mended_and_checked_again(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("1.csv", "2.csv", "3.csv"))
    text = f"name,phone_number,note\nAda,12025550164,x\nBen,5,\nCy,{A},\nDee,6,y\n"
    before = report(text, rejectedFile=str(first))
    assert "newlyRejected" not in before
    assert all("isNew" not in problem for problem in before["problems"])
    # Ada is mended; Eve comes without a reason.
    mended = first.read_text().replace("Ada,12025550164", "Ada,+12025550164") + "Eve,7,z,\n"
    found = report(mended, acceptedFile=str(second), rejectedFile=str(third))
    assert found["newlyRejected"] == 1
    assert found["rows"]["rejected"] == 3
    assert [(one["row"], one["isNew"]) for one in found["problems"]] == [
        (2, False),
        (3, False),
        (4, True),
    ]
    assert _rows(second) == [["name", "phone_number", "note"], ["Ada", A, "x"]]
    reasons = [one["message"] for one in found["problems"]]
    assert _rows(third) == [
        ["name", "phone_number", "note", "reject_reason"],
        ["Ben", "5", "", reasons[0]],
        ["Dee", "6", "y", reasons[1]],
        ["Eve", "7", "z", reasons[2]],
    ]


def test_checking_what_was_rejected_again_changes_nothing(tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    text = f'phone_number,note\n5,"a, ""b"""\n6,"two\nlines"\n{A}",\n7\n'
    report(text, rejectedFile=str(first))
    found = report(first.read_bytes(), rejectedFile=str(second))
    assert found["newlyRejected"] == 0
    assert found["rows"]["rejected"] == 4
    assert first.read_bytes() == second.read_bytes()


def test_surplus_text_stays_behind_the_reason_when_it_is_checked_again(tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    report(f"phone_number,note\n{A},x,y\n", rejectedFile=str(first))
    report(first.read_bytes(), rejectedFile=str(second))
    assert [row[:2] + row[3:] for row in _rows(second)] == [["phone_number", "note"], [A, "x", "y"]]


def test_the_column_of_reasons_may_stand_anywhere(tmp_path: Path) -> None:
    accepted, rejected = tmp_path / "a.csv", tmp_path / "r.csv"
    text = f"reject_reason,phone_number,name\nold,5,Ada\n,6,Ben\nold,{A},Cy\n"
    found = report(text, acceptedFile=str(accepted), rejectedFile=str(rejected))
    assert [one["isNew"] for one in found["problems"]] == [False, True]
    assert _rows(accepted) == [["phone_number", "name"], [A, "Cy"]]
    assert [row[1:] for row in _rows(rejected)] == [
        ["phone_number", "name"],
        ["5", "Ada"],
        ["6", "Ben"],
    ]
    assert "old" not in rejected.read_text()


# MARK: The header

HEADERS = [
    ("A space that cannot be seen", "\u200bphone_number,name", "U+200B before 'phone_number'"),
    ("A space that does not break", "phone_number\u00a0,name", "U+00A0 behind 'phone_number'"),
    ("One inside", "phone_\u00adnumber,name", "U+00AD inside 'phone_number'"),
    ("A second byte order mark", "\ufeff\ufeffphone_number,name", "U+FEFF before 'phone_number'"),
    ("Another name for it", "name,Mobile", "the columns are 'name', 'Mobile'. Rename 'Mobile' to"),
    ("Capitals and a space", "Phone Number,x", "Rename 'Phone Number' to phone_number"),
    ("A short name", "name,tel", "'phoneColumn'"),
    ("No name that is known", "name,plan", "give its name as 'phoneColumn'"),
]


@pytest.mark.parametrize(("header", "said"), [r[1:] for r in HEADERS], ids=[r[0] for r in HEADERS])
def test_a_header_without_the_column_says_what_there_is(header: str, said: str) -> None:
    error = refusal(f"{header}\n{A},{A}\n")
    assert error["code"] == "header"
    assert said in error["message"], error["message"]


def test_of_very_many_columns_some_are_named() -> None:
    message = refusal(",".join(f"c{number}" for number in range(1000)) + "\n")["message"]
    assert "'c11' and 988 more" in message
    assert "'c12'" not in message


# MARK: A column of another name


def test_the_column_of_numbers_may_have_another_name(tmp_path: Path) -> None:
    accepted, rejected = tmp_path / "a.csv", tmp_path / "r.csv"
    found = report(
        f"name,Mobile \nAda,{A}\nBen,5\n",
        phoneColumn="Mobile",
        acceptedFile=str(accepted),
        rejectedFile=str(rejected),
    )
    assert found["columns"] == ["name", "phone_number"]
    (problem,) = found["problems"]
    assert problem["column"] == "Mobile"
    assert _rows(accepted) == [["name", "phone_number"], ["Ada", A]]
    assert _rows(rejected)[0] == ["name", "Mobile", "reject_reason"]
    again = report(rejected.read_bytes(), phoneColumn="Mobile")
    assert again["newlyRejected"] == 0


def test_the_accepted_file_needs_no_other_name(tmp_path: Path) -> None:
    accepted = tmp_path / "a.csv"
    report(f"tel\n{A}\n", phoneColumn="tel", acceptedFile=str(accepted))
    assert report(accepted.read_bytes())["valid"]


def test_a_column_of_another_name_beside_phone_number_is_an_error() -> None:
    error = refusal(f"phone_number,Mobile\n{A},{B}\n", phoneColumn="Mobile")
    assert error["code"] == "header"
    assert "'phone_number' beside 'Mobile' (phoneColumn)" in error["message"]


def test_a_column_that_the_file_lacks_is_named_with_those_that_it_has() -> None:
    error = refusal(f"name,Mobile\nAda,{A}\n", phoneColumn="mobile")
    assert error["code"] == "header"
    assert "There is no column 'mobile' (phoneColumn)" in error["message"]
    assert "'name', 'Mobile'" in error["message"]


def test_the_usual_name_may_be_given_too() -> None:
    assert report(f"phone_number\n{A}\n", phoneColumn="phone_number")["valid"]
