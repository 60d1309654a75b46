"""Which digits may be a number of their country, by the package `phonenumbers` itself."""

from __future__ import annotations

from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

from calling_codes import CODES, is_assigned

# Countries whose numbers keep a zero behind the country code.
KEEPS_ZERO = {39, 378, 47, 225, 227, 229, 241, 242, 267, 268, 501, 676, 679, 687, 853}
NO_COUNTRY = "001"


def metadata(region: str, code: int) -> PhoneMetadata:
    if region == NO_COUNTRY:
        found = PhoneMetadata.metadata_for_nongeo_region(code, None)
    else:
        found = PhoneMetadata.metadata_for_region(region, None)
    assert found is not None
    return found


@cache
def lengths(code: int) -> frozenset[int]:
    """How many digits may follow the country code; any number where nothing is known."""
    if code == 1:
        return frozenset({10})
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ())
    possible: set[int] = set()
    for region in regions:
        description = metadata(region, code).general_desc
        possible.update(description.possible_length if description else ())
    return frozenset(possible or range(1, 15))


def can_be_called(digits: str) -> bool:
    if not is_assigned(digits):
        return False
    code = next(digits[:length] for length in (1, 2, 3) if is_code(digits[:length]))
    national = digits[len(code) :]
    if len(national) not in lengths(int(code)) or not 7 <= len(digits) <= 15:
        return False
    if national[0] == "0":
        return int(code) in KEEPS_ZERO
    if code == "1":
        return national[0] in "23456789" and national[3] in "23456789"
    if code == "375" and national[0] == "8":
        return national[1] == "0" and len(national) < 11
    return True


@cache
def is_code(code: str) -> bool:
    return code in CODES
