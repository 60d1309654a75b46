"""The example numbers of every country, as the package `phonenumbers` has and writes them."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from checking import Report, problems, report
from national_numbers import KEEPS_ZERO, NO_COUNTRY, metadata

ROOT = Path(__file__).resolve().parents[2]
TYPES = [
    PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.PAGER, PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
]  # fmt: skip
# Numbers that anybody has; the others are services, some dialled without the trunk prefix.
OF_PEOPLE = {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE}
# Shorter than any number from abroad: seven digits within Canada, six in all for Iran.
ONLY_WITHIN = {"+13101234", "+989601"}


class Example(NamedTuple):
    region: str
    code: int
    kind: int
    number: phonenumbers.PhoneNumber

    def written(self, form: int) -> str:
        return phonenumbers.format_number(self.number, form)

    @property
    def e164(self) -> str:
        return self.written(PhoneNumberFormat.E164)


def examples() -> Iterator[Example]:
    for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        for region in regions:
            if region == NO_COUNTRY:
                number = phonenumbers.example_number_for_non_geo_entity(code)
                if number:
                    yield Example(region, code, PhoneNumberType.UNKNOWN, number)
                continue
            for kind in TYPES:
                number = phonenumbers.example_number_for_type(region, kind)
                if number:
                    found = Example(region, code, kind, number)
                    if found.e164 not in ONLY_WITHIN:
                        yield found


def table(numbers: list[str]) -> str:
    return "phone_number\n" + "".join(f'"{number}"\n' for number in numbers)


def accepted_numbers(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return [row[0] for row in csv.reader(file)][1:]


def test_every_countrys_numbers_are_accepted_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "accepted.csv"
    everything = list(examples())
    assert len({example.region for example in everything}) > 230
    for form in (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL):
        found = report(table([each.written(form) for each in everything]), acceptedFile=str(path))
        assert found["problems"] == [] or all(
            problem["kind"] == "duplicate" for problem in found["problems"]
        )
        assert accepted_numbers(path) == [each.e164 for each in everything]


def test_numbers_of_people_written_within_their_country_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "accepted.csv"
    for example in examples():
        if example.region == NO_COUNTRY:
            continue
        national = example.written(PhoneNumberFormat.NATIONAL)
        options = {"defaultCountry": example.region, "assumeCountry": True}
        found = report(table([national]), acceptedFile=str(path), **options)
        suggested = report(table([national]), defaultCountry=example.region)["problems"]
        if example.kind in OF_PEOPLE or found["rows"]["accepted"]:
            assert accepted_numbers(path) == [example.e164], (example, national)
            assert [each["suggestion"] for each in suggested] == [example.e164], (example, national)


def test_nearly_all_services_written_within_their_country_are_understood() -> None:
    services = [
        example
        for example in examples()
        if example.kind not in OF_PEOPLE and example.region != NO_COUNTRY
    ]
    understood = sum(
        problems(
            table([example.written(PhoneNumberFormat.NATIONAL)]), defaultCountry=example.region
        )[0]["suggestion"]
        == example.e164
        for example in services
    )
    assert understood > 0.95 * len(services)


def test_no_number_is_accepted_with_the_trunk_prefix_left_in() -> None:
    left_in = []
    for example in examples():
        if example.region == NO_COUNTRY:
            continue
        trunk = metadata(example.region, example.code).national_prefix
        national = example.e164[1 + len(str(example.code)) :]
        if trunk:
            left_in += [
                f"+{example.code}{trunk}{national}",
                f"+{example.code} ({trunk}) {national}",
                f"+{example.code} {trunk}{national}",
            ]
        if national[0] != "0":
            left_in.append(f"+{example.code} (0){national}")
    found: Report = report(table(left_in), maxProblems=len(left_in))
    listed = {problem["row"] for problem in found["problems"] if problem["severity"] == "error"}
    kept = [number for row, number in enumerate(left_in, 1) if row not in listed]
    assert len(left_in) > 2_000
    assert [number for number in kept if not _keeps_zero(number)] == []


def _keeps_zero(number: str) -> bool:
    """A zero in brackets is part of the number there, and may make one of a possible length."""
    digits = re.sub(r"\D", "", number)
    return any(digits.startswith(f"{code}0") for code in KEEPS_ZERO)


def test_the_table_of_lengths_is_current() -> None:
    script = ROOT / "Tools" / "phone-numbers" / "national_numbers.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
