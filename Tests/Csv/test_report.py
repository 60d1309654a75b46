"""What the report says of a file as a whole: columns, duplicates, limits, problems."""

from __future__ import annotations

import pytest

from checking import answer_to_text, problems, report

A, B = "+12025550164", "+442071838750"


def test_the_report_of_a_good_file() -> None:
    csv = f"\ufeffphone_number,first_name\r\n{A},Ada\r\n\r\n{B},Ben\r\n"
    assert report(csv) == {
        "valid": True,
        "bytes": len(csv.encode()),
        "lineEnding": "CRLF",
        "hasBOM": True,
        "columns": ["phone_number", "first_name"],
        "rows": {"total": 3, "accepted": 2, "rejected": 0, "blank": 1},
        "duplicates": 0,
        "pieces": 1,
        "countries": [
            {"code": "+1", "name": "North America (US, Canada and others)", "calls": 1},
            {"code": "+44", "name": "United Kingdom", "calls": 1},
        ],
        "problemCount": 0,
        "problems": [],
    }


def test_the_meta_of_a_check_names_no_request() -> None:
    meta = answer_to_text(f"phone_number\n{A}\n".encode())["meta"]
    assert meta.pop("elapsedMs") >= 0
    assert meta == {"operation": "csv.check", "attempts": 0, "requestId": None}


def test_a_problem_says_where_what_and_what_to_do() -> None:
    assert problems("name,phone_number\nAda,12025550164\n") == [
        {
            "row": 1,
            "line": 2,
            "column": "phone_number",
            "value": "12025550164",
            "kind": "no_plus",
            "severity": "error",
            "message": "'12025550164' does not begin with +; a spreadsheet may have taken it away",
            "suggestion": "+12025550164",
        }
    ]


def test_a_file_with_a_bad_row_is_not_valid() -> None:
    assert report(f"phone_number\n{A}\n5\n")["valid"] is False


# What the file has; whether the last row is a duplicate of the first.
SAME = [
    ("The same number", A, A, True),
    ("The same number with separators", A, "+1 (202) 555-0164", True),
    ("The same number in quotes", A, f'"{A}"', True),
    ("Another number", A, B, False),
    ("A number with a digit more", "+1202555016", A, False),
    ("A bad number twice", "5", "5", False),
]


@pytest.mark.parametrize(("first", "last", "same"), [r[1:] for r in SAME], ids=[r[0] for r in SAME])
def test_duplicates(first: str, last: str, same: bool) -> None:
    csv = f"phone_number\n{first}\n+4930901820\n\n{last}\n"
    found = report(csv)
    warnings = [one for one in found["problems"] if one["kind"] == "duplicate"]
    assert found["duplicates"] == len(warnings) == same
    if same:
        (warning,) = warnings
        assert (warning["row"], warning["line"], warning["severity"]) == (4, 5, "warning")
        assert warning["value"] == A
        assert "row 1 already" in warning["message"]
        assert found["valid"], "a duplicate is called twice, if that is wanted"
    assert report(csv, duplicates=False)["duplicates"] == 0


def test_each_repetition_names_the_row_of_the_first() -> None:
    found = problems("phone_number\n" + f"{A}\n" * 40)
    assert [one["row"] for one in found] == list(range(2, 41))
    assert all("row 1 already" in one["message"] for one in found)


def test_a_hundred_thousand_numbers_all_twice() -> None:
    numbers = "".join(f"+1202{2_000_000 + number}\n" for number in range(100_000))
    found = report("phone_number\n" + numbers + numbers, maxProblems=100_000)
    assert found["duplicates"] == found["problemCount"] == 100_000
    assert all(f"row {one['row'] - 100_000} already" in one["message"] for one in found["problems"])


def test_numbers_are_found_again_when_there_are_far_more_than_the_beginning_promised() -> None:
    # The beginning has few rows for its size, so room for the numbers must grow.
    rows = f"{A}," + "x" * 100_000 + "\n" + f"{A},\n"
    rows += "".join(f"+1202{2_000_000 + number},\n" for number in range(50_000)) * 2
    assert report("phone_number,note\n" + rows)["duplicates"] == 50_001


def test_problems_come_in_the_order_of_their_rows() -> None:
    rows = [A, "5", A, "", A, "6", A] * 5
    found = problems("phone_number,first_name\n" + "".join(f"{row},\n" for row in rows),
                     prompt="{first_name}")  # fmt: skip
    assert [one["row"] for one in found] == sorted(one["row"] for one in found)


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_problems_beyond_the_limit_are_counted(limit: int) -> None:
    found = report("phone_number\n" + "5\n" * 5, maxProblems=limit)
    assert found["problemCount"] == 5
    assert len(found["problems"]) == limit
    assert found["rows"]["rejected"] == 5
    assert found["valid"] is False


