"""Messages of the command name its own options, not those of the library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conftest import KEY, ROOT, WORKSPACE

if TYPE_CHECKING:
    from pathlib import Path

GOOD = ROOT / "examples" / "contacts.csv"
OTHER = "Mobile,name\n+12025550164,Ada\n"


def run(*arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_API_KEY": KEY,
        "TRILLET_WORKSPACE_ID": WORKSPACE,
        "TRILLET_BASE_URL": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "trillet", *map(str, arguments)]
    return subprocess.run(
        command, input=given, capture_output=True, check=False, text=True, env=variables, timeout=60
    )


CASES = [
    (("check", "-"), OTHER, "--phone-column"),
    (("check", "-", "--phone-column", "number"), OTHER, "(--phone-column)"),
    (("check", "-", "--split-rows", "5"), OTHER, "'--split'"),
    (("check", "-", "--assume-country"), OTHER, "'--country'"),
    (("check", "-", "--country", "XX"), OTHER, "'--country'"),
    (("check", "-", "--max-problems", "-1"), OTHER, "'--max-problems'"),
    (("check", "-", "--max-rows", "1"), "phone_number\n+12025550164\n+12025550165\n", "--max-rows"),
    (("check", GOOD, "--accepted", GOOD), "", "'--accepted'"),
    (("batch", "wait", "b", "--deadline", "-1"), "", "'--deadline' must be 0 to 31622400 seconds"),
    (("check", "-"), "phone_number;name\n+12025550164;Ada\n", "'--convert'"),
    (("batch", "results", "b", "--file", "b.txt"), "", "'--file' does not end in .csv or .jsonl"),
    (("batch", "results", "b", "--file", "b.txt"), "", "set '--format'"),
]


@pytest.mark.parametrize(("arguments", "given", "name"), CASES)
def test_a_message_names_the_option_of_the_command(
    arguments: tuple[object, ...], given: str, name: str
) -> None:
    done = run(*arguments, given=given)
    said = done.stdout + done.stderr
    assert name in said
    for of_library in ("phoneColumn", "splitFile", "maxRows", "assumeCountry", "Country'", "Ms'"):
        assert of_library not in said
    told = run(*arguments, "--output", "json", given=given)
    if told.stderr:
        assert name in json.loads(told.stderr)["error"]["message"]


def test_what_a_file_says_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("phone_number\nmaxRows\n")
    assert "maxRows" in run("check", path).stdout
