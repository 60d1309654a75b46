"""Mistakes in the arguments are answers that name what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from checking import answer_to_file, raw_answer

CSV = b"phone_number\n+12025550164\n"

# The options as they are written; the field that the error names.
MISTAKES = [
    ("An option that there is none of", '{"delimiter":";"}', "delimiter"),
    ("An option in other letters", '{"maxproblems":1}', "maxproblems"),
    ("A number for a path", '{"acceptedFile":1}', "acceptedFile"),
    ("An empty path", '{"rejectedFile":""}', "rejectedFile"),
    ("A NUL in a path", '{"acceptedFile":"a\\u0000b"}', "acceptedFile"),
    ("A text for a number", '{"maxProblems":"5"}', "maxProblems"),
    ("A negative number of problems", '{"maxProblems":-1}', "maxProblems"),
    ("Too many problems", '{"maxProblems":1000001}', "maxProblems"),
    ("Half a problem", '{"maxProblems":0.5}', "maxProblems"),
    ("A number beyond all numbers", '{"maxProblems":1e999}', "maxProblems"),
    ("A number for a truth", '{"duplicates":1}', "duplicates"),
    ("A number for a prompt", '{"prompt":5}', "prompt"),
    ("A text for a list", '{"requiredColumns":"a"}', "requiredColumns"),
    ("A number in the list", '{"requiredColumns":["a",1]}', "requiredColumns"),
    ("No rows at most", '{"maxRows":0}', "maxRows"),
    ("No rows in a piece", '{"splitFile":"/tmp/{n}","splitRows":0}', "splitRows"),
    ("Rows in a piece without pieces", '{"splitRows":5}', "splitRows"),
    ("No place for the number of a piece", '{"splitFile":"/tmp/part.csv"}', "splitFile"),
    ("Both files at one path", '{"acceptedFile":"/tmp/a","rejectedFile":"/tmp/a"}', "rejectedFile"),
    ("A number for a truth about lengths", '{"lengths":1}', "lengths"),
    ("A country's name", '{"defaultCountry":"Germany"}', "defaultCountry"),
    ("A country that there is none of", '{"defaultCountry":"XX"}', "defaultCountry"),
    ("A country code", '{"defaultCountry":"49"}', "defaultCountry"),
    ("A code without a country", '{"defaultCountry":"001"}', "defaultCountry"),
    ("No country to assume", '{"assumeCountry":true}', "assumeCountry"),
    ("A column without a name", '{"phoneColumn":" "}', "phoneColumn"),
    ("A number for a column", '{"phoneColumn":1}', "phoneColumn"),
    ("A text for a truth", '{"convert":"yes"}', "convert"),
    ("A text and a file", '{"file":"/tmp/a.csv"}', "file"),
    ("A file that is a number", '{"file":3}', "file"),
]


@pytest.mark.parametrize(
    ("options", "field"), [r[1:] for r in MISTAKES], ids=[r[0] for r in MISTAKES]
)
def test_a_mistake_names_its_option(options: str, field: str) -> None:
    given = raw_answer(CSV, options.encode())
    assert not given["ok"], given
    assert given["error"]["type"] == "invalid_argument"
    assert given["error"]["field"] == field
    assert field in given["error"]["message"]


ILL_FORMED = [b"{", b"[]", b"5", b"nul", b'{"a":\xff}', b'{"a":1,}', b'{"a":"\\ud800"}', b"{} {}"]


@pytest.mark.parametrize("options", ILL_FORMED, ids=repr)
def test_options_that_are_no_json_object(options: bytes) -> None:
    given = raw_answer(CSV, options)
    assert not given["ok"], given
    assert given["error"]["type"] == "invalid_argument"


@pytest.mark.parametrize("name", ["maxProblems", "file", "prompt"])
def test_an_option_given_twice(name: str) -> None:
    given = raw_answer(CSV, f'{{"{name}":null,"{name}":null}}'.encode())
    assert not given["ok"], given
    assert given["error"]["field"] == name


@pytest.mark.parametrize("options", [None, b"", b"{}", b' { "prompt" : null } '], ids=repr)
def test_no_options_are_fine(options: bytes | None) -> None:
    assert raw_answer(CSV, options)["data"]["valid"]


ALL = [
    "file", "maxProblems", "duplicates", "prompt", "requiredColumns", "acceptedFile",
    "rejectedFile", "splitFile", "splitRows", "maxRows", "lengths", "defaultCountry",
    "assumeCountry", "phoneColumn", "convert",
]  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_null_counts_as_not_given(name: str) -> None:
    assert raw_answer(CSV, f'{{"{name}":null}}'.encode())["data"]["valid"]


def test_neither_text_nor_file() -> None:
    error = raw_answer(None, None)["error"]
    assert (error["type"], error["field"]) == ("invalid_argument", "csv")
    assert "'file'" in error["message"]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, reason in [
        (tmp_path / "none.csv", "no such file"),
        (tmp_path, "directory"),
        (Path("/dev/zero"), "not a regular file"),
        (tmp_path / ("x" * 300), "too long"),
    ]:
        given = answer_to_file(path)
        assert not given["ok"]
        assert given["error"]["field"] == "file"
        assert str(path)[:100] in given["error"]["message"]
        assert reason in given["error"]["message"], given


@pytest.mark.parametrize("name", ["acceptedFile", "rejectedFile"])
def test_what_is_written_does_not_replace_what_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(CSV)
    given = answer_to_file(path, **{name: str(path)})
    assert not given["ok"]
    assert given["error"]["field"] == name
    assert path.read_bytes() == CSV
