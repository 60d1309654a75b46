"""How a contact file is read: RFC 4180, encodings, delimiters, blank and ragged rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from checking import problems, refusal, report

A, B = "+12025550164", "+442071838750"

# What is in the file; what its rows are once read, as `acceptedFile` has them.
READ = [
    ("Lines end with LF", f"phone_number\n{A}\n{B}\n", [[A], [B]]),
    ("Lines end with CRLF", f"phone_number\r\n{A}\r\n{B}\r\n", [[A], [B]]),
    ("Lines end with CR, as on old Macs", f"phone_number\r{A}\r{B}\r", [[A], [B]]),
    ("Line ends are mixed", f"phone_number\n{A}\r\n{B}\r", [[A], [B]]),
    ("The last line needs no end", f"phone_number\n{A}\n{B}", [[A], [B]]),
    ("A file may have a byte order mark", f"\ufeffphone_number\n{A}\n", [[A]]),
    ("A byte order mark may stand before a quote", f'\ufeff"phone_number"\n{A}\n', [[A]]),
    ("A field may be in quotes", f'"phone_number","name"\n"{A}","Ada"\n', [[A, "Ada"]]),
    ("A comma may be in quotes", f'phone_number,name\n{A},"Moss, Ada"\n', [[A, "Moss, Ada"]]),
    ("A quote is written twice", f'phone_number,name\n{A},"""Ada"" M"\n', [[A, '"Ada" M']]),
    ("A line end may be in quotes", f'phone_number,n\n{A},"a\nb"\n{B},\n', [[A, "a\nb"], [B, ""]]),
    ("CRLF may be in quotes", f'phone_number,name\r\n{A},"a\r\nb"\r\n', [[A, "a\r\nb"]]),
    ("CR may be in quotes", f'phone_number,name\n{A},"a\rb"\n', [[A, "a\rb"]]),
    ("A quote within a value stays", f'phone_number,name\n{A},Ada "M"\n', [[A, 'Ada "M"']]),
    ("Empty values are values", f"phone_number,a,b\n{A},,\n", [[A, "", ""]]),
    ("Empty values may be in quotes", f'phone_number,a,b\n{A},"",""\n', [[A, "", ""]]),
    ("White space in values stays", f"phone_number,a\n{A},  x  \n", [[A, "  x  "]]),
    ("The number need not come first", f"name,phone_number\nAda,{A}\n", [["Ada", A]]),
    ("Any script may be in values", f"phone_number,n\n{A},Zoë 王 😀\n", [[A, "Zoë 王 😀"]]),
    ("Tabs may be in values", f"phone_number,n\n{A},a\tb\n", [[A, "a\tb"]]),
    ("Names are trimmed", f" phone_number , name\n{A},x\n", [[A, "x"]]),
    ("Names may be in any script", f"phone_number,größe,名前\n{A},1,x\n", [[A, "1", "x"]]),
    ("Lines before the header may be blank", f"\n  \r\nphone_number\n{A}\n", [[A]]),
    ("A semicolon in a value is no delimiter", f"phone_number,n\n{A},a;b\n", [[A, "a;b"]]),
]  # fmt: skip


