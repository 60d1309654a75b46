"""Checks docs/decisions.md: its form, the paths it names, and the decisions that code names.

python Tools/checks/decisions.py    # ends with 1 and a line for each fault
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from code_files import ROOT, code_files

PAGE = ROOT / "docs/decisions.md"
CODE = ("Sources", "include", "bindings", "Tools", "Tests", "api", "examples", "Makefile")
SUFFIXES = {".swift", ".c", ".h", ".hpp", ".cpp", ".py", ".mk", ".yaml", ".js", ".css", ".html", ""}
HEADING = re.compile(r"### ([a-z0-9]+(?:-[a-z0-9]+)*): \S")
FIELD = re.compile(r"- \*\*(\w+):\*\* \S")
FIELDS = (["Decision", "Why", "Code"], ["Decision", "Why", "Figure", "Code"])
# A text that is the path and nothing else is no mention.
MENTION = re.compile(r'docs/decisions\.md(?!")(?:, ([a-z0-9-]+))?')


def decisions() -> Iterator[tuple[int, str, list[str]]]:
    """The line number, the heading and the fields of each decision, each in one line."""
    found: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("### "):
            found.append((number, line, []))
        elif line.startswith("- **") and found:
            found[-1][2].append(line)
        elif line.startswith("  ") and found and found[-1][2]:
            found[-1][2][-1] += line
    yield from found


def faults_of_page(ids: set[str]) -> Iterator[str]:
    """What is wrong on the page. Adds the ids on it to `ids`."""
    for number, heading, lines in decisions():
        place = f"docs/decisions.md:{number}"
        match = HEADING.match(heading)
        if match is None:
            yield f"{place}: write '### kebab-case-id: title', not '{heading}'"
            continue
        if match[1] in ids:
            yield f"{place}: the id '{match[1]}' stands above already; choose another"
        ids.add(match[1])
        names = [field[1] for line in lines if (field := FIELD.match(line))]
        if names not in FIELDS:
            yield f"{place}: has the lines {names}; write Decision, Why, perhaps Figure, Code"
            continue
        paths = re.findall(r"`([^`]+)`", lines[-1])
        if not paths:
            yield f"{place}: its Code line names no path in backquotes"
        for path in paths:
            if not (ROOT / path).exists():
                yield f"{place}: '{path}' does not exist; name where the code is now"


def faults_of_code(ids: set[str]) -> Iterator[str]:
    for path in code_files(CODE, SUFFIXES):
        if path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            for mention in MENTION.finditer(line):
                place = f"{path.relative_to(ROOT)}:{number}"
                if mention[1] is None and path.suffix != ".mk":
                    yield f"{place}: name the decision too: 'docs/decisions.md, its-id'"
                elif mention[1] and mention[1] not in ids:
                    yield f"{place}: docs/decisions.md has no decision '{mention[1]}'"


def main() -> int:
    ids: set[str] = set()
    faults = [*faults_of_page(ids), *faults_of_code(ids)]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
