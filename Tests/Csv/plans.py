"""What the package ``phonenumbers`` knows of the numbers of each country.

The library's own table of lengths is made from the same metadata; nothing here looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from calling_codes import CODES

# Their numbers keep a leading zero in international form.
KEEPS_ZERO = {39, 378, 47, 225, 227, 229, 241, 242, 267, 268, 501, 676, 679, 687, 853}
NORTH_AMERICA = 1
BELARUS = 375
FEWEST_DIGITS, MOST_DIGITS = 7, 15

TYPES = [
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
]
# What people write into lists of contacts; other numbers may be refused in national form.
ORDINARY_TYPES = TYPES[:3]
REGIONS: list[str] = sorted(phonenumbers.SUPPORTED_REGIONS)


class Example(NamedTuple):
    region: str
    type: int
    number: PhoneNumber

    @property
    def e164(self) -> str:
        return phonenumbers.format_number(self.number, PhoneNumberFormat.E164)

    @property
    def international(self) -> str:
        return phonenumbers.format_number(self.number, PhoneNumberFormat.INTERNATIONAL)

    @property
    def national(self) -> str:
        return phonenumbers.format_number(self.number, PhoneNumberFormat.NATIONAL)

    @property
    def significant(self) -> str:
        return phonenumbers.national_significant_number(self.number)

    @property
    def code(self) -> int:
        return self.number.country_code or 0

    @property
    def is_too_short_to_call(self) -> bool:
        """Canada's numbers of seven digits (+1 310 1234) and Iran's of six with the country code
        (+98 9601) are for callers within the country."""
        return (self.code == NORTH_AMERICA and len(self.significant) != 10) or (
            len(self.e164) - 1 < FEWEST_DIGITS
        )


@cache
def examples() -> list[Example]:
    """The example numbers of all types of all countries, and of codes without a country."""
    found = []
    for region in REGIONS:
        for type_ in TYPES:
            number = phonenumbers.example_number_for_type(region, type_)
            if number is not None:
                found.append(Example(region, type_, number))
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = phonenumbers.example_number_for_non_geo_entity(code)
        assert number is not None
        found.append(Example("001", PhoneNumberType.UNKNOWN, number))
    return found


def metadata(region: str, code: int) -> PhoneMetadata:
    found = (
        PhoneMetadata.metadata_for_nongeo_region(code, None)
        if region == "001"
        else PhoneMetadata.metadata_for_region(region, None)
    )
    assert found is not None
    return found


def trunk_prefix(region: str) -> str:
    """What is dialled before a number within the country."""
    code = phonenumbers.country_code_for_region(region)
    return metadata(region, code).national_prefix or ""


@cache
def lengths(code: int) -> frozenset[int]:
    """How many digits there may be behind the country code."""
    if code == NORTH_AMERICA:
        return frozenset({10})
    length = len(str(code))
    most = MOST_DIGITS - length
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code)
    if regions is None:
        # Assigned, and without numbers so far.
        return frozenset(range(FEWEST_DIGITS - length, most + 1))
    found: set[int] = set()
    for region in regions:
        general = metadata(region, code).general_desc
        assert general is not None
        found.update(general.possible_length)
    return frozenset(one for one in found if FEWEST_DIGITS - length <= one <= most)


def parts(digits: str) -> tuple[int, str] | None:
    """The country code and what is behind it."""
    for length in (1, 2, 3):
        if digits[:length] in CODES:
            return int(digits[:length]), digits[length:]
    return None


def can_be_called(digits: str) -> bool:
    """Whether digits behind a plus are a number of some country, as far as its lengths tell."""
    found = parts(digits)
    if found is None:
        return False
    code, national = found
    if len(national) not in lengths(code):
        return False
    if code == NORTH_AMERICA:
        return re.fullmatch(r"[2-9]\d\d[2-9]\d{6}", national) is not None
    if code == BELARUS and national.startswith("8"):
        # 8 is the trunk prefix there, dialled as 80 too; 80x begins numbers that cost nothing.
        return national.startswith("80") and len(national) < 11
    return code in KEEPS_ZERO or not national.startswith("0")


def is_possible_within(region: str, digits: str) -> bool:
    """Whether digits without a plus are as long as numbers of the country."""
    possible = lengths(phonenumbers.country_code_for_region(region))
    trunk = trunk_prefix(region)
    return len(digits) in possible or (
        digits.startswith(trunk) and len(digits) - len(trunk) in possible
    )


def regions_of(code: int) -> Iterator[str]:
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ()):
        if region != "001":
            yield region
