"""CSV files: template, check and preview, and how files and forms are read."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Answer, Sandbox, contacts, multipart

BATCHES = "/v1/api/batch-calls"
VALIDATE = BATCHES + "/validate"
PREVIEW = BATCHES + "/preview"
GOOD = "+12025550164"


def check(sandbox: Sandbox, csv: str | bytes) -> Any:
    answer = sandbox.upload(VALIDATE, csv)
    assert answer.status == 200, answer.body
    return answer.json


def test_the_template_is_a_file_that_validates(sandbox: Sandbox) -> None:
    template = sandbox.get(BATCHES + "/template")
    assert template.status == 200
    assert template.headers["content-type"] == "text/csv; charset=utf-8"
    disposition = 'attachment; filename="batch-calls-template.csv"'
    assert template.headers["content-disposition"] == disposition
    assert check(sandbox, template.body)["valid"] is True


def test_the_check_counts_and_shows_rows(sandbox: Sandbox) -> None:
    csv = f"phone_number,first_name,plan\n{GOOD},Ada,gold\n555,Ben,\n+442071838750,Cy,blue\n"
    assert check(sandbox, csv) == {
        "valid": False,
        "totalRows": 3,
        "validRows": 2,
        "invalidRows": 1,
        "columns": ["phone_number", "first_name", "plan"],
        "errors": [
            {
                "row": 2,
                "column": "phone_number",
                "value": "555",
                "message": "Invalid phone number",
            }
        ],
        "warnings": [],
        "preview": [
            {"phone_number": GOOD, "first_name": "Ada", "plan": "gold"},
            {"phone_number": "555", "first_name": "Ben", "plan": ""},
            {"phone_number": "+442071838750", "first_name": "Cy", "plan": "blue"},
        ],
    }


@pytest.mark.parametrize(
    ("csv", "rows"),
    [
        (f"phone_number\r\n{GOOD}\r\n", [[GOOD]]),
        (f"phone_number\r{GOOD}\r", [[GOOD]]),
        (f"phone_number\n{GOOD}", [[GOOD]]),
        (f"\ufeffphone_number\n{GOOD}\n", [[GOOD]]),
        (f" phone_number ,\tb\n{GOOD},1\n", [[GOOD, "1"]]),
        (f'"phone_number","b"\n"{GOOD}","1"\n', [[GOOD, "1"]]),
        (f'phone_number,b\n{GOOD},"a, b"\n', [[GOOD, "a, b"]]),
        (f'phone_number,b\n{GOOD},"say ""hi"""\n', [[GOOD, 'say "hi"']]),
        (f'phone_number,b\n{GOOD},"two\r\nlines"\n', [[GOOD, "two\r\nlines"]]),
        (f'phone_number,b\n{GOOD},""\n', [[GOOD, ""]]),
        (f'phone_number,b\n{GOOD},5" tall\n', [[GOOD, '5" tall']]),
        (f"phone_number,b\n{GOOD}, spaced \n", [[GOOD, " spaced "]]),
        (f"phone_number,b\n\n{GOOD},1\n  \n,\n{GOOD}0,2\n\n", [[GOOD, "1"], [GOOD + "0", "2"]]),
        (f"\n\nphone_number\n{GOOD}\n", [[GOOD]]),
        (f"phone_number,b,,\n{GOOD},1,,\n", [[GOOD, "1"]]),
        (f"phone_number,b\n{GOOD},Zoë 😀\n", [[GOOD, "Zoë 😀"]]),
        ("phone_number\n+1 (202) 555-01.64\n", [["+1 (202) 555-01.64"]]),
    ],
)
def test_files_are_read_as_rfc_4180_says(sandbox: Sandbox, csv: str, rows: list[list[str]]) -> None:
    result = check(sandbox, csv)
    assert result["valid"] is True, result
    assert [list(row.values()) for row in result["preview"]] == rows
    assert result["totalRows"] == len(rows)