@pytest.mark.parametrize(("csv", "rows"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_read(csv: str, rows: list[list[str]], tmp_path: Path) -> None:
    accepted, rejected = tmp_path / "accepted.csv", tmp_path / "rejected.csv"
    found = report(csv, acceptedFile=str(accepted), rejectedFile=str(rejected))
    assert found["valid"], found
    assert found["rows"] == {"total": len(rows), "accepted": len(rows), "rejected": 0, "blank": 0}
    assert _parsed(accepted)[1:] == rows
    assert len(_parsed(rejected)) == 1


def _parsed(path: Path) -> list[list[str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


BLANK = ["", " ", ",", ", ,", ",,,,,,", '""', '"",""', '" "', "\t", " , ", '"\r\n"']


@pytest.mark.parametrize("blank", BLANK, ids=[repr(blank) for blank in BLANK])
def test_a_blank_row_is_counted_and_skipped(blank: str) -> None:
    found = report(f"phone_number,name\n{A},Ada\n{blank}\n{B},Ben\n")
    assert found["rows"] == {"total": 3, "accepted": 2, "rejected": 0, "blank": 1}
    assert found["valid"]


# What is in the file's second row; what is said of it.
REFUSED = [
    ("A value too many", f"{A},Ada,x", "ragged"),
    ("A comma that is not in quotes", f"{A},Moss, Ada", "ragged"),
    ("Text behind a closing quote", f'{A},"Ada"x', "quote"),
    ("A space behind a closing quote", f'{A},"Ada" ', "quote"),
    ("A quote that is not closed", f'{A},"Ada', "quote"),
    ("A NUL", f"{A},A\0da", "control_character"),
    ("A NUL in quotes", f'{A},"A\0da"', "control_character"),
    ("An escape character", f"{A},\x1b[1m", "control_character"),
]


@pytest.mark.parametrize(("row", "kind"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_row_that_is_no_csv(row: str, kind: str) -> None:
    (problem,) = problems(f"phone_number,name\n{B},Ben\n{row}")
    assert problem["kind"] == kind
    assert (problem["row"], problem["line"]) == (2, 3)
    assert (problem["column"], problem["value"]) == (None, None)
    assert problem["severity"] == "error"


def test_the_message_of_a_ragged_row_has_both_counts() -> None:
    (problem,) = problems(f"phone_number,name\n{A},Moss, Ada\n")
    assert problem["message"] == "The row has 3 values, the header 2 columns"
    assert problem["suggestion"] == "put values with a comma into quotes"


def test_a_quote_that_is_never_closed_is_told_with_what_it_swallowed() -> None:
    (problem,) = problems(f'phone_number,name\n{A},"Ada\n{B},Ben\n{B},Cy\n')
    assert (problem["row"], problem["line"]) == (1, 2)
    assert "never closed" in problem["message"]
    assert "2 lines" in problem["message"]


ENCODED = [
    ("Latin-1", "Zoë".encode("latin-1"), "Latin-1"),
    ("Windows-1252", "Zoë – “x”".encode("cp1252"), "Windows-1252"),
    ("A surrogate", b"\xed\xa0\x80", "not UTF-8"),
    ("An overlong form", b"\xc0\xaf", "not UTF-8"),
    ("A character cut short", "é".encode()[:1], "not UTF-8"),
    ("Beyond Unicode", b"\xf5\x80\x80\x80", "not UTF-8"),
]


@pytest.mark.parametrize(("value", "said"), [r[1:] for r in ENCODED], ids=[r[0] for r in ENCODED])
@pytest.mark.parametrize("form", [b"%b", b'"%b"', b'"a""%b"'], ids=["plain", "quoted", "doubled"])
def test_a_row_that_is_not_utf_8(value: bytes, said: str, form: bytes) -> None:
    row = A.encode() + b"," + form % value
    (problem,) = problems(b"phone_number,name\n" + row + b"\n" + B.encode() + b",Ben\n")
    assert problem["kind"] == "encoding"
    assert said in problem["message"]
    assert problem["suggestion"] == "save the file as CSV in UTF-8"


HEADER = "phone_number,name\n+12025550164,Ada\n"
# A file that is no contact file; the code of the error, and what its message must say.
NO_FILE = [
    ("Nothing", "", "empty", "empty"),
    ("Only a byte order mark", "\ufeff", "empty", "empty"),
    ("Only blank lines", "\n \r\n\t\n", "empty", "empty"),
    ("UTF-16, little-endian", HEADER.encode("utf-16"), "encoding", "UTF-16 (little"),
    ("UTF-16, big-endian", b"\xfe\xff" + HEADER.encode("utf-16-be"), "encoding", "UTF-16 (big"),
    ("UTF-16 without a mark", HEADER.encode("utf-16-le"), "encoding", "UTF-16 (little"),
    ("UTF-16 without a mark, big", HEADER.encode("utf-16-be"), "encoding", "UTF-16 (big"),
    ("UTF-32", HEADER.encode("utf-32"), "encoding", "UTF-32 (little"),
    ("UTF-32, big-endian", b"\0\0\xfe\xff" + HEADER.encode("utf-32-be"), "encoding", "UTF-32 (big"),
    ("An Excel workbook", b"PK\x03\x04\x14\0\x06\0", "encoding", "Excel workbook (.xlsx)"),
    ("An old Excel workbook", b"\xd0\xcf\x11\xe0\xa1\xb1", "encoding", "Excel workbook (.xls)"),
    ("A compressed file", b"\x1f\x8b\x08\0", "encoding", "gzip"),
    ("A PDF", b"%PDF-1.7\n", "encoding", "PDF"),
    ("A web page", "<!DOCTYPE html>\n<html></html>\n", "encoding", "web page"),
    ("JSON", '[{"phone_number":"+12025550164"}]\n', "encoding", "JSON"),
    ("Semicolons", f"phone_number;name\n{A};Ada\n", "delimiter", "semicolons"),
    ("Tabs", f"phone_number\tname\n{A}\tAda\n", "delimiter", "tabs"),
    ("Vertical bars", f"phone_number|name\n{A}|Ada\n", "delimiter", "vertical bars"),
    ("Semicolons, and quoted names", f'"phone_number";"n"\n{A};Ada\n', "delimiter", "semicolons"),
    ("Semicolons, and a comma", f"phone_number;a,b\n{A};Ada,x\n", "delimiter", "semicolons"),
    ("Excel's line that names a delimiter", f"sep=,\n{HEADER}", "header", "sep="),
    ("No phone_number", "name,plan\nAda,gold\n", "header", "no column 'phone_number'"),
    ("Capital letters", f"Phone_Number\n{A}\n", "header", "'Phone_Number'"),
    ("A space for the underscore", f"phone number,name\n{A},x\n", "header", "'phone number'"),
    ("Another name for it", f"name,Mobile\nAda,{A}\n", "header", "'Mobile'"),
    ("No header row", f"{A},Ada\n{B},Ben\n", "header", "no header row"),
    ("No header row, numbers without a plus", "12025550164,Ada\n", "header", "no header row"),
    ("No header row, the number behind", f"Ada,{A}\nBen,{B}\n", "header", "no header row"),
    ("phone_number twice", f"phone_number,phone_number\n{A},{A}\n", "header", "twice"),
    ("Another column twice", f"phone_number,a,b,a\n{A},1,2,3\n", "header", "'a'"),
    ("The same name with spaces around it", f"phone_number,a, a\n{A},1,2\n", "header", "'a'"),
    ("A header with an open quote", f'phone_number,"name\n{A},Ada\n', "quote", "header"),
    ("A header in Latin-1", "phone_number,Größe\n+1\n".encode("latin-1"), "encoding", "Latin-1"),
    ("A NUL in the header", f"phone_number,a\0b\n{A},x\n", "header", "control character"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("csv", "code", "said"), [row[1:] for row in NO_FILE], ids=[row[0] for row in NO_FILE]
)
def test_no_contact_file(csv: str | bytes, code: str, said: str) -> None:
    error = refusal(csv)
    assert error["code"] == code, error
    assert said in error["message"]


def test_only_a_header_is_a_file_without_calls() -> None:
    found = report("phone_number,name\n")
    assert found["valid"] is False
    assert found["rows"] == {"total": 0, "accepted": 0, "rejected": 0, "blank": 0}


def test_a_column_without_a_name_is_warned_of() -> None:
    found = report(f"phone_number,,name\n{A},x,Ada\n")
    (problem,) = found["problems"]
    assert (problem["kind"], problem["severity"]) == ("unnamed_column", "warning")
    assert found["valid"]
    assert found["columns"] == ["phone_number", "", "name"]


ENDINGS = [
    ("LF", "phone_number\n", "LF"),
    ("CRLF", "phone_number\r\n", "CRLF"),
    ("CR", f"phone_number\r{A}\r", "CR"),
    ("The header decides", f"phone_number\n{A}\r\n", "LF"),
    ("No end of line at all", "phone_number", "LF"),
    ("CRLF only in quotes", f'phone_number,a\n{A},"b\r\nc"\n', "LF"),
]


@pytest.mark.parametrize(("csv", "ending"), [r[1:] for r in ENDINGS], ids=[r[0] for r in ENDINGS])
def test_the_line_ending_is_told(csv: str, ending: str) -> None:
    assert report(csv)["lineEnding"] == ending


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    csv = f'\nphone_number,name\r\n{A},"a\nb\r\nc\rd"\r\n\n5,x\n{B},"\n"\r6,y\n'
    found = [(problem["row"], problem["line"]) for problem in problems(csv)]
    assert found == [(3, 8), (5, 11)]


def test_problems_of_the_header_have_the_line_of_the_header() -> None:
    found = problems(f"\n\nphone_number,\n{A},x\n", requiredColumns=["plan"])
    assert [problem["line"] for problem in found] == [3, 3]


def test_a_long_value_is_quoted_in_part_and_never_within_a_character() -> None:
    (problem,) = problems("phone_number\n" + "é" * 50_000 + "\n")
    assert problem["kind"] == "not_a_number"
    assert problem["value"] == "é" * 100
    assert len(problem["message"]) < 200
