"""Reads the documented names of a C++ header of ours: comments of three slashes, and what each
stands before. It knows the shape of include/*.hpp, not C++."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_SCOPE = re.compile(
    r"(?:template <.*> )?(?P<kind>class|struct|enum class|namespace) (?P<name>\w+)\b"
)
_TEXT = re.compile(r'R"\(.*?\)"|"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'")
# Names of the header's own, which no program uses.
_HIDDEN = ("detail",)


@dataclass
class Entry:
    """A name and its comment; overloads that follow without a comment belong to it."""

    name: str
    kind: str
    comment: list[str]
    code: list[str]
    members: list[Entry] = field(default_factory=list)


@dataclass
class CppHeader:
    about: list[str]
    entries: list[Entry]


class CppHeaderError(Exception):
    """The header does not have the shape that this parser knows."""


def read(path: Path) -> CppHeader:
    lines = path.read_text("utf-8").split("\n")
    about = []
    while lines and lines[0].startswith("///"):
        about.append(_bare(lines.pop(0)))
    kept = [line for line in lines if not line.lstrip().startswith(("#", "//")) or "///" in line]
    entries, rest = _scope(kept, 0, True)
    if rest != len(kept) or not entries:
        raise CppHeaderError(f"{path.name}: a brace is too many or missing")
    return CppHeader([line for line in about if not line.startswith(r"\file")], entries)


def _bare(line: str) -> str:
    return line.strip().removeprefix("///").removeprefix(" ")


def _scope(lines: list[str], at: int, is_public: bool) -> tuple[list[Entry], int]:
    """The entries up to the brace that closes the scope, and where the scope ends."""
    entries: list[Entry] = []
    comment: list[str] = []
    while at < len(lines):
        line = lines[at].strip()
        if line.startswith("}"):
            return entries, at + 1
        if not line or line.endswith(":") and line[:-1] in ("public", "private", "protected"):
            is_public = line == "public:" if line else is_public
            comment = []
            at += 1
        elif line.startswith("///"):
            comment.append(_bare(line))
            at += 1
        else:
            code, opens, at = _declaration(lines, at)
            made, at = _entry(code, opens, comment, lines, at)
            if is_public and made:
                _add(entries, made)
            comment = []
    return entries, at


def _declaration(lines: list[str], at: int) -> tuple[list[str], bool, int]:
    """The lines of a declaration up to its brace or semicolon; whether a brace is open."""
    code: list[str] = []
    depth = 0
    while at < len(lines):
        line = lines[at].rstrip()
        at += 1
        for column, letter in enumerate(_without_text(line)):
            if letter == "(":
                depth += 1
            elif letter == ")":
                depth -= 1
            elif depth == 0 and letter == ";":
                code.append(line[: column + 1])
                return code, False, at
            elif depth == 0 and letter == "{":
                closes = _closes(line, column)
                code.append(line[:column].rstrip())
                return code, not closes, at
        code.append(line)
    raise CppHeaderError(f"'{code[0].strip()}' has no end")


def _without_text(line: str) -> str:
    """The line with its strings and comments blanked, for their braces mean nothing."""
    blank = _TEXT.sub(lambda found: " " * len(found[0]), line)
    return re.sub(r"//.*", lambda found: " " * len(found[0]), blank)


def _closes(line: str, column: int) -> bool:
    rest = _without_text(line)[column:]
    return rest.count("{") == rest.count("}")


def _entry(
    code: list[str], opens: bool, comment: list[str], lines: list[str], at: int
) -> tuple[Entry | None, int]:
    shown = _dedented(code)
    scope = _SCOPE.match(shown[0])
    if scope and opens:
        if scope["kind"] == "enum class":
            end = _skipped(lines, at)
            shown = [*shown[:-1], shown[-1] + " {", *_dedented(lines[at : end - 1], 4), "};"]
            return Entry(scope["name"], "enum", comment, shown), end
        members, at = _scope(lines, at, scope["kind"] != "class")
        hidden = scope["name"] in _HIDDEN
        return None if hidden else Entry(scope["name"], scope["kind"], comment, shown, members), at
    if opens:
        at = _skipped(lines, at)
    # Definitions outside of their class repeat what is declared there.
    if "::" in shown[-1].split("(")[0].split(" ")[-1] or shown[0].startswith(
        ("friend ", "static_assert")
    ):
        return None, at
    if any("= delete" in line or line.startswith("~") for line in shown):
        return None, at
    return Entry(_name(" ".join(shown)), "function", comment, _declared(shown)), at


def _skipped(lines: list[str], at: int) -> int:
    depth = 1
    while at < len(lines) and depth > 0:
        blank = _without_text(lines[at])
        depth += blank.count("{") - blank.count("}")
        at += 1
    return at


def _dedented(code: list[str], onto: int = 0) -> list[str]:
    space = len(code[0]) - len(code[0].lstrip())
    return [" " * onto + line[min(space, len(line) - len(line.lstrip())) :] for line in code]


def _declared(code: list[str]) -> list[str]:
    """A declaration without the initializers of a constructor, and with its semicolon."""
    text = "\n".join(code)
    text = re.sub(r"\)( noexcept)?\s*:\s(?!:).*\Z", r")\1", text, flags=re.S)
    text = re.sub(r"^inline ", "", text)
    return (text if text.endswith(";") else text + ";").split("\n")


def _name(code: str) -> str:
    code = re.sub(r"^(?:template <.*?>+ )", "", code)
    alias = re.match(r"using (\w+) =", code)
    if alias:
        return alias[1]
    called = re.search(r"(operator\s*[^\s(]+|\w+)\(", code)
    if called:
        return called[1]
    stored = re.search(r"(\w+)(?: =.*)?;?$", code)
    if stored is None:
        raise CppHeaderError(f"what is declared by '{code}'?")
    return stored[1]


def _add(entries: list[Entry], made: Entry) -> None:
    """Appends an entry; an overload without a comment is shown with the one before it."""
    before = entries[-1] if entries else None
    if (
        before
        and made.kind == before.kind == "function"
        and made.name == before.name
        and not made.comment
    ):
        before.code += made.code
    else:
        entries.append(made)


def flat(entries: list[Entry]) -> Iterator[tuple[str, Entry]]:
    """Classes and free names with their namespace: trillet, trillet::json."""
    for entry in entries:
        if entry.kind == "namespace":
            for inner, found in flat(entry.members):
                yield f"{entry.name}::{inner}".rstrip(":"), found
        else:
            yield "", entry
