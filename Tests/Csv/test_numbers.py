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
from rows import verdict
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
    ("The zero of Ivorian numbers stays", "+225 01 23 45 67 89", "+2250123456789"),
    ("The zero of Macau's, if it ever has one", "+853 0123 4567", "+85301234567"),
    ("Belarus has numbers that begin with 80", "+375 800 1234567", "+3758001234567"),
    ("Dots part the groups, and the last one is 00", "+33.1.23.45.67.00", "+33123456700"),
    ("Dots part the groups, and the last one is 0000", "+1.202.555.0000", "+12025550000"),
    ("Germany's numbers have many lengths", "+49 30 1234", "+49301234"),
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
    # What is dialled within the country, behind the country code.
    Bad("A zero in brackets", "+46 (0)8 123 456 78", "trunk_prefix", "+46812345678"),
    Bad("A zero in brackets, without spaces", "+44(0)2071838750", "trunk_prefix", "+442071838750"),
    Bad("A zero behind the country code", "+61 0412 345 678", "trunk_prefix", "+61412345678"),
    Bad("A zero behind it, digits alone", "+610412345678", "trunk_prefix", "+61412345678"),
    Bad("Two zeros", "+44 00 20 7183 8750", "trunk_prefix", "leave it out"),
    Bad("Hungary's 06", "+36 06 1 234 5678", "trunk_prefix", "+3612345678"),
    Bad("Belarus' 80", "+375 80 29 491 19 11", "trunk_prefix", "+375294911911"),
    Bad("Russia's 8", "+7 8 (495) 123-45-67", "trunk_prefix", "+74951234567"),
    Bad(
        "A zero before an area code of North America",
        "+1 0202 555 0164",
        "trunk_prefix",
        "+12025550164",
    ),
    # Decimals.
    Bad("A decimal comma", "12025550164,0", "decimal", "+12025550164"),
    Bad("Many zeros", "+12025550164.00000", "decimal", "+12025550164"),
    Bad("A fraction", "+12025550164.5", "decimal", "write the column as text"),
    Bad("A fraction of more digits", "+1202555016.4567", "decimal", "write the column as text"),
    Bad("A decimal behind separators", "+44 20 7183 8750,00", "decimal", "+442071838750"),
    Bad("A point behind separators", "+1 202 555 0164.0", "decimal", "+12025550164"),
    Bad("A point behind dots", "+1.202.555.0164.0", "decimal", "+12025550164"),
    Bad("A fraction behind dots", "+49.30.901820.5", "decimal", "write the column as text"),
    Bad("Zeros that may be a group", "+49 30 901820.00", "decimal", "write the column as text"),
    Bad("A decimal of a number that lost its country", "2025550164.0", "decimal", "write the"),
    Bad("All digits and an exponent", "4.42071838750E+11", "scientific"),
    Bad("An exponent of an integer", "44207E7", "scientific"),
    Bad("An exponent below zero", "4.41E-3", "scientific"),
    # Lengths.
    Bad("A digit too few in North America", "+1 202 555 016", "too_short"),
    Bad("A digit too many in North America", "+1 202 555 01645", "too_long"),
    Bad("Seven digits of Canada", "+1 310 1234", "too_short"),
    Bad("An area code with 1", "+1 123 555 0164", "area_code"),
    Bad("An exchange with 1", "+1 202 155 0164", "area_code"),
    Bad("An exchange with 0", "+1 202 055 0164", "area_code"),
    Bad("A British number cut in the middle", "+44 20 7183", "too_short"),
    Bad("A French number and a digit", "+33 1 23 45 67 89 0", "too_long"),
    Bad("Two numbers with a space", "+12025550164 2025550165", "too_long"),
    Bad("Two numbers with a comma", "+12025550164,2025550165", "decimal", "write the column"),
    Bad("An extension glued to it", "+331234567895", "too_long"),
    Bad("An extension in brackets", "+49 30 901820 (5)", "extension", "give the number alone"),
    Bad("An extension behind a zero in brackets", "+44 (0)20 7183 8750 (12)", "extension"),
    # Dialling prefixes, and what stands around numbers.
    Bad("011 in place of the plus", "011 44 20 7183 8750", "no_plus", "+442071838750"),
    Bad("0011 in place of the plus", "0011442071838750", "no_plus", "+442071838750"),
    Bad("810 in place of the plus", "810 44 20 7183 8750", "no_plus", "+442071838750"),
    Bad("00 and a zero in brackets", "0044 (0)20 7183 8750", "no_plus"),
    Bad("00 and no number", "0044 20", "no_plus"),
    Bad("A plus of another width", "\uff0b442071838750", "not_a_number", "+442071838750"),
    Bad("A link", "tel:+1-202-555-0164", "not_a_number", "+12025550164"),
    Bad("A link in capital letters", "TEL:+12025550164", "not_a_number", "+12025550164"),
    Bad("A formula around it", '="+12025550164"', "not_a_number", "+12025550164"),
    Bad("A formula around digits", '="12025550164"', "not_a_number", "+12025550164"),
    Bad("A zero-width space", "+1202\u200b5550164", "not_a_number", "+12025550164"),
    Bad("A mark from right to left", "\u200f+12025550164", "not_a_number", "+12025550164"),
    Bad(
        "An apostrophe, a space that does not break, and a link",
        "'\u00a0tel:+12025550164",
        "not_a_number",
        "+12025550164",
    ),
    Bad("An apostrophe and 00", "'0012025550164", "not_a_number", "+12025550164"),
    Bad("A link and a decimal", "tel:+12025550164.0", "not_a_number", "+12025550164"),
    Bad("A link and a trunk prefix", "tel:+44(0)2071838750", "not_a_number", "+442071838750"),
    Bad("A formula and another width", '="\uff0b12025550164"', "not_a_number", "+12025550164"),
    Bad("A link to an extension", "tel:+12025550164;ext=5", "not_a_number"),
    Bad("An apostrophe before too many digits", "'+120255501645", "not_a_number"),
    # Nobody can know the country.
    Bad("Russian, or Italian", "8 (495) 123-45-67", "no_plus", "+, the country code"),
    Bad("Chinese, or North American", "13800138000", "no_plus", "+, the country code"),
    Bad("French, Dutch and others", "06 12 34 56 78", "national", "+, the country code"),
    Bad("A German mobile without its zero", "15112345678", "no_plus", "+, the country code"),
    Bad("A Brazilian mobile", "11 96123-4567", "no_plus", "+, the country code"),
    Bad("Ten digits", "4155550164", "no_plus", "+, the country code"),
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


