"""Checks the types of the Python programs in the documents, by mypy and by pyright.

A program of a document stands in the middle of another: names that it takes for given are those of
`snippet_names.py`. Each is checked as the body of a coroutine, so that it may await.

    python Tools/checks/typed_snippets.py    # ends with 1 and what the checkers say
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from snippets import BLOCK, NO_PROGRAMS, PAGES, ROOT

# What stands before a program, in as many lines as are subtracted from those of a fault.
HEAD = "from snippet_names import *\nasync def program() -> None:\n"
PACKAGE = ROOT / "bindings/python/src"
NAMES = Path(__file__).with_name("snippet_names.py")
CHECKERS = (
    ("mypy", "--check-untyped-defs", "--no-error-summary", "--cache-dir", os.devnull),
    ("basedpyright", "--level", "error"),
)
FAULT = re.compile(r"(\S*?)(\w+)_at_(\d+)\.py:(\d+)")


def write_programs(folder: Path) -> int:
    """Writes each program to a file of its own; how many there are."""
    count = 0
    for page in sorted({page for pattern in PAGES for page in ROOT.glob(pattern)} - NO_PROGRAMS):
        text = page.read_text(encoding="utf-8")
        place = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start(1)) + 1
            body = textwrap.indent(block[1], "    ")
            (folder / f"{place}_at_{line}.py").write_text(HEAD + body, encoding="utf-8")
            count += 1
    return count


def in_document(found: re.Match[str]) -> str:
    """The place of a fault as a line of its document."""
    _, place, start, line = found.groups()
    return f"{place}.md:{int(start) + int(line) - 1 - HEAD.count(chr(10))}"


def main() -> int:
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / NAMES.name).write_bytes(NAMES.read_bytes())
        count = write_programs(folder)
        paths = os.pathsep.join((str(PACKAGE), str(folder)))
        for module, *arguments in CHECKERS:
            done = subprocess.run(
                [sys.executable, "-m", module, *arguments, str(folder)],
                env={**os.environ, "MYPYPATH": paths, "PYTHONPATH": paths},
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            if done.returncode:
                failed = True
                print(f"{module}:\n{FAULT.sub(in_document, done.stdout)}{done.stderr}")
    if not failed:
        print(f"{count} Python programs of the documents have the types that they need")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
