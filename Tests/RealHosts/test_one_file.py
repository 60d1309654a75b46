"""Python programs that are shipped as one file."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipapp
from collections.abc import Iterator
from pathlib import Path

import pytest

from places import EXAMPLES, LIBRARY, ROOT
from watched_service import WatchedService, watched_service

PACKAGE = ROOT / "bindings/python/src/trillet"


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def test_a_program_of_pyinstaller_brings_its_library(
    watched: WatchedService, python: str, tmp_path: Path
) -> None:
    command = [python, "-m", "PyInstaller", "--onefile", "--log-level", "WARN"]
    command += ["--paths", str(PACKAGE.parent), "--add-binary", f"{LIBRARY}:trillet"]
    command += [str(EXAMPLES / "pyinstaller/calls.py")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    program = ["env", "-u", "TRILLET_LIBRARY", str(tmp_path / "dist/calls")]
    ended = watched.run(program)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "call: 200\n", "")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "app/trillet")
    shutil.copy(EXAMPLES / "zipapp/__main__.py", tmp_path / "app")
    zipapp.create_archive(tmp_path / "app", tmp_path / "calls.pyz")
    return tmp_path / "calls.pyz"


def test_a_zipapp_uses_a_library_beside_it(watched: WatchedService, archive: Path) -> None:
    ended = watched.run([sys.executable, str(archive)])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "call: 200\n", "")


def test_a_zipapp_without_a_library_says_so(watched: WatchedService, archive: Path) -> None:
    ended = watched.run(["env", "-u", "TRILLET_LIBRARY", sys.executable, str(archive)])
    assert ended.returncode == 1
    assert "TRILLET_LIBRARY" in ended.stderr