@pytest.mark.parametrize(
    ("phone", "message"),
    [
        ("12025550164", "Invalid phone number"),
        ("+0123456789", "Invalid phone number"),
        ("+123456", "Invalid phone number"),
        ("+1234567890123456", "Invalid phone number"),
        ("+1202555O164", "Invalid phone number"),
        ("+12025550164x", "Invalid phone number"),
        ("+٣٤٥٦٧٨٩٠١", "Invalid phone number"),
        ("", "Missing phone number"),
    ],
)
def test_a_bad_number_is_an_error_of_its_row(sandbox: Sandbox, phone: str, message: str) -> None:
    result = check(sandbox, f"first_name,phone_number\nAda,{GOOD}\nBen,{phone}\n")
    assert result["valid"] is False
    assert result["errors"] == [
        {"row": 2, "column": "phone_number", "value": phone, "message": message}
    ]


def test_a_long_row_is_an_error_and_a_short_one_a_warning(sandbox: Sandbox) -> None:
    result = check(sandbox, f"phone_number,a\n{GOOD}1,x,y\n{GOOD}2\n{GOOD}3,x\n")
    assert result["errors"] == [
        {"row": 1, "message": "The row has 3 fields, more than the header's 2"}
    ]
    assert result["warnings"] == [{"row": 2, "message": "The row has 1 fields, the header 2"}]
    assert result["preview"][1] == {"phone_number": GOOD + "2", "a": ""}


def test_a_number_given_twice_is_a_warning(sandbox: Sandbox) -> None:
    result = check(sandbox, f"phone_number\n{GOOD}\n+1 202 555 0164\n")
    assert result["valid"] is True
    assert result["warnings"] == [
        {
            "row": 2,
            "column": "phone_number",
            "value": "+1 202 555 0164",
            "message": "The number is already in row 1",
        }
    ]


def test_long_lists_of_problems_are_cut_and_the_counts_are_not(sandbox: Sandbox) -> None:
    result = check(sandbox, "phone_number\n" + "555\n" * 150)
    assert (len(result["errors"]), result["invalidRows"], result["validRows"]) == (100, 150, 0)


UNUSABLE = [
    ("", "The file is empty"),
    ("\n \n", "The file is empty"),
    ("phone_number\n", "The file has no row below its header"),
    ("phone_number\n\n , \n", "The file has no row below its header"),
    (f'phone_number,a\n{GOOD},"open\n', "Line 2 cannot be read: a quote is opened but never"),
    (f'phone_number,a\n{GOOD},"x"y\n', "Line 2 cannot be read: a closing quote is followed"),
    (b"phone_number,a\n+12025550164,Zo\xeb\n", "Line 2 cannot be read: the text is not UTF-8"),
    (f"phone_number,a,a\n{GOOD},1,2\n", "The header names the column a twice"),
    (f"phone_number,,a\n{GOOD},1,2\n", "Column 2 of the header has no name"),
]


@pytest.mark.parametrize(("csv", "problem"), UNUSABLE)
@pytest.mark.parametrize("path", [VALIDATE, PREVIEW, BATCHES])
def test_an_unusable_file_is_400(
    sandbox: Sandbox, path: str, csv: str | bytes, problem: str
) -> None:
    answer = sandbox.upload(path, csv, agentId="a")
    assert answer.status == 400
    assert answer.json["error"] == "Invalid file"
    assert problem in answer.json["message"]


@pytest.mark.parametrize("header", ["phone", "Phone_Number", "first_name"])
def test_only_the_preview_does_without_a_phone_column(sandbox: Sandbox, header: str) -> None:
    csv = f"{header}\n{GOOD}\n"
    for path in (VALIDATE, BATCHES):
        answer = sandbox.upload(path, csv, agentId="a")
        assert answer.status == 400
        assert answer.json["message"] == "The file has no column phone_number"
    assert sandbox.upload(PREVIEW, csv).json["rows"] == [{header: GOOD}]


def test_the_preview_shows_as_many_rows_as_asked_for(sandbox: Sandbox) -> None:
    csv = contacts(120)
    for fields, count in (({}, 5), ({"limit": "2"}, 2), ({"limit": "1000"}, 100)):
        answer = sandbox.upload(PREVIEW, csv, **fields)
        assert answer.status == 200
        assert answer.json["columns"] == ["phone_number", "first_name"]
        assert answer.json["totalRows"] == 120
        assert len(answer.json["rows"]) == count
    for limit in ("0", "x"):
        assert sandbox.upload(PREVIEW, csv, limit=limit).status == 400


