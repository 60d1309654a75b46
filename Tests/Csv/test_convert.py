"""Files in other encodings and with other delimiters, read as they are recognised."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from checking import Report, refusal, report

A, B = "+12025550164", "+442071838750"
KIB = 1024


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def _converted(data: bytes, folder: Path, **options: object) -> tuple[Report, list[list[str]]]:
    """From memory and from a file, which must come to the same."""
    accepted = folder / "accepted.csv"
    found = report(data, convert=True, acceptedFile=str(accepted), **options)
    return found, _rows(accepted)


def _table(delimiter: str) -> str:
    return (
        f"name{delimiter}phone_number{delimiter}note\n"
        f'Zoë{delimiter}+1 (202) 555-0164{delimiter}"a, ""b"""\n'
        f'"Moss{delimiter} Ada"{delimiter}{B}{delimiter}"x, y"\n'
        f'Cy{delimiter}"{A}"{delimiter}"two\nlines"\n'
    )


def _wanted(delimiter: str) -> list[list[str]]:
    return [
        ["name", "phone_number", "note"],
        ["Zoë", A, 'a, "b"'],
        [f"Moss{delimiter} Ada", B, "x, y"],
        ["Cy", A, "two\nlines"],
    ]


DELIMITERS = [",", ";", "\t", "|"]
ENCODINGS = [
    ("UTF-8", "UTF-8", b"", "utf-8"),
    ("UTF-8 with a mark", "UTF-8", b"\xef\xbb\xbf", "utf-8"),
    ("UTF-16, little-endian, with a mark", "UTF-16LE", b"\xff\xfe", "utf-16-le"),
    ("UTF-16, big-endian, with a mark", "UTF-16BE", b"\xfe\xff", "utf-16-be"),
    ("UTF-16, little-endian, without a mark", "UTF-16LE", b"", "utf-16-le"),
    ("UTF-16, big-endian, without a mark", "UTF-16BE", b"", "utf-16-be"),
    ("Windows-1252", "Windows-1252", b"", "cp1252"),
]


