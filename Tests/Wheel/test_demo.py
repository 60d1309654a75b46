"""`make demo` runs against a sandbox that is installed, rather than compile one for minutes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, Environment

# The library, where it is built already: what is tried here is the sandbox.
BUILT = ("lib", "objects", "stamps")
COMPILED = "swift was called for the sandbox"
SECONDS = 600


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The sources with a build folder that has no sandbox, and a swift that compiles none."""
    folder = tmp_path / "tree"
    (folder / "build").mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name != "build":
            (folder / path.name).symlink_to(path)
    for name in BUILT:
        if (ROOT / "build" / name).is_dir():
            shutil.copytree(ROOT / "build" / name, folder / "build" / name, symlinks=True)
    swift = tmp_path / "swift"
    swift.write_text(f"#!/bin/sh\necho '{COMPILED}' >&2\nexit 1\n")
    swift.chmod(0o755)
    return folder


def demo(tree: Path, python: Path | str, path: Path | None = None) -> tuple[int, str]:
    """`make demo`, on a machine that has no sandbox but what is named."""
    folders = os.environ["PATH"].split(os.pathsep)
    folders = [one for one in folders if not (Path(one) / "trillet-sandbox").exists()]
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRILLET_", "MAKE", "MFLAGS", "PYTHON"))
    }
    variables["PATH"] = os.pathsep.join(([str(path)] if path else []) + folders)
    done = subprocess.run(
        ["make", "demo", f"PYTHON={python}", f"SWIFT={tree.parent / 'swift'}"],
        cwd=tree,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout


def assert_it_ran(status: int, output: str) -> None:
    assert status == 0, output
    assert "The sandbox answers at http://127.0.0.1:" in output
    assert COMPILED not in output


def test_the_demo_takes_the_sandbox_of_the_wheel(installed: Environment, tree: Path) -> None:
    assert_it_ran(*demo(tree, installed.python))


def test_the_demo_takes_the_sandbox_of_the_package_which_is_in_path(
    installed: Environment, empty: Environment, tree: Path, tmp_path: Path
) -> None:
    told = installed.run("python", "-c", "import trillet_sandbox as t; print(t.program())")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "trillet-sandbox").symlink_to(told.stdout.strip())
    assert_it_ran(*demo(tree, empty.python, tmp_path / "bin"))


def test_the_demo_compiles_a_sandbox_where_none_is_installed(
    empty: Environment, tree: Path
) -> None:
    status, output = demo(tree, empty.python)
    assert status != 0
    assert COMPILED in output
