"""Sizes: the reader's buffer, the longest record, very many columns, the upload's 20 MB."""

from __future__ import annotations

import csv
import random
import time
from pathlib import Path

import pytest

from checking import answer_to_file, problems, raw_answer, refusal, report
from seed import SEED

A = "+12025550164"
KIB = 1024
LONGEST_RECORD = 1024 * KIB
LARGEST_UPLOAD = 20 * KIB * KIB


@pytest.mark.parametrize("size", [16 * KIB, 64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB])
def test_records_across_the_borders_of_a_buffer(size: int, tmp_path: Path) -> None:
    """What ends a record stands on each side of each border, in turn."""
    accepted = tmp_path / "accepted.csv"
    tail = f'{A},"a ""quoted"" é",x\r\n+442071838750,"two\r\nlines",\r\n'
    for shift in range(-len(tail.encode()) - 2, 3):
        filler = "f" * (size + shift - len(f"phone_number,a,b\r\n{A},,\r\n"))
        data = f"phone_number,a,b\r\n{A},{filler},\r\n{tail}".encode()
        given = raw_answer(data, f'{{"acceptedFile":"{accepted}"}}'.encode())
        assert given["data"]["rows"]["accepted"] == 3, (shift, given)
        assert accepted.read_bytes() == data


def test_fields_of_every_size_up_to_300_kib(tmp_path: Path) -> None:
    random_ = random.Random(SEED)
    accepted = tmp_path / "accepted.csv"
    sizes = [random_.randrange(300 * KIB) for _ in range(10)]
    sizes += [base + shift for base in (0, 64, 128 * KIB, 64 * KIB) for shift in range(0, 4)]
    random_.shuffle(sizes)
    values = ["".join(random_.choices('ab,"\n\réß', k=8)) * (size // 8) for size in sizes]
    lines = [f'{A},"{value.replace(chr(34), chr(34) * 2)}"\n' for value in values]
    data = ("phone_number,a\n" + "".join(lines)).encode()
    found = report(data, acceptedFile=str(accepted), duplicates=False)
    assert found["rows"]["accepted"] == len(sizes)
    assert accepted.read_bytes() == data


def test_a_record_of_a_mebibyte_is_read_and_a_longer_one_refused() -> None:
    def data(length: int) -> bytes:
        row = f'{A},"' + "x" * (length - len(A) - 3) + '"'
        assert len(row) == length
        return f"phone_number,a\n{row}\n{A},b\n".encode()

    assert report(data(LONGEST_RECORD - 1))["rows"]["accepted"] == 2
    error = refusal(data(LONGEST_RECORD + 1))
    assert error["code"] == "quote"
    assert "line 2" in error["message"]


def test_a_hundred_thousand_columns(tmp_path: Path) -> None:
    names = ["phone_number"] + [f"c{number}" for number in range(99_999)]
    row = [A] + ["x"] * 99_999
    accepted = tmp_path / "accepted.csv"
    data = f"{','.join(names)}\n{','.join(row)}\n{','.join(row[:-1])}\n".encode()
    start = time.monotonic()
    found = report(data, acceptedFile=str(accepted), requiredColumns=["c99998", "c0", "d"])
    # Comparing each name with each takes a minute.
    assert time.monotonic() - start < 10
    assert found["columns"] == names
    # The last value of the second row is missing, and it is called as the first is.
    assert [(problem["kind"], problem["row"]) for problem in found["problems"]] == [
        ("missing_column", 0),
        ("ragged", 2),
        ("empty_value", 2),
        ("duplicate", 2),
    ]
    assert accepted.read_bytes() == data[:-1] + b",\n"


def test_columns_without_a_name_by_the_thousand() -> None:
    found = report("phone_number" + "," * 5_000 + f"\n{A}" + "," * 5_000 + "\n")
    assert found["problemCount"] == 5_000
    assert found["valid"]


def test_blank_lines_beyond_a_buffer_before_the_header() -> None:
    found = report("\n" * 300_000 + f"phone_number\n5\n{A}\n")
    assert found["rows"]["total"] == 2
    assert found["problems"][0]["line"] == 300_002


def _contacts(size: int) -> bytes:
    """A contact file of exactly this size."""
    head = b"phone_number,note\n"
    row = b"+1202%07d," + b"n" * 200 + b"\n"
    count = (size - len(head)) // len(row % 2_000_000) - 1
    data = head + b"".join(row % (2_000_000 + number) for number in range(count))
    last = size - len(data) - len(b"+12039999999,\n")
    return data + b"+12039999999," + b"n" * last + b"\n"


def test_a_file_of_20_mb_is_one_upload_and_a_byte_more_is_two(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(_contacts(LARGEST_UPLOAD))
    found = answer_to_file(path)["data"]
    assert (found["bytes"], found["pieces"], found["valid"]) == (LARGEST_UPLOAD, 1, True)
    path.write_bytes(_contacts(LARGEST_UPLOAD + 1))
    found = answer_to_file(path)["data"]
    assert (found["bytes"], found["pieces"], found["valid"]) == (LARGEST_UPLOAD + 1, 2, False)
    (problem,) = found["problems"]
    assert (problem["kind"], problem["row"]) == ("too_large", 0)
    assert "splitFile" in problem["suggestion"]


def test_a_large_file_is_parted_between_rows(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(_contacts(2 * LARGEST_UPLOAD))
    counted = answer_to_file(path)["data"]["pieces"]
    found = answer_to_file(path, splitFile=str(tmp_path / "part-{n}.csv"))["data"]
    # Twice 20 MB do not go into two: each piece has a header, and ends with a row.
    assert found["pieces"] == counted == 3
    assert found["splitFiles"] == [str(tmp_path / f"part-{number}.csv") for number in (1, 2, 3)]
    rows = []
    for piece in found["splitFiles"]:
        data = Path(piece).read_bytes()
        assert len(data) <= LARGEST_UPLOAD
        assert raw_answer(data, None)["data"]["valid"]
        rows += data.splitlines(keepends=True)[1:]
    assert b"phone_number,note\n" + b"".join(rows) == path.read_bytes()


def test_bad_rows_by_the_hundred_thousand_end_in_the_file_of_bad_rows(tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.csv"
    data = ("phone_number\n" + "4.41E+11\n12025550164\n" * 50_000).encode()
    given = raw_answer(data, f'{{"rejectedFile":"{rejected}"}}'.encode())
    assert given["data"]["rows"]["rejected"] == 100_000
    with rejected.open(newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == 100_001


def test_a_long_row_that_is_blank_is_blank() -> None:
    assert problems("phone_number,a\n" + " " * 500_000 + "," + " " * 400_000 + f"\n{A},x\n") == []
