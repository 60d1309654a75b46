"""What a release says of time: the commit, or the sources, wherever and whenever it is built."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from conftest import LIBRARY, ROOT, succeed

RELEASE_TOOLS = ROOT / "Tools/release"
PRINTS_DATE = """
import sys
from pathlib import Path
import bundled_archives
folder = Path(sys.argv[1])
shop = bundled_archives.Workshop(folder, folder, Path("/usr/bin/clang"), 1)
shop.run(["printenv", "SOURCE_DATE_EPOCH"], folder)
"""


def test_the_packages_of_debian_hold_no_date_of_a_checkout(tmp_path: Path) -> None:
    if not (ROOT / "Tools/.build/checkouts").is_dir():
        pytest.skip("the notices come from the packages of Swift, which are not here")
    commit, tree = int(time.time()), tmp_path / "tree"
    succeed(
        sys.executable,
        RELEASE_TOOLS / "debian_tree.py",
        *("--version", "0.0.1", "--library", LIBRARY, "--sandbox", LIBRARY, tree),
        more={"SOURCE_DATE_EPOCH": str(commit)},
    )
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in files if int(path.stat().st_mtime) < commit] == []
    assert os.access(tree / "debian/rules", os.X_OK)


def test_what_is_kept_for_later_commits_has_the_date_of_none(tmp_path: Path) -> None:
    told = []
    for commit in ("1700000000", "1800000000"):
        folder = tmp_path / commit
        folder.mkdir()
        more = {"SOURCE_DATE_EPOCH": commit, "PYTHONPATH": str(RELEASE_TOOLS)}
        succeed(sys.executable, "-c", PRINTS_DATE, folder, more=more)
        told.append((folder / f"{commit}.log").read_text("utf-8"))
    assert told[0] == told[1] != ""
