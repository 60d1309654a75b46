"""The example numbers of all countries, in each form that people write them in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plans import KEEPS_ZERO, ORDINARY_TYPES, REGIONS, Example, examples, trunk_prefix
from rows import verdicts

SCRIPT = Path(__file__).resolve().parents[2] / "Tools/phone-numbers/national_numbers.py"


def _called() -> list[Example]:
    """All of them except those that only callers within Canada and Iran can dial."""
    return [example for example in examples() if not example.is_too_short_to_call]


def _of(region: str) -> list[Example]:
    return [example for example in _called() if example.region == region]


def test_the_table_of_national_numbers_is_current() -> None:
    ended = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("form", ["e164", "international"])
def test_examples_in_international_form_are_accepted_as_they_are(form: str) -> None:
    called = _called()
    assert len({example.region for example in called}) == len(REGIONS) + 1
    given = verdicts([getattr(example, form) for example in called])
    for example, verdict in zip(called, given, strict=True):
        assert verdict.accepted == example.e164, (example, verdict)


def test_numbers_that_are_dialled_within_canada_and_iran_only_are_too_short() -> None:
    short = [example for example in examples() if example.is_too_short_to_call]
    assert {example.region for example in short} == {"CA", "IR"}
    assert {one.kind for one in verdicts([example.e164 for example in short])} == {"too_short"}


@pytest.mark.parametrize("assumes", [False, True], ids=["suggested", "assumed"])
def test_examples_in_national_form_become_the_right_numbers(assumes: bool) -> None:
    for region in REGIONS:
        called = _of(region)
        given = verdicts(
            [example.national for example in called], defaultCountry=region, assumeCountry=assumes
        )
        for example, verdict in zip(called, given, strict=True):
            got = verdict.accepted if assumes else verdict.suggested_number
            assert got in (example.e164, None), (example, verdict)
            assert got is not None or example.type not in ORDINARY_TYPES, (example, verdict)
            assert assumes or verdict.accepted is None, (example, verdict)


def test_examples_in_national_form_get_no_number_without_a_country() -> None:
    national = [one for one in _called() if one.region != "001" and not _has_code(one)]
    for example, verdict in zip(
        national, verdicts([one.national for one in national]), strict=True
    ):
        assert verdict.accepted is None, (example, verdict)
        assert verdict.suggested_number is None, (example, verdict)


def _has_code(example: Example) -> bool:
    """North Americans write the 1 of their country code as the trunk prefix, and machines of Sweden
    have numbers as long as those of other countries."""
    digits = "".join(character for character in example.national if character.isdigit())
    return example.code == 1 or (len(digits) > 11 and not digits.startswith(("0", "8")))


FORMS = ["+{}{}{}", "+{} {}{}", "+{} ({}){}", "+{}({}) {}", "+{}-{}-{}", "+{} {} {}"]


@pytest.mark.parametrize("form", FORMS)
def test_with_a_trunk_prefix_left_in_none_is_accepted(form: str) -> None:
    rows, wanted = [], []
    for example in _called():
        if example.region == "001":
            continue
        # What North Americans dial before a number is their country code.
        own = trunk_prefix(example.region) if example.code != 1 else ""
        zero = "" if example.code in KEEPS_ZERO else "0"
        for prefix in {own, zero} - {""}:
            rows.append(form.format(example.code, prefix, example.significant))
            wanted.append(example.e164)
    assert len(rows) > 900
    given = verdicts(rows)
    for row, number, verdict in zip(rows, wanted, given, strict=True):
        assert verdict.accepted is None, (row, number, verdict)
        assert verdict.suggested_number in (number, None), (row, number, verdict)
    suggested = sum(verdict.suggested_number is not None for verdict in given)
    assert suggested > 0.99 * len(rows)


def test_a_zero_stays_in_the_countries_whose_numbers_begin_with_it() -> None:
    zeros = [example for example in _called() if example.significant.startswith("0")]
    assert {example.code for example in zeros} <= KEEPS_ZERO
    assert len({example.code for example in zeros}) > 5
    for example, verdict in zip(zeros, verdicts([one.e164 for one in zeros]), strict=True):
        assert verdict.accepted == example.e164


def test_without_lengths_only_what_all_numbers_have_in_common_is_asked_for() -> None:
    rows = ["+1202555016", "+120255501645", "+11234567890", "+4420718387", "+290123456789"]
    assert all(one.accepted is None for one in verdicts(rows))
    assert [one.accepted for one in verdicts(rows, lengths=False)] == rows
    still_bad = {
        "+123456": "too_short",
        "+1234567890123456": "too_long",
        "+44 (0)20 7183 8750": "trunk_prefix",
        "+2101234567": "country_code",
        "12025550164.0": "decimal",
    }
    given = verdicts(list(still_bad), lengths=False)
    assert [one.kind for one in given] == list(still_bad.values())