NO_NUMBER = [
    bad for bad in BAD if bad.suggestion is None or not re.match(r"\+[0-9]", bad.suggestion)
]


@pytest.mark.parametrize("bad", NO_NUMBER, ids=[bad.sentence for bad in NO_NUMBER])
def test_no_number_is_suggested_where_it_is_not_certain(bad: Bad) -> None:
    problem = problem_of_number(bad.number)
    assert problem is not None
    assert not re.match(r"\+[0-9]", problem["suggestion"] or ""), problem


LENGTHS = [
    ("+1 202 555 016", "9 digits behind +1", "have 10"),
    ("+33 1 23 45 67 89 0", "10 digits behind +33", "numbers of France have 9"),
    ("+44 20 7183", "6 digits behind +44", "numbers of United Kingdom have 7, 9 or 10"),
]


@pytest.mark.parametrize(("number", "has", "may_have"), LENGTHS)
def test_a_wrong_length_is_told_with_those_of_the_country(
    number: str, has: str, may_have: str
) -> None:
    problem = problem_of_number(number)
    assert problem is not None
    assert has in problem["message"]
    assert may_have in problem["message"]


# The default country and a number; what it is there, None where it must not be guessed.
WITHIN = [
    ("A French mobile", "FR", "06 12 34 56 78", "+33612345678"),
    ("A French number without its zero", "fr", "612345678", "+33612345678"),
    ("A Russian number", "RU", "8 (495) 123-45-67", "+74951234567"),
    ("A Chinese mobile", "CN", "13800138000", "+8613800138000"),
    ("A North American number", "US", "(202) 555-0164", "+12025550164"),
    ("A North American number with its 1", "US", "1 202 555 0164", "+12025550164"),
    ("A British number", "GB", "020 7183 8750", "+442071838750"),
    ("An Italian number", "IT", "06 6982", "+39066982"),
    ("An Italian mobile", "IT", "312 345 6789", "+393123456789"),
    ("An Italian number that is free", "IT", "800 123 456", "+39800123456"),
    ("An Italian number without its zero", "IT", "612345678", None),
    ("An Italian number without its zero, like a short mobile", "IT", "301234567", None),
    ("A number of the Vatican without its zero", "VA", "669812345", None),
    ("A Hungarian number", "HU", "06 1 234 5678", "+3612345678"),
    ("A Belarusian mobile", "BY", "8 029 491 19 11", "+375294911911"),
    ("An Argentine mobile", "AR", "011 15 2345-6789", "+5491123456789"),
    ("A British number without its area code", "GB", "7183 8750", None),
    ("A North American number without its area code", "US", "555-0164", None),
    ("An area code with 1", "US", "123 555 0164", None),
    ("A number cut in the middle", "FR", "06 12 34 56", None),
    ("A number and an extension", "FR", "06 12 34 56 78 9", None),
    ("A decimal", "FR", "0612345678.5", None),
    ("A decimal behind dots", "DE", "030.901820.5", None),
    ("A note in brackets", "DE", "030 901820 (5)", None),
    ("A date", "DE", "02.04.2031", None),
]


@pytest.mark.parametrize(
    ("country", "number", "meant"), [r[1:] for r in WITHIN], ids=[r[0] for r in WITHIN]
)
def test_a_number_within_the_default_country(country: str, number: str, meant: str | None) -> None:
    given = verdict(number, defaultCountry=country)
    assert given.accepted is None
    assert given.suggested_number == meant
    assert verdict(number, defaultCountry=country, assumeCountry=True).accepted == meant


# With any default country.
NEVER_WITHIN = ["030.901820.00", "030.901820.0", "030 901820,00", "0309018 (20)", "4.4E+11"]


@pytest.mark.parametrize("number", NEVER_WITHIN)
def test_the_zeros_of_a_decimal_are_never_dialled(number: str) -> None:
    assert verdict(number, defaultCountry="DE", assumeCountry=True).accepted is None


def test_assumed_numbers_are_counted_apart() -> None:
    csv = "phone_number\n020 7183 8750\n+44 20 7183 8751\n5\n0044 20 7183 8752\n"
    found = report(csv, defaultCountry="GB", assumeCountry=True)
    assert found["assumed"] == 1
    assert found["rows"]["accepted"] == 2
    assert [one["suggestion"] for one in found["problems"]] == [None, "+442071838752"]
    assert "assumed" not in report(csv, defaultCountry="GB")


def test_assumed_numbers_are_duplicates_of_those_with_a_plus() -> None:
    csv = "phone_number\n020 7183 8750\n+44 20 7183 8750\n"
    assert report(csv, defaultCountry="GB", assumeCountry=True)["duplicates"] == 1


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
