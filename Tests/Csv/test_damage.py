"""A good file in which one byte is changed, taken out or put in: no row is lost."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from checking import answer_to_text
from oracle import expected
from seed import SEED


def good_file() -> bytes:
    rows = ["phone_number,first_name,note\r\n"]
    for number in range(40):
        rows += [
            f'+1202555{number:04},Zoë,"says ""hello"", twice"\r\n',
            f'"+49 30 55{number:04}",Jürgen,"two\r\nlines"\r\n',
            f"+1 (202) 556-{number:04},Ada,\r\n",
        ]
        if number % 10 == 0:
            rows.append(",,\r\n")
    return "".join(rows).encode()


def damaged(data: bytes, random_: random.Random) -> bytes:
    """One byte changed, removed or added; those that mean something in CSV more often."""
    at = random_.randrange(len(data))
    byte = random_.choice([*b'",\r\n\0+0\xff\xc3', random_.randrange(256)])
    kind = random_.randrange(3)
    if kind == 0:
        return data[:at] + bytes([byte]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + 1 :]
    return data[:at] + bytes([byte]) + data[at:]


def test_the_good_file_is_good() -> None:
    report = answer_to_text(good_file())["data"]
    assert report["problems"] == []
    assert report["rows"] == {"total": 124, "accepted": 120, "rejected": 0, "blank": 4}


def test_every_row_is_accepted_rejected_or_blank(damages: int, tmp_path: Path) -> None:
    random_ = random.Random(SEED)
    data = good_file()
    accepted, rejected = tmp_path / "accepted.csv", tmp_path / "rejected.csv"
    read = with_rejected = 0
    for _ in range(damages):
        damage = damaged(data, random_)
        given = answer_to_text(damage, acceptedFile=str(accepted), rejectedFile=str(rejected))
        wanted = expected(damage)
        assert given["ok"] == (wanted is not None), damage
        if wanted is None:
            continue
        rows = given["data"]["rows"]
        assert rows["accepted"] + rows["rejected"] + rows["blank"] == rows["total"]
        assert rows == wanted.counts._asdict(), damage
        assert _rows(accepted) == wanted.accepted
        assert len(_rows(rejected)) == rows["rejected"]
        assert [row[0] for row in _rows(rejected)] == [row[0] for row in wanted.rejected]
        read += 1
        with_rejected += rows["rejected"] > 0
    assert read > damages * 0.9
    assert with_rejected > damages * 0.1


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file))[1:]
