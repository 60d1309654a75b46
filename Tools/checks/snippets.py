"""Checks that the Python programs in the documents can be read by Python.

python Tools/checks/snippets.py    # ends with 1 and a line for each fault
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("*.md", "docs/*.md", "bindings/*/README.md", "Tests/README.md")
# Its blocks are signatures, and generated.
NO_PROGRAMS = {ROOT / "docs/reference.md"}
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def faults(page: Path) -> Iterator[str]:
    """The blocks of a page that Python cannot read; `await` may stand outside of a function."""
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        try:
            compile(block[1], str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as error:
            line = text.count("\n", 0, block.start(1)) + (error.lineno or 1)
            yield f"{page.relative_to(ROOT)}:{line}: {error.msg}; whoever copies it sees the same"


def main() -> int:
    pages = sorted({page for pattern in PAGES for page in ROOT.glob(pattern)} - NO_PROGRAMS)
    found = [fault for page in pages for fault in faults(page)]
    print("\n".join(found) or f"{len(pages)} documents: every Python program can be read")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
