"""The country codes that the ITU has assigned (list annexed to the Operational Bulletin, E.164)."""

from __future__ import annotations


def _span(first: int, last: int) -> set[str]:
    return {str(code) for code in range(first, last + 1)}


# Written down apart from the library's table, by zone.
CODES = (
    {"1", "7", "20", "27"}
    | {"211", "212", "213", "216", "218", "290", "291", "297", "298", "299"}
    | (_span(220, 269) - {"259"})
    | (_span(30, 49) - {"35", "37", "38", "42"})
    | _span(350, 359)
    | _span(370, 383)
    | {"385", "386", "387", "389", "420", "421", "423"}
    | _span(51, 58)
    | _span(500, 509)
    | _span(590, 599)
    | _span(60, 66)
    | (_span(670, 692) - {"671", "684"})
    | {"81", "82", "84", "86", "800", "808", "850", "852", "853", "855", "856"}
    | {"870", "878", "880", "881", "882", "883", "886", "888"}
    | (_span(90, 98) - {"96", "97"})
    | _span(960, 968)
    | (_span(970, 979) - {"978"})
    | {"992", "993", "994", "995", "996", "998"}
)


def is_assigned(digits: str) -> bool:
    return any(digits[:length] in CODES for length in (1, 2, 3))
