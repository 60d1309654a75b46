"""Files of other programs, read as they are and written as the service wants them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from checking import refusal, report

A, B = "+12025550164", "+442071838750"
TABLE = [["phone_number", "name"], [A, 'Zoë "Z", €'], [B, "two\nlines; a\tb|c"]]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def written(delimiter: str, table: list[list[str]] = TABLE) -> str:
    def field(text: str) -> str:
        needs = any(each in text for each in f'{delimiter}"\n,')
        return '"' + text.replace('"', '""') + '"' if needs else text

    return "".join(delimiter.join(map(field, row)) + "\n" for row in table)


ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("utf-8-sig", "UTF-8"),
    ("utf-16-le", "UTF-16LE"),
    ("utf-16-be", "UTF-16BE"),
    ("utf-16", "UTF-16LE"),
    ("cp1252", "Windows-1252"),
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(("encoding", "name"), ENCODINGS, ids=[row[0] for row in ENCODINGS])
def test_every_encoding_with_every_delimiter(
    encoding: str, name: str, delimiter: str, tmp_path: Path
) -> None:
    accepted = tmp_path / "accepted.csv"
    data = written(delimiter).encode(encoding)
    found = report(data, convert=True, acceptedFile=str(accepted))
    assert (found["encoding"], found["delimiter"]) == (name, delimiter)
    assert found["valid"]
    assert rows_of(accepted) == TABLE
    assert report(accepted.read_bytes())["valid"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_line_for_excel_names_the_delimiter(delimiter: str, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    data = f"sep={delimiter}\n{written(delimiter)}"
    found = report(data, convert=True, acceptedFile=str(accepted))
    assert found["delimiter"] == delimiter
    assert rows_of(accepted) == TABLE


def test_every_character_of_windows_1252(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    characters = [bytes([each]) for each in range(0x80, 0x100)]
    known = b"".join(each for each in characters if each.decode("cp1252", "ignore"))
    data = b"phone_number,name\n" + A.encode() + b"," + known + b"\n"
    assert report(data, convert=True, acceptedFile=str(accepted))["valid"]
    assert rows_of(accepted)[1][1] == known.decode("cp1252")


def test_what_is_no_character_rejects_its_row() -> None:
    windows = f"phone_number,name\n{A},Zo\xeb\n{B},".encode("latin-1") + b"\x81\n"
    found = report(windows, convert=True)
    assert [(one["kind"], one["row"]) for one in found["problems"]] == [("encoding", 2)]
    lone = f"phone_number,name\n{A},Zoë\n{B},".encode("utf-16-le") + b"\x00\xd8\n\x00"
    found = report(lone, convert=True)
    assert [(one["kind"], one["row"]) for one in found["problems"]] == [("encoding", 2)]
    half = f"phone_number,name\n{A},Zoë\n{B},x".encode("utf-16-le")[:-1]
    assert report(half, convert=True)["rows"]["rejected"] == 1


def test_a_file_of_two_encodings_is_judged_row_by_row() -> None:
    data = f"phone_number,name\n{A},Zoë\n".encode() + f"{B},Zoë\n".encode("cp1252")
    found = report(data, convert=True)
    assert found["encoding"] == "UTF-8"
    assert [(one["kind"], one["row"]) for one in found["problems"]] == [("encoding", 2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp1252"])
def test_long_files_are_converted_over_the_borders_of_buffers(
    encoding: str, tmp_path: Path
) -> None:
    accepted = tmp_path / "accepted.csv"
    row = [A, "é€ß" * 7 + "x"]
    for shift in range(4):
        table = [["phone_number", "name"], [B, "y" * shift], *[row] * 9_000]
        data = written(";", table).encode(encoding)
        found = report(data, convert=True, duplicates=False, acceptedFile=str(accepted))
        assert found["rows"]["accepted"] == 9_001
        assert rows_of(accepted) == table


def test_characters_beyond_the_first_plane(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    table = [["phone_number", "name"], [A, "\U0001f600" * 40_000]]
    data = written(",", table).encode("utf-16-be")
    assert report(data, convert=True, acceptedFile=str(accepted))["valid"]
    assert rows_of(accepted) == table


def test_nothing_is_converted_without_being_asked_to() -> None:
    assert refusal(written(";"))["code"] == "delimiter"
    assert "convert" in refusal(written(";"))["message"]
    assert refusal(written(",").encode("utf-16"))["code"] == "encoding"
    assert "encoding" not in report(f"phone_number\n{A}\n")


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04....", b"\xd0\xcf\x11\xe0....", b"", b"\n\n", b"%PDF-"]
)
def test_what_is_no_text_stays_an_error(data: bytes) -> None:
    assert refusal(data, convert=True)["code"] in ("encoding", "empty")


def test_pieces_are_counted_in_what_is_written(tmp_path: Path) -> None:
    table = [["phone_number", "name"], *[[A, "n" * 1_000]] * 15_000]
    data = written(";", table).encode("utf-16-le")
    path = tmp_path / "contacts.txt"
    path.write_bytes(data)
    found = report(data, convert=True, duplicates=False, splitFile=str(tmp_path / "p-{n}.csv"))
    # 30 MB as they are stored, 15 as they are written.
    assert (found["pieces"], found["valid"]) == (1, True)
