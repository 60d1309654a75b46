"""Each command of the guide to testing agents, in its example."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from conftest import ROOT
from conversation_projects import trillet_test

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "docs/testing-agents.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "conversations"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_every_command_of_the_guide_does_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "trillet"
    program.write_text(f'#!/bin/bash\nexec "{sys.executable}" -m trillet "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", "".join(blocks("sh"))],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "report.xml").read_text("utf-8").count("<testcase ") == 6


def test_its_file_of_conversations_is_one(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    sample = next(block for block in blocks("yaml") if "conversations:" in block)
    (tmp_path / "agents" / "front-desk.test.yaml").write_text(sample)
    done = trillet_test(tmp_path, "agents")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "2 passed" in done.stdout


def test_its_table_has_every_member() -> None:
    from trillet._conversations.reading import _CLAIMS, _OWN, _SHARED, _TURN

    for member in (*_CLAIMS, *_OWN, *_SHARED, *_TURN):
        assert f"`{member}`" in TEXT, member
