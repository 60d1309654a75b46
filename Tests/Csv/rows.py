"""What a check says of each of many numbers, in one file."""

from __future__ import annotations

import csv
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from checking import answer_to_text


class Verdict(NamedTuple):
    # As `acceptedFile` has it; None for a row that was rejected.
    accepted: str | None
    kind: str | None = None
    suggestion: str | None = None
    message: str | None = None

    @property
    def suggested_number(self) -> str | None:
        if self.suggestion is None or not re.fullmatch(r"\+[0-9]+", self.suggestion):
            return None
        return self.suggestion


def verdicts(numbers: list[str], **options: object) -> list[Verdict]:
    rows = "".join(
        '"{}",{}\n'.format(number.replace('"', '""'), index) for index, number in enumerate(numbers)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "accepted.csv"
        given = answer_to_text(
            ("phone_number,place\n" + rows).encode(),
            acceptedFile=str(path),
            maxProblems=1_000_000,
            duplicates=False,
            **options,
        )
        assert given["ok"], given
        with path.open(encoding="utf-8", newline="") as file:
            accepted = {int(place): number for number, place in list(csv.reader(file))[1:]}
    report = given["data"]
    assert report["rows"]["accepted"] == len(accepted)
    found = {place: Verdict(number) for place, number in accepted.items()}
    for problem in report["problems"]:
        if problem["severity"] == "error":
            found[problem["row"] - 1] = Verdict(
                None, problem["kind"], problem["suggestion"], problem["message"]
            )
    assert len(found) == len(numbers), "each row is accepted or rejected"
    return [found[place] for place in range(len(numbers))]


def verdict(number: str, **options: object) -> Verdict:
    return verdicts([number], **options)[0]