def test_a_hundred_problems_are_listed_without_a_limit() -> None:
    found = report("phone_number\n" + "5\n" * 150)
    assert (found["problemCount"], len(found["problems"])) == (150, 100)


CSV = f"phone_number,first_name,Plan Name\n{A},Ada,gold\n{B}, ,\n"
# A prompt; the columns that are missing, and those with an empty value in row 2.
PROMPTS = [
    ("A prompt without columns", "Hello!", [], []),
    ("A column that is there", "Hi {first_name}", [], ["first_name"]),
    ("The number itself", "{phone_number}", [], []),
    ("A column that is missing", "Hi {nickname}", ["nickname"], []),
    ("A column that is used twice", "{nickname} {nickname}", ["nickname"], []),
    ("Several columns", "{first_name}{a}{b}", ["a", "b"], ["first_name"]),
    ("Capitals differ", "{First_Name}", ["First_Name"], []),
    ("Two braces", "{{first_name}}", [], ["first_name"]),
    ("Letters of any script", "{größe}", ["größe"], []),
    ("Braces around text are no column", '{"a": {"b": 1}} {} { } {a/b}', [], []),
    ("Spaces inside a name", "{Plan Name} {First Name}", ["First Name"], ["Plan Name"]),
    ("Spaces around a name", "{ first_name } { x }", ["x"], ["first_name"]),
    ("Dashes and dots", "{first-name} {a.b}", ["first-name", "a.b"], []),
    ("A brace that is not closed", "Hi {first_name", [], []),
]


@pytest.mark.parametrize(
    ("prompt", "missing", "empty"), [r[1:] for r in PROMPTS], ids=[r[0] for r in PROMPTS]
)
def test_a_prompt_needs_columns(prompt: str, missing: list[str], empty: list[str]) -> None:
    found = report(CSV, prompt=prompt)
    lacking = [one for one in found["problems"] if one["kind"] == "missing_column"]
    assert [one["column"] for one in lacking] == missing
    assert {(one["row"], one["line"], one["severity"]) for one in lacking} <= {(0, 1, "error")}
    bare = [one for one in found["problems"] if one["kind"] == "empty_value"]
    assert [one["column"] for one in bare] == empty
    assert {(one["row"], one["severity"]) for one in bare} <= {(2, "warning")}
    assert found["valid"] == (not missing)
    assert found["rows"]["accepted"] == 2


def test_required_columns_are_those_of_the_prompt_and_more() -> None:
    found = problems(CSV, prompt="{a}", requiredColumns=["b", "a", "first_name", "b"])
    assert [one["column"] for one in found] == ["a", "b", "first_name"]
    assert [one["message"] for one in found] == [
        "The prompt needs the column 'a', which the file lacks",
        "The column 'b' is required, and the file lacks it",
        "'first_name' is empty, and it is required",
    ]


def test_a_column_of_a_similar_name_is_suggested() -> None:
    (problem,) = problems(CSV, prompt="{plan_name}")
    assert problem["suggestion"] == "rename the column 'Plan Name' to 'plan_name'"


def test_more_rows_than_the_plan_allows() -> None:
    csv = "phone_number\n" + "".join(f"+1202555{number:04}\n" for number in range(10))
    assert report(csv, maxRows=10)["valid"]
    found = report(csv, maxRows=4)
    assert found["pieces"] == 3
    assert found["valid"] is False
    (problem,) = found["problems"]
    assert (problem["kind"], problem["row"]) == ("too_many_rows", 0)
    assert "10 calls" in problem["message"]
    assert "4" in problem["message"]


@pytest.mark.parametrize("csv", ["phone_number,name\n", "phone_number,name", "phone_number\n\n\n"])
def test_a_file_without_contacts_says_why_it_is_not_valid(csv: str) -> None:
    found = report(csv)
    assert found["valid"] is False
    (problem,) = found["problems"]
    assert (problem["kind"], problem["row"], problem["severity"]) == ("no_rows", 0, "error")
    assert problem["message"] == "The file has a header, but nobody to call"


def test_a_file_whose_rows_are_all_bad_is_not_called_empty() -> None:
    assert [one["kind"] for one in report("phone_number\nx\n")["problems"]] == ["not_a_number"]


def test_rows_that_are_not_called_do_not_count_against_the_plan() -> None:
    found = report(f"phone_number\n{A}\n\n5\n{B}\n", maxRows=2)
    assert "too_many_rows" not in {one["kind"] for one in found["problems"]}
