"""No number of any country, however it is written or damaged, is taken for another one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from generated import Row, row, row_within
from plans import REGIONS
from rows import Verdict, verdicts
from seed import SEED

FILE = 50_000


def test_no_accepted_number_differs_from_what_was_meant(numbers: int) -> None:
    random_ = random.Random(SEED)
    counts: Counter[str] = Counter()
    left = numbers - numbers // 2
    while left > 0:
        size = min(left, FILE)
        left -= size
        made = [row(random_, random_.choice(REGIONS)) for _ in range(size)]
        counts += _judge(made, {})
    for options, made in _files_with_a_default_country(random_, numbers // 2):
        counts += _judge(made, options)
    print(dict(counts))
    assert counts.total() >= numbers
    # A check that accepts nothing, or knows nothing, has no wrong numbers either.
    assert counts["accepted"] > numbers // 4
    assert counts["suggested"] > numbers // 10
    assert counts["rejected"] > numbers // 10


def _files_with_a_default_country(
    random_: random.Random, numbers: int
) -> Iterator[tuple[dict[str, object], list[Row]]]:
    each = numbers // (2 * len(REGIONS)) + 1
    for region in REGIONS:
        for assumes in (False, True):
            made: list[Row] = []
            while len(made) < each:
                found = row_within(random_, region)
                if found is not None:
                    made.append(found)
            yield {"defaultCountry": region, "assumeCountry": assumes}, made


def _judge(made: list[Row], options: dict[str, object]) -> Counter[str]:
    found = verdicts([one.text for one in made], **options)
    counts: Counter[str] = Counter()
    suggested = set()
    for one, given in zip(made, found, strict=True):
        _is_right(one, given, options)
        if given.accepted is not None:
            counts["accepted"] += 1
        elif given.suggested_number is not None:
            counts["suggested"] += 1
            suggested.add(given.suggested_number)
        else:
            counts["rejected"] += 1
    again = verdicts(sorted(suggested), **options)
    assert [one.accepted for one in again] == sorted(suggested), "what is suggested is accepted"
    return counts


def _is_right(made: Row, given: Verdict, options: dict[str, object]) -> None:
    shown = (made.text, made.meant.e164, made.how, given, options, SEED)
    if made.is_good:
        assert given.accepted == made.meant.e164, shown
    assert given.accepted in (None, made.meant.e164), shown
    assert given.suggested_number in (None, made.meant.e164), shown
