"""The check reads what Python's csv module reads, on very many small hostile files."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from checking import Report, answer_to_text
from oracle import Expected, expected
from seed import SEED

# Pieces rather than bytes alone, so that many files have a header and some rows a number.
PIECES = [
    *([b'"', b",", b"\n", b"\r", b"\r\n"] * 4),
    *[bytes([byte]) for byte in b"+0159 abE.-()\t"],
    *[b"\0", b"\x0b", b"\x1b", b"\xff", b"\xe9", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"\xe2\x82"],
    *[b'""', b'","', b'"\n', b'\n"', b"\xef\xbb\xbf", b"phone_number"],
    *[b"+12025550164", b"+442071838750", b"+1 (202) 555-0164", b"12025550164.0", b'"+12025550165"'],
]
HEADERS = [
    b"phone_number\n",
    b"phone_number,a\n",
    b'a,"phone_number",b\r\n',
    b"\xef\xbb\xbfphone_number,\n",
    b"",
]


NUMBERS = [b"+12025550164", b'"+442071838750"', b"+1 (202) 555-0165", b"12025550164", b"+49.0"]
VALUES = [
    b"",
    b"Ada",
    b'"Moss, Ada"',
    b'"a\r\nb"',
    b'"say ""hi"""',
    "Zoë".encode(),
    b"a\xffb",
    b" ",
]
LINE_ENDS = [b"\n", b"\n", b"\r\n", b"\r", b""]


def hostile_file(random_: random.Random) -> bytes:
    if random_.randrange(2):
        pieces = random_.choices(PIECES, k=random_.randrange(24))
        return random_.choice(HEADERS) + b"".join(pieces)
    file = b"phone_number,a\n"
    for _ in range(random_.randrange(6)):
        file += random_.choice(NUMBERS) + b"," + random_.choice(VALUES) + random_.choice(LINE_ENDS)
    at = random_.randrange(len(file) + 1)
    return file[:at] + random_.choice([b"", *PIECES]) + file[at + random_.randrange(2) :]


def test_small_hostile_files_are_read_as_python_reads_them(files: int, tmp_path: Path) -> None:
    random_ = random.Random(SEED)
    with_header = with_accepted = 0
    for number in range(files):
        data = hostile_file(random_)
        # Files cost a thousand times what the check does; the rows are compared in some.
        written = tmp_path if number % 50 == 0 else None
        wanted = _agrees(data, written)
        with_header += wanted is not None
        with_accepted += wanted is not None and wanted.counts.accepted > 0
    assert with_header > files // 2
    assert with_accepted > files // 20


def _agrees(data: bytes, folder: Path | None) -> Expected | None:
    options: dict[str, object] = {"maxProblems": 1000}
    if folder is not None:
        options["acceptedFile"] = str(folder / "accepted.csv")
        options["rejectedFile"] = str(folder / "rejected.csv")
    given = answer_to_text(data, **options)
    wanted = expected(data)
    if wanted is None:
        assert not given["ok"], data
        return None
    assert given["ok"], (data, given)
    report: Report = given["data"]
    assert report["rows"] == wanted.counts._asdict(), data
    assert report["duplicates"] == wanted.duplicates, data
    errors = [one for one in report["problems"] if one["severity"] == "error"]
    of_rows = [one for one in errors if one["row"] > 0]
    assert len(of_rows) == wanted.counts.rejected, data
    nobody = wanted.counts.accepted == wanted.counts.rejected == 0
    assert [one["kind"] for one in errors if one["row"] == 0] == ["no_rows"] * nobody, data
    if folder is not None:
        _agree_rows(data, folder, wanted, len(report["columns"]))
    return wanted


def _agree_rows(data: bytes, folder: Path, wanted: Expected, columns: int) -> None:
    accepted = _rows(folder / "accepted.csv")
    assert accepted[1:] == wanted.accepted, data
    rejected = _rows(folder / "rejected.csv")
    assert rejected[0][-1] == "reject_reason"
    for row, fields in zip(rejected[1:], wanted.rejected, strict=True):
        assert row[columns], "every row has a reason"
        padded = fields + [""] * (columns - len(fields))
        assert row[:columns] + row[columns + 1 :] == padded, data


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file))
