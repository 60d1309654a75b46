"""The binary interface is the one that was written down: it grows, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, run

HEADER = (ROOT / "include/trillet.h").read_text("utf-8")
LIBRARY = Path(os.environ.get("TRILLET_LIBRARY") or ROOT / "build/lib/libtrillet.so.1")
# The whole of it: comment, and declaration.
FREE = re.compile(r"/\*\*(?:(?!\*/).)*?\*/\nvoid trillet_free\(char \*text\);\n", re.S)


def compared(text: str, folder: Path, *more: str | Path) -> subprocess.CompletedProcess[str]:
    header = folder / "trillet.h"
    header.write_text(text, "utf-8")
    return run("python3", ROOT / "Tools/release/abi.py", "--header", header, *more)


def test_the_library_has_the_interface_that_was_written_down() -> None:
    done = run("python3", ROOT / "Tools/release/abi.py", "--library", LIBRARY)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("int32_t trillet_abi(void);", "int64_t trillet_abi(void);"),
        ("const char *trillet_version(void);", "const char *trillet_version(int32_t which);"),
        (
            "(*trillet_done_fn)(void *user_data, uint64_t id,",
            "(*trillet_done_fn)(void *user_data, uint32_t id,",
        ),
    ],
    ids=["a result", "a parameter", "a callback"],
)
def test_a_changed_type_is_a_fault(old: str, new: str, tmp_path: Path) -> None:
    assert old in HEADER
    done = compared(HEADER.replace(old, new), tmp_path)
    assert done.returncode == 1
    assert "make accept-abi" in done.stderr


def test_a_function_that_is_gone_is_a_fault_and_is_named(tmp_path: Path) -> None:
    text, count = FREE.subn("", HEADER)
    assert count == 1
    done = compared(text, tmp_path)
    assert done.returncode == 1
    assert "1 Removed" in done.stderr
    assert "trillet_free" in done.stderr


def test_a_new_function_is_named_and_no_fault(tmp_path: Path) -> None:
    found = FREE.search(HEADER)
    assert found
    new = found[0].replace("trillet_free(char", "trillet_release(char")
    done = compared(HEADER.replace(found[0], found[0] + "\n" + new), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "trillet_release" in done.stdout
    # What the header promises, the library must have.
    done = compared(HEADER.replace(found[0], found[0] + "\n" + new), tmp_path, "--library", LIBRARY)
    assert done.returncode == 1
    assert "does not export trillet_release()" in done.stderr
