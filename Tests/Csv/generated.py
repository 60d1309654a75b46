"""Rows as people write them, good and damaged, each with the number that is meant."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from plans import (
    KEEPS_ZERO,
    REGIONS,
    can_be_called,
    examples,
    is_possible_within,
    parts,
    regions_of,
    trunk_prefix,
)

# Left out of a number, wherever they stand.
SEPARATORS = [" ", "-", ".", "  ", " - "]
# They look like usual characters, or like none.
HIDDEN = [
    "\u00a0", "\u00ad", "\u2009", "\u200b", "\u200e", "\u200f", "\u202a", "\u202c", "\u202f",
    "\u2060", "\u2066", "\u2069", "\ufeff", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014",
    "\u2212",
]  # fmt: skip
WRAPPINGS = [
    "'{}", "''{}", '="{}"', "tel:{}", "TEL: {}", "callto:{}", "phone:{}", "'tel:{}", "\u00a0{}",
    "'\u00a0tel:{}", '="\u200b{}"', "\ufeff'{}", "'\u202atel:{}\u202c", "tel:\u00a0{}",
]  # fmt: skip
OTHER_WRAPPINGS = [
    '"{}"', "<{}>", "Tel. {}", "call {}", "{} (home)", "mobile: {}", "[{}]", "{};", "*{}", "{}*",
    "~{}", "{}?", "p:{}", "{}#", "(c) {}", "sip:{}@example.org",
]  # fmt: skip
EXTENSIONS = [" x{}", " ext. {}", ";ext={}", "#{}", " ({})", "w{}", " EXT{}", ",{}", " #{}", "/{}"]


class Meant(NamedTuple):
    region: str
    number: PhoneNumber
    e164: str

    @property
    def digits(self) -> str:
        return self.e164[1:]

    @property
    def code(self) -> str:
        return str(self.number.country_code)

    @property
    def significant(self) -> str:
        return phonenumbers.national_significant_number(self.number)

    def written(self, form: int) -> str:
        return phonenumbers.format_number(self.number, form)


class Row(NamedTuple):
    text: str
    meant: Meant
    # How it was written or damaged.
    how: str
    # Whether it must be accepted; other rows may be, as the number that is meant.
    is_good: bool = False


@cache
def numbers() -> dict[str, list[Meant]]:
    """Valid numbers of each country, of all types."""
    random_ = random.Random("numbers")
    found: dict[str, list[Meant]] = {}
    for example in examples():
        if example.is_too_short_to_call or example.region == "001":
            continue
        pool = found.setdefault(example.region, [])
        pool.append(Meant(example.region, example.number, example.e164))
        for _ in range(12):
            keep = len(example.e164) - random_.randrange(1, 5)
            tail = "".join(random_.choices("0123456789", k=len(example.e164) - keep))
            number = phonenumbers.parse(example.e164[:keep] + tail)
            if phonenumbers.is_valid_number(number):
                written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
                pool.append(Meant(example.region, number, written))
    assert sorted(found) == REGIONS
    return found


# MARK: Good rows


def _separated(random_: random.Random, digits: str, separators: list[str]) -> str:
    """Separators between some digits, never before the last one alone."""
    text = "+" + digits[0]
    for index, digit in enumerate(digits[1:], 1):
        if index < len(digits) - 1 and not random_.randrange(3):
            text += random_.choice(separators)
        text += digit
    return text


def _e164(random_: random.Random, meant: Meant) -> str:
    return meant.e164


def _international(random_: random.Random, meant: Meant) -> str:
    return meant.written(PhoneNumberFormat.INTERNATIONAL)


def _dashed(random_: random.Random, meant: Meant) -> str:
    return _separated(random_, meant.digits, [" ", "-", "  ", " - "])


def _spaced_around(random_: random.Random, meant: Meant) -> str:
    return random_.choice(["  {}", "{}\t", " {} ", "\t{}\n"]).format(meant.e164)


GOOD: list[Callable[[random.Random, Meant], str]] = [_e164, _international, _dashed, _spaced_around]


# MARK: Damaged rows


def _dotted(random_: random.Random, meant: Meant) -> str:
    text = _separated(random_, meant.digits, ["."])
    # Written as a decimal number is, it is one.
    return meant.e164 if re.fullmatch(r"\+[0-9]+\.0+", text) else text


def _mixed(random_: random.Random, meant: Meant) -> str:
    text = _separated(random_, meant.digits, SEPARATORS)
    return meant.e164 if re.fullmatch(r"\+[0-9]+\.0+", text) else text


def _any_form(random_: random.Random, meant: Meant) -> str:
    return random_.choice([*GOOD[:3], _e164, _dotted])(random_, meant)


def _cut(random_: random.Random, meant: Meant) -> str | None:
    short = meant.e164[: random_.randrange(2, len(meant.e164))]
    return _untold(short, meant)


def _cut_at_the_front(random_: random.Random, meant: Meant) -> str | None:
    return _untold("+" + meant.digits[random_.randrange(1, len(meant.digits)) :], meant)


def _swollen(random_: random.Random, meant: Meant) -> str | None:
    glued = random_.choice(["", " ", "-"]) + str(random_.randrange(10 ** random_.randrange(1, 5)))
    return _untold(_any_form(random_, meant) + glued, meant)


def _untold(text: str, meant: Meant) -> str | None:
    """None for what nobody can tell from another number, or from one with its trunk prefix."""
    digits = re.sub("[^0-9]", "", text)
    found = parts(digits)
    if can_be_called(digits):
        return None
    if found is not None:
        code, national = found
        for trunk in ("0", "8", "80", *_trunk_prefixes(code)):
            if national.startswith(trunk) and can_be_called(str(code) + national[len(trunk) :]):
                return None
    return text


@cache
def _trunk_prefixes(code: int) -> frozenset[str]:
    return frozenset(trunk_prefix(region) for region in regions_of(code)) - {""}


def _two_numbers(random_: random.Random, meant: Meant) -> str | None:
    other = random_.choice(numbers()[random_.choice([meant.region, "US", "DE"])])
    between = random_.choice([" ", "/", ";", ",", " or ", "", "-", "\n", " / ", "|", " & ", "."])
    second = random_.choice([other.e164, other.digits, other.significant])
    text = meant.e164 + between + second
    return _untold(text, meant) if "+" not in second else text


def _extension(random_: random.Random, meant: Meant) -> str:
    extension = random_.choice(EXTENSIONS).format(random_.randrange(1, 10_000))
    return _any_form(random_, meant) + extension


def _trunk(random_: random.Random, meant: Meant) -> str | None:
    prefixes = [trunk_prefix(meant.region)] if meant.code != "1" else []
    prefixes += [] if int(meant.code) in KEEPS_ZERO else ["0"]
    prefixes = [prefix for prefix in prefixes if prefix]
    if not prefixes:
        return None
    form = random_.choice(["+{} ({}){}", "+{}({}){}", "+{} {}{}", "+{}{}{}", "+{}-{}-{}"])
    text = form.format(meant.code, random_.choice(prefixes), meant.significant)
    # Some numbers with it are numbers of their own.
    return None if can_be_called(re.sub("[^0-9]", "", text)) else text


def _lost_plus(random_: random.Random, meant: Meant) -> str:
    return _any_form(random_, meant).replace("+", "")


def _dialled(random_: random.Random, meant: Meant) -> str:
    prefix = random_.choice(["00", "011", "0011", "810", "8~10", "00 ", "011-", "+00", "+ 00"])
    return prefix + _any_form(random_, meant).lstrip("+")


def _decimal(random_: random.Random, meant: Meant) -> str:
    tail = random_.choice(
        [".0", ",0", ".00", ",00", ".00000", ".000", ".5", ",5", ",25", ",123456"]
    )
    text = random_.choice([meant.e164, meant.digits, _international(random_, meant)])
    return text + tail


def _dotted_decimal(random_: random.Random, meant: Meant) -> str:
    return _dotted(random_, meant) + random_.choice([".0", ".5", ",0", ",00", ",5"])


def _exponent(random_: random.Random, meant: Meant) -> str:
    digits = meant.digits
    places = random_.randrange(1, len(digits))
    mantissa = f"{digits[0]}{random_.choice('.,')}{digits[1 : 1 + places]}"
    sign = random_.choice(["", "+", "-"])
    return f"{random_.choice(['', '+'])}{mantissa}{random_.choice('eE')}{sign}{len(digits) - 1:02}"


def _wrapped(random_: random.Random, meant: Meant) -> str:
    return random_.choice(WRAPPINGS).format(_any_form(random_, meant))


def _wrapped_damage(random_: random.Random, meant: Meant) -> str | None:
    inner = random_.choice([_trunk, _dialled, _decimal, _full_width, _hidden, _cut])
    text = inner(random_, meant)
    return None if text is None else random_.choice(WRAPPINGS).format(text)


def _wrapped_otherwise(random_: random.Random, meant: Meant) -> str:
    return random_.choice(OTHER_WRAPPINGS).format(_any_form(random_, meant))


def _hidden(random_: random.Random, meant: Meant) -> str:
    text = _any_form(random_, meant)
    for _ in range(random_.randrange(1, 4)):
        at = random_.randrange(len(text) + 1)
        text = text[:at] + random_.choice(HIDDEN) + text[at:]
    return text


def _full_width(random_: random.Random, meant: Meant) -> str:
    share = random_.choice([0.2, 0.5, 1])
    wide = {ord(character): ord(character) - 0x30 + 0xFF10 for character in "0123456789"}
    wide[ord("+")] = 0xFF0B
    return "".join(
        character.translate(wide) if random_.random() < share else character
        for character in _any_form(random_, meant)
    )


def _other_digits(random_: random.Random, meant: Meant) -> str:
    zero = random_.choice([0x0660, 0x06F0, 0x0966, 0x1D7CE])
    at = random_.randrange(1, len(meant.e164))
    return "".join(
        chr(zero + int(character)) if index >= at else character
        for index, character in enumerate(meant.e164)
    )


def _in_the_bracket(random_: random.Random, meant: Meant) -> str:
    at = random_.randrange(2, len(meant.e164) - 1)
    return f"{meant.e164[:at]} ({meant.e164[at:]})"


def _lost_country(random_: random.Random, meant: Meant) -> str:
    national = meant.written(PhoneNumberFormat.NATIONAL)
    # Nobody writes twelve digits without what is dialled before them within the country: they are
    # numbers of machines, and look like numbers of other countries.
    return (
        national if len(meant.significant) > 11 else random_.choice([national, meant.significant])
    )


DAMAGES: list[Callable[[random.Random, Meant], str | None]] = [
    _dotted, _mixed, _cut, _cut_at_the_front, _swollen, _two_numbers, _extension, _trunk,
    _lost_plus, _dialled, _decimal, _dotted_decimal, _exponent, _wrapped, _wrapped_damage,
    _wrapped_otherwise, _hidden, _full_width, _other_digits, _in_the_bracket, _lost_country,
]  # fmt: skip


# MARK: Rows


def row(random_: random.Random, region: str) -> Row:
    """A row of a file without a default country."""
    meant = random_.choice(numbers()[region])
    if not random_.randrange(3):
        good = random_.choice(GOOD)
        return Row(good(random_, meant), meant, good.__name__, is_good=True)
    while True:
        damage = random_.choice(DAMAGES)
        text = damage(random_, meant)
        if text is not None:
            return Row(text, meant, damage.__name__)


def row_within(random_: random.Random, region: str) -> Row | None:
    """A row of a file with this default country, of which half of its numbers are."""
    if random_.randrange(2):
        meant = random_.choice(numbers()[region])
        text = meant.written(PhoneNumberFormat.NATIONAL)
        if random_.randrange(3):
            text = random_.choice(
                ["{}.0", "{},00", "'{}", "\u00a0{}", "tel:{}", '="{}"', "{} x5", "{} (5)", "{}"]
            ).format(text)
        return Row(text, meant, "national")
    made = row(random_, random_.choice([region, random_.choice(REGIONS)]))
    text = made.text.translate(_NARROW)
    # Without the plus, digits of another country can be a number of this one.
    for bare in (text, re.sub("[.,][0-9]+(?=[^0-9]*$)", "", text)):
        if "+" not in text and is_possible_within(region, re.sub("[^0-9]", "", bare)):
            return None
    return made


_NARROW = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {0xFF0B: 0x2B}
