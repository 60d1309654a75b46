"""Checks that no file of code has more than 400 lines, and no function more than 60.

Generated files do not count. Nor does a docstring: in other languages, too, the documentation of a
function stands outside it.

    python Tools/checks/sizes.py    # ends with 1 and a line for each fault
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from code_files import ROOT, code_files

PLACES = (
    "Sources",
    "include",
    "bindings",
    "Tools",
    "Tests",
    "examples",
    "Makefile",
    "Package.swift",
)
BRACES = {".swift", ".c", ".h", ".cpp", ".hpp", ".js"}
SUFFIXES = {".py", ".mk", ".css", ".html", ".ts", "", *BRACES}
MOST_LINES = 400
MOST_LINES_OF_FUNCTION = 60
# The whole of the C++ binding is one header, so that a host has one file to copy.
LONG_FILES = {"include/trillet.hpp"}

GENERATED = re.compile(r"\A(?:#|//|/\*|<!--) ?Generated (?:by|from) ")
# What may hold a brace that opens nothing.
TEXT = re.compile(
    r'""".*?"""|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"' r"|'(?:\\.|[^'\\\n])+'|`(?:\\.|[^`\\])*`",
    re.S,
)
SWIFT_HEAD = re.compile(r"\b(?:func|init|deinit|subscript|var)\b")
SWIFT_TYPE = re.compile(r"\b(?:class|struct|enum|extension|protocol|actor)\s+\w+[^\n]*$")
# `name(…) {`, with what C++ may write between; `[…] {`; `=> {` of a script.
C_HEAD = re.compile(
    r"(?:\)\s*(?:const|noexcept|override|mutable|&|->[^;{}]*|:[^;{}]*|\s)*|[(=,]\s*\[[^]]*\]\s*|=>\s*)$"
)
NO_FUNCTION = re.compile(r"\b(?:if|for|while|switch|catch|else|do)\b[^;{}]*\Z")

# Its first line, the number of its lines, and its first words.
Function = tuple[int, int, str]


def python_functions(text: str) -> Iterator[Function]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            yield node.lineno, lines, node.name


def is_function(head: str, suffix: str) -> bool:
    """Whether a block is a function's, by what stands between it and the statement before."""
    if suffix == ".swift":
        return bool(SWIFT_HEAD.search(head)) and not SWIFT_TYPE.search(head)
    return bool(C_HEAD.search(head)) and not NO_FUNCTION.search(head)


def start_of(head: str, suffix: str) -> int:
    """Where in the head the function begins: declarations without a `;` may stand before it."""
    if suffix == ".swift":
        return [found.start() for found in SWIFT_HEAD.finditer(head)][-1]
    # Lines of the preprocessor.
    kept = re.search(r"(?:\A|\n)(?!\s*#)(?!\s*\n)(?=[^#]*\Z)", head)
    return kept.end() if kept else 0


def functions_in_braces(text: str, suffix: str) -> Iterator[Function]:
    text = TEXT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    open_blocks: list[tuple[int, str] | None] = []
    behind = 0
    for found in re.finditer(r"[;{}]", text):
        if found[0] == "{":
            head = text[behind : found.start()]
            block = None
            if is_function(head, suffix):
                start = start_of(head, suffix)
                start += len(head[start:]) - len(head[start:].lstrip())
                block = behind + start, head[start:].split("(")[0].strip()
            open_blocks.append(block)
        elif found[0] == "}" and open_blocks and (block := open_blocks.pop()):
            first = text.count("\n", 0, block[0]) + 1
            yield first, text.count("\n", 0, found.start()) + 2 - first, block[1]
        behind = found.end()


def faults() -> Iterator[str]:
    for path in code_files(PLACES, SUFFIXES):
        name = str(path.relative_to(ROOT))
        text = path.read_text("utf-8", errors="replace")
        if GENERATED.match(text) or "Tests/Fuzz/seeds" in name:
            continue
        lines = len(text.splitlines())
        if lines > MOST_LINES and name not in LONG_FILES:
            yield f"{name}: has {lines} lines; {MOST_LINES} are the most"
        functions: Iterator[Function] = iter(())
        if path.suffix == ".py":
            functions = python_functions(text)
        elif path.suffix in BRACES:
            functions = functions_in_braces(text, path.suffix)
        for first, length, words in functions:
            if length > MOST_LINES_OF_FUNCTION:
                most = MOST_LINES_OF_FUNCTION
                yield f"{name}:{first}: '{words}' has {length} lines; {most} are the most"


def main() -> int:
    found = list(faults())
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
