"""Rows that are not quite like the header, and lines that a quote has swallowed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from checking import problems, refusal, report

A, B = "+12025550164", "+442071838750"


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_values_that_are_missing_at_the_end_are_empty(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    found = report(f"phone_number,a,b\n{A},x\n{B}\n", acceptedFile=str(accepted))
    assert found["valid"]
    kinds = [(one["kind"], one["severity"], one["row"]) for one in found["problems"]]
    assert kinds == [("ragged", "warning", 1), ("ragged", "warning", 2)]
    assert rows_of(accepted) == [["phone_number", "a", "b"], [A, "x", ""], [B, "", ""]]


def test_a_missing_value_that_the_prompt_needs_is_named() -> None:
    found = problems(f"phone_number,name\n{A}\n", prompt="Hi {name}")
    assert [one["kind"] for one in found] == ["ragged", "empty_value"]


def test_a_row_that_ends_before_its_number_has_none() -> None:
    (problem,) = problems("name,phone_number\nAda\n")
    assert (problem["kind"], problem["severity"]) == ("missing_number", "error")


def test_empty_values_too_many_are_left_out(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    found = report(f'phone_number,a\n{A},x,, ,""\n', acceptedFile=str(accepted))
    (problem,) = found["problems"]
    assert (problem["kind"], problem["severity"]) == ("ragged", "warning")
    assert "comma" in problem["suggestion"]
    assert rows_of(accepted)[1] == [A, "x"]


def test_text_too_much_stays_an_error() -> None:
    (problem,) = problems(f"phone_number,a\n{A},Moss, Ada\n")
    assert (problem["kind"], problem["severity"]) == ("ragged", "error")
    assert problem["suggestion"] == "put values with a comma into quotes"


def test_a_space_before_a_quote_is_named_where_it_breaks_the_row() -> None:
    (problem,) = problems(f'phone_number,a,b\n{A}, "Moss, Ada",x\n')
    assert (problem["kind"], problem["severity"]) == ("ragged", "error")
    assert "space before the quote of value 2" in problem["suggestion"]


def test_a_space_before_a_quote_is_named_where_it_does_not() -> None:
    (problem,) = problems(f'phone_number,a\n{A}, "Ada"\n')
    assert (problem["kind"], problem["severity"]) == ("space_before_quote", "warning")
    assert (problem["column"], problem["value"]) == ("a", ' "Ada"')


def test_a_quote_inside_a_value_is_nothing_to_speak_of() -> None:
    assert problems(f'phone_number,a\n{A},5" pipe\n') == []


# The header, the row, the column with the lines, and the line that begins like a contact.
SWALLOWED = [
    ("phone_number,note", f'{A},"x\n{B},y\n"', "note", 3),
    ("note,phone_number", f'"x\ny,{B}\n",{A}', "note", 3),
    ("a,phone_number,b", f'1,{A},"x\n\n2,"" {B}"",3\n"', "b", 4),
    ("a,phone_number,b", f'1,{A},"x\n\n2,{B},3\n"', "b", 4),
    ("a,phone_number,b", f'"1\r\n2,{B},3\r\n",{A},"x\ny"', "a", 3),
    ("phone_number,a,b", f'{A},"one\ntwo","x\n{B},3"', "b", 4),
    ("phone_number", f'"{A}\n"', None, None),
    ("phone_number,note", f'{A},"call\n{B} as well"', None, None),
    ("phone_number,note", f'{A},"a\nb\nc"', None, None),
]


@pytest.mark.parametrize(("header", "row", "column", "line"), SWALLOWED)
def test_a_line_inside_quotes_that_begins_like_a_contact_is_a_warning(
    header: str, row: str, column: str | None, line: int | None
) -> None:
    found = report(f"{header}\n{row}\n")
    swallowed = [one for one in found["problems"] if one["kind"] == "swallowed_rows"]
    if column is None:
        assert swallowed == []
        return
    (problem,) = swallowed
    assert (problem["severity"], problem["column"]) == ("warning", column)
    assert f"line {line} in it" in problem["message"]
    last = 2 + row.replace("\r\n", "\n").count("\n")
    assert f"goes on to line {last}" in problem["message"]


HEADERS = [
    ("\u200bphone_number,name", "U+200B before 'phone_number'"),
    ("name,phone_number\u00a0", "U+00A0 behind 'phone_number'"),
    ("phone_\u00adnumber", "U+00AD inside 'phone_number'"),
    ("Phone Number,name", "Rename 'Phone Number' to phone_number"),
    ("name,Mobile", "the columns are 'name', 'Mobile'"),
    ("name,tel", "'phoneColumn'"),
    ("name,Rufnummer", "Rename 'Rufnummer'"),
    ("name,who", "'phoneColumn'"),
]


@pytest.mark.parametrize(("header", "words"), HEADERS)
def test_a_header_without_the_column_says_what_there_is(header: str, words: str) -> None:
    error = refusal(f"{header}\n{A},x\n")
    assert error["code"] == "header"
    assert words in error["message"]


def test_a_column_is_taken_by_its_own_name(tmp_path: Path) -> None:
    accepted, rejected = tmp_path / "accepted.csv", tmp_path / "rejected.csv"
    options = {"phoneColumn": "Mobile", "acceptedFile": str(accepted)}
    found = report(f"name,Mobile\nAda,{A}\nBen,5\n", rejectedFile=str(rejected), **options)
    assert rows_of(accepted) == [["name", "phone_number"], ["Ada", A]]
    # The bad rows keep the file's own name: they are mended and checked in the same way.
    assert rows_of(rejected)[0] == ["name", "Mobile", "reject_reason"]
    assert found["problems"][0]["column"] == "Mobile"
    again = report(rejected.read_bytes(), phoneColumn="Mobile")
    assert again["newlyRejected"] == 0


def test_the_prompt_may_name_the_column_as_the_service_does() -> None:
    assert problems(f"Mobile\n{A}\n", phoneColumn="Mobile", prompt="{phone_number}") == []


def test_a_column_that_is_not_there_is_said_with_those_that_are() -> None:
    error = refusal(f"name,tel\nAda,{A}\n", phoneColumn="Mobile")
    assert "'Mobile' (phoneColumn); the columns are 'name', 'tel'" in error["message"]


def test_two_columns_cannot_both_be_the_number() -> None:
    error = refusal(f"phone_number,Mobile\n{A},{B}\n", phoneColumn="Mobile")
    assert (error["code"], "twice" in error["message"]) == ("header", True)


def test_bad_rows_that_are_checked_again_get_no_second_reason(tmp_path: Path) -> None:
    accepted, rejected = tmp_path / "accepted.csv", tmp_path / "rejected.csv"
    report(f"phone_number,a\n5,x\n{A},y\n6,z\n", rejectedFile=str(rejected))
    mended = rejected.read_text().replace("5,x", f"{B},x")
    mended += "7,w,\n"
    again = tmp_path / "again.csv"
    found = report(mended, acceptedFile=str(accepted), rejectedFile=str(again))
    assert rows_of(accepted) == [["phone_number", "a"], [B, "x"]]
    assert rows_of(again)[0] == ["phone_number", "a", "reject_reason"]
    assert [row[0] for row in rows_of(again)[1:]] == ["6", "7"]
    assert found["newlyRejected"] == 1
    assert [(one["row"], one["isNew"]) for one in found["problems"]] == [(2, False), (3, True)]


def test_a_file_without_reasons_says_nothing_of_them() -> None:
    found = report("phone_number\n5\n")
    assert "newlyRejected" not in found
    assert "isNew" not in found["problems"][0]
