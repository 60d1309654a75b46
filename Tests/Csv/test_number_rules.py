"""What is accepted is dialled: each way in which a number becomes another one, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from checking import problem_of_number, refusal, report

NBSP, ZERO_WIDTH, RIGHT_TO_LEFT = "\u00a0", "\u200b", "\u200f"


class Case(NamedTuple):
    number: str
    kind: str
    # The number that was certainly meant.
    meant: str | None = None


CASES = [
    # What is dialled within the country, behind the country code.
    Case("+46 (0)8 123 456", "trunk_prefix", "+468123456"),
    Case("+46(0)8123456", "trunk_prefix", "+468123456"),
    Case("+61 0412 345 678", "trunk_prefix", "+61412345678"),
    Case("+44(0)2071838750", "trunk_prefix", "+442071838750"),
    Case("+49 0 30 901820", "trunk_prefix", "+4930901820"),
    Case("+49-(0)-30-901820", "trunk_prefix", "+4930901820"),
    Case("+36 06 1 234 5678", "trunk_prefix", "+3612345678"),
    Case("+7 8 495 123 45 67", "trunk_prefix", "+74951234567"),
    Case("+7 (8) 912 345-67-89", "trunk_prefix", "+79123456789"),
    Case("+375 8 029 491 19 11", "trunk_prefix", "+375294911911"),
    Case("+375 8 29 491 19 11", "trunk_prefix", "+375294911911"),
    Case("+375 80 29 491 19 11", "trunk_prefix", "+375294911911"),
    Case("+1 1 202 555 0164", "trunk_prefix", "+12025550164"),
    Case("+370 8 612 34567", "too_long"),
    # Decimals.
    Case("12025550164.0", "decimal", "+12025550164"),
    Case("12025550164.00", "decimal", "+12025550164"),
    Case("12025550164.00000", "decimal", "+12025550164"),
    Case("+12025550164,0", "decimal", "+12025550164"),
    Case("+1 202 555 0164.0", "decimal", "+12025550164"),
    Case("+1-202-555-0164,00", "decimal", "+12025550164"),
    Case("+1.202.555.0164.0", "decimal", "+12025550164"),
    Case("12025550164.5", "decimal"),
    # What was 1.202555e+10 in a file is the number of somebody else.
    Case("12025550000.0", "decimal"),
    Case("+12025550164.25", "decimal"),
    Case("+44 20 7183 8750,5", "decimal"),
    Case("2025550164.0", "decimal"),
    Case("+49301234.5678", "decimal"),
    Case("+49 30 123456. 78", "decimal"),
    Case("+49 30 123456, 78", "decimal"),
    Case("+49 30 123456.  0", "decimal", "+4930123456"),
    Case("+33 142685.300", "decimal"),
    Case("+33 1 42685.300", "decimal"),
    Case("+47 (0) 22334.455", "decimal"),
    Case("1.2025550164E+10", "scientific"),
    Case("1,2025550164e10", "scientific"),
    Case("+1.2E+10", "scientific"),
    # Lengths.
    Case("+1202555016", "too_short"),
    Case("+120255501645", "too_long"),
    Case("+4420718387", "too_short"),
    Case("+3361234567", "too_short"),
    Case("+336123456789", "too_long"),
    Case("+1 202 555 0164 55", "too_long"),
    Case("+1202555016412025550165", "too_long"),
    Case("+1 102 555 0164", "area_code"),
    Case("+1 202 155 0164", "area_code"),
    Case("+1 202 055 0164", "area_code"),
    # What stands where the plus must be.
    Case("0044 20 7183 8750", "no_plus", "+442071838750"),
    Case("00442071838750", "no_plus", "+442071838750"),
    Case("011 44 20 7183 8750", "no_plus", "+442071838750"),
    Case("0011 44 20 7183 8750", "no_plus", "+442071838750"),
    Case("810 44 20 7183 8750", "no_plus", "+442071838750"),
    Case("8~10 44 20 7183 8750", "not_a_number"),
    Case("0044 (0)20 7183 8750", "no_plus"),
    Case("00000000", "national"),
    # Numbers of some country, but of which?
    Case("8 (495) 123-45-67", "no_plus"),
    Case("13800138000", "no_plus"),
    Case("15123456789", "no_plus"),
    Case("11912345678", "no_plus"),
    Case("33912345678", "no_plus"),
    Case("812345678901", "no_plus"),
    Case("2025550164", "no_plus"),
    Case("06 12 34 56 78", "national"),
    Case("011 4123 4567", "national"),
    Case("01141234567", "national"),
    # A plus that was lost and cannot be anything else.
    Case("12025550164", "no_plus", "+12025550164"),
    Case("442071838750", "no_plus", "+442071838750"),
    # What stands around it.
    Case("tel:+1-202-555-0164", "not_a_number", "+12025550164"),
    Case("TEL:+12025550164", "not_a_number", "+12025550164"),
    Case("tel:+12025550164;ext=5", "not_a_number"),
    Case("'+12025550164", "not_a_number", "+12025550164"),
    Case("''+12025550164", "not_a_number", "+12025550164"),
    Case('="+12025550164"', "not_a_number", "+12025550164"),
    Case('="0012025550164"', "not_a_number", "+12025550164"),
    Case("\uff0b12025550164", "not_a_number", "+12025550164"),
    Case("\uff0b\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff16\uff14", "not_a_number",
         "+12025550164"),
    Case(f"+1{NBSP}202{NBSP}555{NBSP}0164", "not_a_number", "+12025550164"),
    Case(f"{RIGHT_TO_LEFT}+12025550164", "not_a_number", "+12025550164"),
    Case(f"+1202{ZERO_WIDTH}5550164", "not_a_number", "+12025550164"),
    Case(f"'{NBSP}tel:+12025550164", "not_a_number", "+12025550164"),
    Case(f"tel:{NBSP}+46 (0)8 123 456", "not_a_number", "+468123456"),
    Case("'06 12 34 56 78", "not_a_number"),
    Case("\u2019+12025550164", "not_a_number", "+12025550164"),
    Case("\u2018+12025550164\u2019", "not_a_number", "+12025550164"),
    Case("\u201c+1 202 555 0164\u201d", "not_a_number", "+12025550164"),
    Case("`+12025550164", "not_a_number", "+12025550164"),
    Case("=+12025550164", "not_a_number", "+12025550164"),
    Case("=12025550164", "not_a_number", "+12025550164"),
    Case("=+49-30-901820", "not_a_number"),
    Case("+1\uff08202\uff09555\uff0d0164", "not_a_number", "+12025550164"),
    Case("+\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0666\u0664", "not_a_number",
         "+12025550164"),
    Case("+\u06f1\u06f2\u06f0\u06f2\u06f5\u06f5\u06f5\u06f0\u06f1\u06f6\u06f4", "not_a_number",
         "+12025550164"),
    Case("\u180e+12025550164", "not_a_number", "+12025550164"),
    Case("+12025550164\ufe0f", "not_a_number", "+12025550164"),
    Case("\u260e +12025550164", "not_a_number", "+12025550164"),
    Case("\u260e\ufe0f+12025550164", "not_a_number", "+12025550164"),
    Case("\U0001f4de +12025550164", "not_a_number", "+12025550164"),
    Case("\u260e 06 12 34 56 78", "not_a_number"),
    Case("tel:" * 40 + "+12025550164", "not_a_number"),
    # Extensions and two numbers.
    Case("+49 30 901820 (5)", "extension"),
    Case("+12025550164 x5", "extension"),
    Case("+12025550164, +12025550165", "not_a_number"),
    Case("+12025550164;+12025550165", "not_a_number"),
    Case("+12025550164 or +12025550165", "not_a_number"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.number[:40] for case in CASES])
def test_what_would_dial_somebody_else_is_refused(case: Case) -> None:
    problem = problem_of_number(case.number)
    assert problem is not None
    assert problem["kind"] == case.kind, problem
    assert problem["severity"] == "error"
    suggestion = problem["suggestion"] or ""
    if case.meant is None:
        # Advice in words may name the plus; a number would be dialled.
        assert not suggestion[1:2].isdigit(), problem
    else:
        assert suggestion == case.meant, problem
        assert problem_of_number(suggestion) is None


@pytest.mark.parametrize(
    "character",
    ["\u2019", "\u2018", "\u180e", "\ufe0f", "\u260e", "\U0001f4de", "\u061c", "\uff08", "\u0661"],
)
def test_a_character_that_no_number_has_is_named(character: str) -> None:
    problem = problem_of_number(f"{character}+12025550164")
    assert problem is not None
    assert problem["kind"] == "not_a_number"
    assert f"U+{ord(character):04X}" in problem["message"]


def test_a_formula_without_quotation_marks_is_named() -> None:
    problem = problem_of_number("=+12025550164")
    assert problem is not None
    assert "formula" in problem["message"]


KEPT = [
    ("+39 06 6982", "+39066982"),
    ("+39 (0)6 6982", "+39066982"),
    ("+378 0549 886377", "+3780549886377"),
    ("+225 01 23 45 67 89", "+2250123456789"),
    ("+1.202.555.0164", "+12025550164"),
    ("+49.30.901.820", "+4930901820"),
    ("+44 20 7183.8750", "+442071838750"),
    ("+33.1.42.68.53.00", "+33142685300"),
    ("+33.142685.300", "+33142685300"),
    ("+1 (202) 555.0164", "+12025550164"),
    ("(+1) (202) 555-0164", "+12025550164"),
    ("+375 801 123 45 67", "+3758011234567"),
    ("+7 800 123 45 67", "+78001234567"),
]


@pytest.mark.parametrize(("number", "dialled"), KEPT)
def test_what_only_looks_so_is_accepted(number: str, dialled: str, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    assert report(f"phone_number\n{number}\n", acceptedFile=str(accepted))["valid"]
    assert accepted.read_text() == f"phone_number\n{dialled}\n"


def test_the_same_number_written_in_two_ways_is_found() -> None:
    found = report("phone_number\n+39 06 6982\n+39 (0)6 6982\n")
    assert found["duplicates"] == 1


def test_a_message_names_the_lengths_of_the_country() -> None:
    problem = problem_of_number("+3361234567")
    assert problem is not None
    assert "8 digits behind +33" in problem["message"]
    assert "France have 9" in problem["message"]
    german = problem_of_number("+49301")
    assert german is not None
    assert "a number has at least 7" in german["message"]


def test_lengths_can_be_left_out_but_trunk_prefixes_cannot() -> None:
    csv = "phone_number\n+1202555016\n+336123456789\n+46 (0)8 123 456\n+12025550164.5\n"
    found = report(csv, lengths=False)
    assert found["rows"]["accepted"] == 2
    assert [problem["kind"] for problem in found["problems"]] == ["trunk_prefix", "decimal"]


NATIONAL = [
    ("DE", "0171 1234567", "+491711234567"),
    ("de", "030 / 901820", None),
    ("DE", "030 901820", "+4930901820"),
    # It may lack its area code.
    ("DE", "901820", None),
    ("DE", "1711234567", None),
    ("US", "(202) 555-0164", "+12025550164"),
    ("US", "1 (202) 555-0164", "+12025550164"),
    ("US", "555-0164", None),
    ("RU", "8 (495) 123-45-67", "+74951234567"),
    ("CN", "13800138000", "+8613800138000"),
    ("FR", "06 12 34 56 78", "+33612345678"),
    ("IT", "06 6982", "+39066982"),
    ("HU", "06 1 234 5678", "+3612345678"),
    ("AR", "011 15 2345-6789", "+5491123456789"),
    ("AR", "0351 15 234-5678", "+5493512345678"),
    ("BY", "8 029 491-19-11", "+375294911911"),
    ("BR", "(11) 96123-4567", "+5511961234567"),
    ("GB", "020 7183 8750.0", None),
]


@pytest.mark.parametrize(("country", "number", "meant"), NATIONAL)
def test_a_national_number_has_the_default_country(
    country: str, number: str, meant: str | None, tmp_path: Path
) -> None:
    accepted = tmp_path / "accepted.csv"
    csv = f'phone_number\n"{number}"\n'
    found = report(csv, defaultCountry=country)
    (problem,) = found["problems"]
    assert found["rows"]["accepted"] == 0
    if meant is not None:
        assert (problem["kind"], problem["suggestion"]) == ("national", meant)
    elif problem["kind"] != "decimal":
        assert not (problem["suggestion"] or "")[1:2].isdigit()
    taken = report(csv, defaultCountry=country, assumeCountry=True, acceptedFile=str(accepted))
    assert taken["assumed"] == taken["rows"]["accepted"] == (meant is not None)
    assert accepted.read_text() == "phone_number\n" + (f"{meant}\n" if meant else "")


def test_a_number_that_may_be_of_another_country_is_not_assumed() -> None:
    # 0044 is London as dialled from most of the world, and 00 44… nothing within Germany.
    found = report("phone_number\n0044 20 7183 8750\n", defaultCountry="DE", assumeCountry=True)
    (problem,) = found["problems"]
    assert problem["kind"] == "no_plus"


def test_numbers_with_a_plus_are_not_counted_as_assumed() -> None:
    csv = "phone_number\n+12025550164\n0171 1234567\n"
    found = report(csv, defaultCountry="DE", assumeCountry=True)
    assert (found["rows"]["accepted"], found["assumed"]) == (2, 1)


@pytest.mark.parametrize("country", ["", "D", "XX", "DEU", "001", "49"])
def test_a_country_that_is_none_is_refused(country: str) -> None:
    error = refusal("phone_number\n+12025550164\n", defaultCountry=country)
    assert error["field"] == "defaultCountry"


def test_assuming_needs_a_country() -> None:
    error = refusal("phone_number\n+12025550164\n", assumeCountry=True)
    assert error["field"] == "assumeCountry"
    assert "defaultCountry" in error["message"]
