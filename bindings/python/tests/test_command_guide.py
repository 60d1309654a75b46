"""Each command of the guide docs/command.md, in the order in which it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from commanding import PARSED, told
from conftest import KEY, ROOT
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "docs/command.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_the_commands_of_the_guide_do_what_it_says(tmp_path: Path, state: Path) -> None:
    shutil.copy(ROOT / "examples" / "contacts.csv", tmp_path)
    command = f'trillet() {{ "{sys.executable}" -m trillet "$@"; }}'
    with Sandbox() as sandbox:
        blocks = [block.replace("http://127.0.0.1:4010", sandbox.url) for block in BLOCKS]
        script = "\n".join(["set -euxo pipefail", command, *blocks])
        variables = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "XDG_STATE_HOME": str(state),
        }
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path, env=variables, check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    assert "completed" in done.stdout
    assert len((tmp_path / "results.csv").read_text().splitlines()) == 101
    assert len((tmp_path / "calls.csv").read_text().splitlines()) == 101
    assert len((tmp_path / "calls.jsonl").read_text().splitlines()) == 101
    shown = done.stdout[done.stdout.index("curl -X POST") :]
    assert '-F \'file=@"contacts.csv"' in shown
    assert "curl -X DELETE" in shown
    assert KEY not in shown


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z.-]+)", TEXT))))
def test_each_option_that_the_guide_names_is_one(option: str) -> None:
    assert option in PARSED


def test_the_guide_has_each_exit_status_that_the_help_has() -> None:
    help_text = told("--help").output
    numbers = re.findall(r"^  (\d+)  ", help_text[help_text.index("exit status:") :], re.M)
    section = TEXT[TEXT.index("## For scripts") :]
    assert [number for number in numbers if not re.search(rf"\b{number}\b", section)] == ["70"]