@pytest.mark.parametrize("delimiter", DELIMITERS, ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize(
    ("name", "mark", "codec"), [r[1:] for r in ENCODINGS], ids=[r[0] for r in ENCODINGS]
)
def test_each_encoding_with_each_delimiter(
    delimiter: str, name: str, mark: bytes, codec: str, tmp_path: Path
) -> None:
    found, rows = _converted(mark + _table(delimiter).encode(codec), tmp_path)
    assert (found["encoding"], found["delimiter"]) == (name, delimiter)
    assert found["hasBOM"] == bool(mark)
    assert rows == _wanted(delimiter)
    assert report((tmp_path / "accepted.csv").read_bytes())["valid"]


def test_nothing_is_converted_unless_asked_for() -> None:
    assert refusal(_table(";"))["code"] == "delimiter"
    assert "'convert'" in refusal(_table(";"))["message"]
    assert "'convert'" in refusal(_table(",").encode("utf-16"))["message"]
    assert "encoding" not in report(_table(","))


def test_a_good_file_stays_byte_for_byte(tmp_path: Path) -> None:
    data = f'phone_number,note\r\n{A},"a, ""b"""\r\n{B}, x \r\n'.encode()
    _converted(data, tmp_path)
    assert (tmp_path / "accepted.csv").read_bytes() == data


EXCEL_LINES = [
    ("sep=;\r\n", ";"),
    ("SEP=;\n", ";"),
    ("\ufeffsep=;\r\n", ";"),
    ("sep=,\n", ","),
    ("sep=\t\n", "\t"),
    ("\n\nsep=|\n", "|"),
]


@pytest.mark.parametrize(("line", "delimiter"), EXCEL_LINES, ids=[repr(r[0]) for r in EXCEL_LINES])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
def test_the_line_for_excel_is_read_and_left_out(
    line: str, delimiter: str, codec: str, tmp_path: Path
) -> None:
    if codec == "utf-16-le" and not line.startswith("\ufeff"):
        line = "\ufeff" + line
    found, rows = _converted((line + _table(delimiter)).encode(codec), tmp_path)
    assert found["delimiter"] == delimiter
    assert rows == _wanted(delimiter)


def test_rejected_rows_are_converted_too(tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.csv"
    text = 'name;Mobile;note\nZoë;"5";a, b\n'
    report(text.encode("cp1252"), convert=True, phoneColumn="Mobile", rejectedFile=str(rejected))
    assert [row[:3] for row in _rows(rejected)] == [
        ["name", "Mobile", "note"],
        ["Zoë", "5", "a, b"],
    ]


def test_pieces_are_converted_too(tmp_path: Path) -> None:
    found = report(
        _table(";").encode("utf-16"),
        convert=True,
        splitFile=str(tmp_path / "{n}.csv"),
        splitRows=2,
    )
    rows = [_rows(Path(piece)) for piece in found["splitFiles"]]
    assert rows[0] + rows[1][1:] == _wanted(";")


def test_every_character_of_windows_1252(tmp_path: Path) -> None:
    known = [byte for byte in range(0x80, 0x100) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)]
    found, rows = _converted(
        b"phone_number;note\n" + A.encode() + b";" + bytes(known) + b"\n", tmp_path
    )
    assert found["encoding"] == "Windows-1252"
    assert rows[1] == [A, bytes(known).decode("cp1252")]


def test_a_byte_that_is_no_character_rejects_its_row_alone(tmp_path: Path) -> None:
    data = b"phone_number,note\n+12025550164,\x81\xe9\n+442071838750,\xe9\n"
    found, rows = _converted(data, tmp_path)
    assert found["rows"]["rejected"] == 1
    (problem,) = found["problems"]
    assert (problem["kind"], problem["row"]) == ("encoding", 1)
    assert rows[1:] == [[B, "é"]]


def test_a_file_in_two_encodings_is_read_as_utf_8(tmp_path: Path) -> None:
    data = f"phone_number,note\n{A},é\n".encode() + f"{B},é\n".encode("cp1252")
    found, rows = _converted(data, tmp_path)
    assert found["encoding"] == "UTF-8"
    assert [problem["kind"] for problem in found["problems"]] == ["encoding"]
    assert rows[1:] == [[A, "é"]]


HALVES = [
    ("A lone high surrogate", "\ud83dx".encode("utf-16-le", "surrogatepass")),
    ("A lone low surrogate", "\ude00x".encode("utf-16-le", "surrogatepass")),
]


@pytest.mark.parametrize("half", [r[1] for r in HALVES], ids=[r[0] for r in HALVES])
def test_half_a_character_of_utf_16_rejects_its_row_alone(half: bytes, tmp_path: Path) -> None:
    data = (
        f"\ufeffphone_number,note\n{A},".encode("utf-16-le")
        + half
        + f"\n{B},😀\n".encode("utf-16-le")
    )
    found, rows = _converted(data, tmp_path)
    assert [problem["kind"] for problem in found["problems"]] == ["encoding"]
    assert rows[1:] == [[B, "😀"]]


def test_an_odd_byte_at_the_end_of_utf_16_rejects_the_last_row(tmp_path: Path) -> None:
    data = f"\ufeffphone_number,note\n{A},x\n{B},y".encode("utf-16-le") + b"z"
    found, rows = _converted(data, tmp_path)
    assert [problem["kind"] for problem in found["problems"]] == ["encoding"]
    assert rows[1:] == [[A, "x"]]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("shift", range(5))
def test_long_files_across_the_borders_of_buffers(codec: str, shift: int, tmp_path: Path) -> None:
    emoji = "" if codec == "cp1252" else "😀"
    rows = [[f"+1202555{number:04}", f'Zoë, "{emoji}"; {number}'] for number in range(9000)]
    lines = "".join('{};"{}"\n'.format(a, b.replace('"', '""')) for a, b in rows)
    text = "phone_number;note" + "x" * shift + "\n" + lines
    mark = "\ufeff" if codec.startswith("utf-16") else ""
    data = (mark + text).encode(codec)
    assert len(data) > 2 * 128 * KIB
    found, got = _converted(data, tmp_path)
    assert found["rows"]["accepted"] == len(rows)
    assert got[1:] == rows


def test_what_is_no_text_is_refused_all_the_same() -> None:
    for data in (
        b"PK\x03\x04\x14\0\x06\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        b"\x1f\x8b\x08\0",
        b"%PDF-",
    ):
        assert refusal(data, convert=True)["code"] == "encoding"
    assert refusal(_table(",").encode("utf-32"), convert=True)["code"] == "encoding"
    assert refusal("", convert=True)["code"] == "empty"
    assert refusal("sep=;\n", convert=True)["code"] == "empty"


def test_a_rounded_number_with_a_decimal_comma_is_found_between_semicolons() -> None:
    found = report("phone_number;name\n4,41E+11;Ada\n12025550164,0;Ben\n", convert=True)
    assert [one["kind"] for one in found["problems"]] == ["scientific", "decimal"]
