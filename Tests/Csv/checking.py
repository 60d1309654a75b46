"""The door under test: ``trillet_csv_check``, with the text in memory and with a file."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import native
from native import Answer

Report = dict[str, Any]


def raw_answer(csv: bytes | None, options: bytes | None) -> Answer:
    """The answer to exactly these arguments."""
    length = 0 if csv is None else len(csv)
    return native.answer("trillet_csv_check", csv, length, options)


def answer_to_text(csv: bytes, **options: object) -> Answer:
    return raw_answer(csv, json.dumps(options).encode())


def answer_to_file(path: str | Path, **options: object) -> Answer:
    return raw_answer(None, json.dumps({"file": str(path), **options}).encode())


def answer(csv: str | bytes, **options: object) -> Answer:
    """The answer to a contact file, which is the same from memory and from the disk."""
    text = csv.encode() if isinstance(csv, str) else csv
    from_text = answer_to_text(text, **options)
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(text)
        file.flush()
        from_file = answer_to_file(file.name, **options)
    assert _said(from_text) == _said(from_file)
    return from_text


def _said(answer: Answer) -> Answer:
    return {name: value for name, value in answer.items() if name != "meta"}


def report(csv: str | bytes, **options: object) -> Report:
    """The report on a contact file that can be read."""
    given = answer(csv, **options)
    assert given["ok"], given
    found: Report = given["data"]
    return found


def refusal(csv: str | bytes, **options: object) -> Report:
    """The error of a file that is no contact file."""
    given = answer(csv, **options)
    assert not given["ok"], given
    assert given["status"] == 0
    error: Report = given["error"]
    assert error["type"] == "invalid_argument"
    assert error["sent"] == "no"
    assert error["retryable"] is False
    return error


def problems(csv: str | bytes, **options: object) -> list[Report]:
    found: list[Report] = report(csv, **options)["problems"]
    return found


def problem_of_number(number: str) -> Report | None:
    """What is wrong with a phone number, None when it is accepted."""
    quoted = '"' + number.replace('"', '""') + '"'
    found = report(f"phone_number,name\n{quoted},Ada\n")
    if not found["problems"]:
        assert found["rows"]["accepted"] == 1, found
        return None
    (problem,) = found["problems"]
    assert found["rows"]["rejected"] == 1
    only: Report = problem
    return only
