"""Which phone numbers are good, and what is said of those that are not."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from calling_codes import CODES, is_assigned
from checking import problem_of_number, problems, report
from plans import lengths
from seed import SEED

GOOD = [
    ("A number in E.164", "+12025550164", "+12025550164"),
    ("Seven digits are the fewest", "+2907123", "+2907123"),
    ("Fifteen digits are the most", "+493012345678901", "+493012345678901"),
    ("Spaces are left out", "+49 30 901820", "+4930901820"),
    ("Dashes are left out", "+1-202-555-0164", "+12025550164"),
    ("Dots are left out", "+1.202.555.0164", "+12025550164"),
    ("Brackets are left out", "+1 (202) 555-0164", "+12025550164"),
    ("A bracket may come before the plus", "(+1) 202 555 0164", "+12025550164"),
    ("White space around a number is left out", "  +12025550164\t", "+12025550164"),
    ("A line end around a number is left out", "+12025550164\r\n", "+12025550164"),
    ("Separators do not count as digits", "+1" + " " * 40 + "2025550164", "+12025550164"),
    ("The zero of Italy's numbers stays", "+39 06 6982", "+39066982"),
]


@pytest.mark.parametrize(
    ("number", "normalised"), [row[1:] for row in GOOD], ids=[r[0] for r in GOOD]
)
def test_accepted(number: str, normalised: str, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    found = report(f'phone_number\n"{number}"\n', acceptedFile=str(accepted))
    assert found["valid"]
    assert found["problems"] == []
    assert accepted.read_text() == f"phone_number\n{normalised}\n"


class Bad(NamedTuple):
    sentence: str
    number: str
    kind: str
    suggestion: str | None = None


BAD = [
    Bad("An empty number with a name beside it", "", "missing_number"),
    Bad("A blank number with a name beside it", "  ", "missing_number"),
    Bad("What a spreadsheet rounded", "4.41E+11", "scientific", "take the number from its source"),
    Bad("What a spreadsheet rounded, with a plus", "+4.41E+11", "scientific"),
    Bad("What a spreadsheet rounded, with a decimal comma", "4,41E+11", "scientific"),
    Bad("What a program rounded, in small letters", "4.41e11", "scientific"),
    Bad("A date as ISO 8601 has it", "2031-04-02", "date", "take the number from its source"),
    Bad("A date with a time", "2031-04-02 00:00:00", "date"),
    Bad("A date with slashes", "02/04/2031", "date"),
    Bad("A short date", "4/2/31", "date"),
    Bad("A date with dots", "02.04.2031", "date"),
    Bad("A day and a month", "12-Jan", "date"),
    Bad("A month and a year", "Jan-31", "date"),
    Bad("What a data frame wrote", "12025550164.0", "decimal", "+12025550164"),
    Bad("A decimal number with a plus before it", "+12025550164.0", "decimal", "+12025550164"),
    Bad("A plus that was lost", "12025550164", "no_plus", "+12025550164"),
    Bad("A plus that was lost from a national number", "2025550164", "no_plus", "+, the country"),
    Bad(
        "A plus that was lost from a number with separators",
        "1-202-555-0164",
        "no_plus",
        "+12025550164",
    ),
    Bad("00 in place of the plus", "0012025550164", "no_plus", "+12025550164"),
    Bad(
        "00 in place of the plus, with separators", "00 1 (202) 555-0164", "no_plus", "+12025550164"
    ),
    Bad("A number as within a country", "02025550164", "national", "+, the country code"),
    Bad("Only six digits", "+123456", "too_short"),
    Bad("Six digits without a plus", "555016", "too_short"),
    Bad("Only a plus", "+", "too_short"),
    Bad("Only separators", "(-)", "not_a_number"),
    Bad("Sixteen digits", "+1234567890123456", "too_long"),
    Bad("Sixteen digits without a plus, a card's number", "4111111111111111", "too_long"),
    Bad("A country code that begins with 0", "+012025550164", "country_code"),
    Bad("A country code that is not assigned", "+2101234567", "country_code"),
    Bad("An extension", "+12025550164 x5", "extension", "give the number alone"),
    Bad("An extension in words", "+12025550164 ext. 5", "extension"),
    Bad("An extension behind a hash", "+12025550164#5", "extension"),
    Bad("A word", "unknown", "not_a_number"),
    Bad("Letters for digits", "+1800FLOWERS", "not_a_number"),
    Bad("Two pluses", "++12025550164", "not_a_number"),
    Bad("A plus in the middle", "1202+5550164", "not_a_number"),
    Bad("Two numbers", "+12025550164/+12025550165", "not_a_number"),
    Bad("What a formula failed with", "#N/A", "not_a_number", "correct the formula"),
    Bad("What a formula failed with, longer", "#VALUE!", "not_a_number"),
    Bad("A column that was too narrow", "########", "not_a_number", "make the column wider"),
    Bad("The mark of a text cell", "'+12025550164", "not_a_number", "+12025550164"),
    Bad("A space that does not break", "+49\u00a030\u00a0901820", "not_a_number", "+4930901820"),
    Bad("An invisible mark of direction", "\u202a+4930901820\u202c", "not_a_number", "+4930901820"),
    Bad("A dash of a word processor", "+49\u201330\u2013901820", "not_a_number", "+4930901820"),
    Bad("Digits of another width", "\uff0b\uff14\uff1930901820", "not_a_number", "+4930901820"),
]


@pytest.mark.parametrize("bad", BAD, ids=[bad.sentence for bad in BAD])
def test_rejected(bad: Bad) -> None:
    problem = problem_of_number(bad.number)
    assert problem is not None
    assert problem["kind"] == bad.kind, problem
    assert problem["severity"] == "error"
    assert (problem["row"], problem["line"]) == (1, 2)
    assert problem["column"] == "phone_number"
    assert problem["value"] == bad.number
    if bad.suggestion is not None:
        assert problem["suggestion"].startswith(bad.suggestion), problem


@pytest.mark.parametrize("bad", BAD, ids=[bad.sentence for bad in BAD])
def test_a_message_quotes_the_number(bad: Bad) -> None:
    problem = problem_of_number(bad.number)
    assert problem is not None
    if bad.number.strip():
        assert bad.number.strip() in problem["message"]


def test_every_assigned_country_code_is_known_and_no_other() -> None:
    digits = [f"{prefix}{2255010:07}" for prefix in range(100, 1000)]
    csv = "phone_number\n" + "".join(f"+{number}\n" for number in digits)
    for checked in (True, False):
        found = problems(csv, maxProblems=999, lengths=checked)
        refused = {digits[one["row"] - 1][:3] for one in found if one["kind"] == "country_code"}
        assert refused == {number[:3] for number in digits if not is_assigned(number)}


def test_calls_are_counted_for_each_country_code() -> None:
    codes = sorted(CODES)
    rows = "".join(f"+{code}{'22255501234567'[: max(lengths(int(code)))]}\n" for code in codes)
    found = report("phone_number\n" + rows)
    assert {country["code"] for country in found["countries"]} == {f"+{code}" for code in CODES}
    assert all(country["calls"] == 1 and country["name"] for country in found["countries"])
    assert report("phone_number\n+12025550164\n+12025550165\n5\n+442071838750\n")["countries"] == [
        {"code": "+1", "name": "North America (US, Canada and others)", "calls": 2},
        {"code": "+44", "name": "United Kingdom", "calls": 1},
    ]


def test_a_number_that_is_suggested_would_be_accepted() -> None:
    random_ = random.Random(SEED)
    shapes = [
        "{digits}", "00{digits}", "00 {digits}", "{digits}.0", "'+{digits}", "+{digits}.0",
        "\u00a0+{digits}", "+\u202c{digits}", "'{digits}", "000{digits}", "+{digits}.00",
    ]  # fmt: skip
    suggested = 0
    rows = []
    for _ in range(20_000):
        digits = "".join(random_.choices("0123456789", k=random_.randrange(0, 19)))
        rows.append(random_.choice(shapes).format(digits=digits))
    text = "phone_number\n" + "".join(f"{row}\n" for row in rows)
    for problem in problems(text, maxProblems=len(rows)):
        suggestion = problem["suggestion"]
        if suggestion is not None and re.match(r"\+\d", suggestion):
            suggested += 1
            assert problem_of_number(suggestion) is None, problem
    assert suggested > 500


def test_nothing_is_repaired_silently(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    rows = "".join(f'"{bad.number}",Ada\n' for bad in BAD)
    found = report("phone_number,name\n" + rows, acceptedFile=str(accepted))
    assert found["rows"] == {"total": len(BAD), "accepted": 0, "rejected": len(BAD), "blank": 0}
    assert accepted.read_text() == "phone_number,name\n"
