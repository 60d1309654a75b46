"""Very many rows of all countries, good and damaged: none is accepted for another number."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from checking import answer_to_file
from national_numbers import NO_COUNTRY, metadata
from seed import SEED
from test_countries import Example, examples

ROWS_OF_A_FILE = 25_000
SEPARATORS = [" ", "-", ".", " - ", "  ", ""]
INVISIBLE = ["\u00a0", "\u200b", "\u200f", "\u202c", "\ufeff", "\u2011"]

# What stands in a row, and the number that was meant; None where nothing can tell.
Row = tuple[str, str | None]
Damage = Callable[[random.Random, Example, str], Row | None]


def digits_of(number: str) -> str:
    return number.removeprefix("+")


def is_possible(number: str) -> bool:
    """As the package sees it: what is, cannot be told from a number."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    return reason != ValidationResult.TOO_LONG and reason != ValidationResult.TOO_SHORT


def neighbour(random_: random.Random, example: Example) -> str:
    """A number of the same kind, with other digits at its end."""
    e164 = example.e164
    for _ in range(5):
        count = random_.randrange(1, 4)
        end = "".join(random_.choices("0123456789", k=count))
        other = e164[:-count] + end
        if phonenumbers.is_valid_number(phonenumbers.parse(other)):
            return other
    return e164


def as_it_is(_: random.Random, _example: Example, number: str) -> Row:
    return number, number


def international(_: random.Random, _example: Example, number: str) -> Row:
    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL), number


def separated(random_: random.Random, example: Example, number: str) -> Row:
    code, rest = str(example.code), digits_of(number)[len(str(example.code)) :]
    separator = random_.choice(SEPARATORS)
    groups = [rest[start : start + 3] for start in range(0, len(rest), 3)]
    opening = random_.choice([f"+{code}", f"(+{code})", f"+{code} ({groups[0]})"])
    if "(" in opening[1:]:
        groups = groups[1:]
    if "." in separator and not groups[-1].strip("0"):
        # As of a decimal: nothing can tell, and the row is refused.
        separator = " "
    return separator.join([opening, *groups]), number


def cut(random_: random.Random, _: Example, number: str) -> Row | None:
    shorter = number[: -random_.randrange(1, 6)]
    return None if is_possible(shorter) else (shorter, None)


def glued_extension(random_: random.Random, _: Example, number: str) -> Row | None:
    longer = number + str(random_.randrange(1, 10_000))
    return None if is_possible(longer) else (longer, None)


def two_in_one(random_: random.Random, _: Example, number: str) -> Row | None:
    between = random_.choice(["", " ", "/", ",", ";", " or ", "\n"])
    other = random_.choice([number, digits_of(number), number[-7:]])
    text = number + between + other
    return None if is_possible(text) else (text, None)


def trunk_left_in(random_: random.Random, example: Example, number: str) -> Row | None:
    if example.region == NO_COUNTRY:
        return None
    trunk = metadata(example.region, example.code).national_prefix
    if not trunk:
        return None
    rest = digits_of(number)[len(str(example.code)) :]
    form = random_.choice(["+{}{}{}", "+{} ({}){}", "+{} {} {}", "+{}({}){}"])
    return form.format(example.code, trunk, rest), number


def lost_plus(_: random.Random, _example: Example, number: str) -> Row:
    return digits_of(number), number


def dialled_from_abroad(random_: random.Random, _: Example, number: str) -> Row:
    prefix = random_.choice(["00", "011", "0011", "810"])
    return prefix + random_.choice(["", " "]) + digits_of(number), number


def decimal(random_: random.Random, _: Example, number: str) -> Row:
    text = random_.choice([number, digits_of(number)])
    return text + random_.choice([".0", ".00", ",0", ".00000", ".5", ",25"]), number


def exponent(random_: random.Random, _: Example, number: str) -> Row:
    value = float(digits_of(number))
    return random_.choice(["{:.5E}", "{:.2e}", "{:.9E}"]).format(value), None


def wrapped(random_: random.Random, _: Example, number: str) -> Row:
    form = random_.choice(["'{}", "tel:{}", '="{}"', "TEL: {}", "''{}", "'{} "])
    return form.format(number), number


def invisible(random_: random.Random, _: Example, number: str) -> Row:
    at = random_.randrange(len(number) + 1)
    return number[:at] + random_.choice(INVISIBLE) + number[at:], number


def full_width(random_: random.Random, _: Example, number: str) -> Row:
    first = random_.randrange(len(number))
    wide = "".join(chr(ord(each) + 0xFEE0) for each in number[first:])
    return number[:first] + wide, number


def word_behind(random_: random.Random, _: Example, number: str) -> Row:
    return number + random_.choice([" x5", " ext. 12", "#7", " (5)", " home", "?"]), None


DAMAGES: list[Damage] = [
    cut, glued_extension, two_in_one, trunk_left_in, lost_plus, dialled_from_abroad, decimal,
    exponent, wrapped, invisible, full_width, word_behind,
]  # fmt: skip
GOOD: list[Damage] = [as_it_is, international, separated]


def rows(random_: random.Random, count: int) -> list[tuple[str, Row]]:
    everything = list(examples())
    made: list[tuple[str, Row]] = []
    while len(made) < count:
        example = random_.choice(everything)
        number = neighbour(random_, example)
        way = random_.choice(GOOD) if random_.randrange(3) else random_.choice(DAMAGES)
        row = way(random_, example, number)
        if row is not None:
            made.append((way.__name__, row))
    return made


def test_no_row_is_accepted_for_another_number(rows_of_all_countries: int, tmp_path: Path) -> None:
    random_ = random.Random(SEED)
    path, accepted = tmp_path / "contacts.csv", tmp_path / "accepted.csv"
    counts: Counter[str] = Counter()
    for start in range(0, rows_of_all_countries, ROWS_OF_A_FILE):
        made = rows(random_, min(ROWS_OF_A_FILE, rows_of_all_countries - start))
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["phone_number", "row"])
        writer.writerows((row[0], number) for number, (_, row) in enumerate(made))
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        found = answer_to_file(
            path, maxProblems=ROWS_OF_A_FILE, duplicates=False, acceptedFile=str(accepted)
        )["data"]
        with accepted.open(newline="", encoding="utf-8") as file:
            dialled = {int(row["row"]): row["phone_number"] for row in csv.DictReader(file)}
        errors = [problem for problem in found["problems"] if problem["severity"] == "error"]
        suggested = {each["row"] - 1: each["suggestion"] or "" for each in errors}
        assert len(dialled) + len(suggested) == len(made)
        for number, (way, (written, meant)) in enumerate(made):
            said = dialled.get(number) or suggested[number]
            is_number = said[:1] == "+" and said[1:].isdigit()
            assert not is_number or same(said, meant), (SEED, way, written, meant, said)
            counts[f"{way} {'accepted' if number in dialled else 'refused'}"] += 1
    for form in GOOD:
        refused = counts[f"{form.__name__} refused"]
        assert refused == 0, (SEED, counts)
    for damage in DAMAGES:
        assert counts[f"{damage.__name__} accepted"] == 0, (SEED, counts)


def same(one: str, other: str | None) -> bool:
    return other is not None and phonenumbers.parse(one) == phonenumbers.parse(other)