def test_a_file_may_have_20_mebibytes_and_no_byte_more(sandbox: Sandbox) -> None:
    row = GOOD.encode() + b"," + b"x" * 1_000 + b"\n"
    csv = b"phone_number,a\n" + row * 20_000
    csv += GOOD.encode() + b"," + b"y" * (20 * 1_048_576 - len(csv) - len(GOOD) - 2) + b"\n"
    assert len(csv) == 20 * 1_048_576
    assert sandbox.upload(PREVIEW, csv, limit="1").json["totalRows"] == 20_001
    answer = sandbox.upload(PREVIEW, csv + b"\n")
    assert answer.status == 400
    assert "20 MiB" in answer.json["message"]


class TestForms:
    """How multipart/form-data is read."""

    def send(self, sandbox: Sandbox, body: bytes, boundary: str = "b") -> Answer:
        content_type = f"multipart/form-data; boundary={boundary}"
        return sandbox.request("POST", PREVIEW, body, {"Content-Type": content_type})

    def test_another_content_type_is_400(self, sandbox: Sandbox) -> None:
        for content_type in (None, "application/json", "text/csv", "multipart/form-data"):
            answer = sandbox.request("POST", PREVIEW, b"{}", {"Content-Type": content_type})
            assert answer.status == 400
            assert set(answer.json) == {"error", "message"}

    def test_a_form_without_a_file_is_400(self, sandbox: Sandbox) -> None:
        answer = sandbox.upload(PREVIEW, None, limit="5")
        assert (answer.status, answer.json["message"]) == (400, "The form has no field file")

    def test_a_quoted_boundary_a_preamble_and_an_epilogue_are_fine(self, sandbox: Sandbox) -> None:
        body = (
            b"before\r\n--b c\r\nContent-Type: text/csv\r\nX: y\r\n"
            b'content-disposition: form-data; filename="a;\\"b.csv"; name=file\r\n\r\n'
            b"phone_number\r\n+12025550164\r\n--b c--\r\nafter --b c"
        )
        answer = self.send(sandbox, body, '"b c"')
        assert (answer.status, answer.json["totalRows"]) == (200, 1)

    def test_text_that_looks_like_a_boundary_stays_in_the_file(self, sandbox: Sandbox) -> None:
        body = (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            b"a\r\n--\r\n--c\r\n\r\n-b--b\r\n--b--\r\n"
        )
        rows = [list(row.values()) for row in self.send(sandbox, body).json["rows"]]
        assert rows == [["--"], ["--c"], ["-b--b"]]

    def test_a_form_that_arrives_byte_by_byte_is_read_all_the_same(self, sandbox: Sandbox) -> None:
        body, content_type = multipart(contacts(3), {"limit": "2"})
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
        answer = sandbox.request(
            "POST",
            PREVIEW,
            chunks,
            {"Content-Type": content_type, "Transfer-Encoding": "chunked"},
        )
        assert answer.status == 200
        assert (answer.json["totalRows"], len(answer.json["rows"])) == (3, 2)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"no boundary at all",
            b"--b\r\n",
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n',
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n--b',
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n--bx--',
            b"--b\r\n\r\nno headers\r\n--b--\r\n",
            b"--b\r\nContent-Disposition: form-data\r\n\r\na\r\n--b--\r\n",
            b"--b\r\n" + b"X: y\r\n" * 10_000,
            b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\na\r\n' * 100 + b"--b--",
            b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n\xff\r\n--b--',
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\na\n1\r\n' * 2 + b"--b--",
        ],
    )
    def test_an_ill_formed_form_is_400(self, sandbox: Sandbox, body: bytes) -> None:
        answer = self.send(sandbox, body)
        assert answer.status == 400
        assert set(answer.json) == {"error", "message"}

    def test_a_refused_upload_is_answered_although_nobody_reads_it(self, sandbox: Sandbox) -> None:
        body, content_type = multipart(b"x" * 30_000_000, {})
        headers: dict[str, str | None] = {"Content-Type": content_type, "x-api-key": "wrong-key"}
        assert sandbox.request("POST", PREVIEW, body, headers).status == 401
        assert sandbox.upload(PREVIEW, b"x" * 60_000_000).status == 400
