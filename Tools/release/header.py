"""Reads include/trillet.h into a model that manual pages and web pages are written from.

The comments of the header are generated, so their shape is fixed; what does not have it is an
error here, and not a page that lacks something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from header_text import Block, Paragraph, blocks, plain


class HeaderError(Exception):
    """The header does not have the shape that this parser knows."""


@dataclass(frozen=True)
class Section:
    """A chapter of the header's first comment: "Text", "Threads, signals and processes", …"""

    title: str
    text: tuple[Block, ...]


@dataclass(frozen=True)
class Field:
    """A member of a request's JSON object, with the members of its own."""

    name: str
    kind: str
    text: str
    members: tuple[Field, ...]


@dataclass(frozen=True)
class Parameter:
    name: str
    text: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class ErrorCase:
    """A status that the service documents for an operation; both are empty for the common ones."""

    status: str
    text: str


@dataclass(frozen=True)
class Declaration:
    """A macro, a type or a callback: whatever is documented and is no function."""

    name: str
    code: str
    summary: str
    text: tuple[Block, ...]


@dataclass(frozen=True)
class Function:
    name: str
    code: str
    group: str
    summary: str
    text: tuple[Block, ...]
    parameters: tuple[Parameter, ...]
    returns: tuple[Block, ...]
    errors: tuple[ErrorCase, ...]
    # "Ownership", "Thread safety", "Blocking", "Since": in the order of the header.
    notes: tuple[tuple[str, str], ...]
    # Functions and types that the text names, and then the others of the group.
    see_also: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Functions that belong together, under a heading of the header."""

    title: str
    text: tuple[Block, ...]
    functions: tuple[Function, ...]


@dataclass(frozen=True)
class Header:
    version: str
    summary: str
    sections: tuple[Section, ...]
    declarations: tuple[Declaration, ...]
    groups: tuple[Group, ...]

    @property
    def functions(self) -> tuple[Function, ...]:
        return tuple(function for group in self.groups for function in group.functions)


_COMMENT = re.compile(
    r"/\*(?P<doc>\*?)(?P<text>.*?)\*/\n(?P<code>#define [^\n]*|[^#/\n][^;#]*;)?", re.S
)
_HEADING = re.compile(r"\n(?P<title>[^\n]+)\n(?P<rule>-{3,})\n")
_NOTES = ("Ownership", "Thread safety", "Blocking", "Since")
_FIELD = re.compile(r"(?P<name>\w+) \((?P<kind>[^)]*)\): (?P<text>.*)")
_NAMED = re.compile(r"\b(trillet_\w+)(?:\(|\b)")


def read(path: Path) -> Header:
    return parse(path.read_text("utf-8"))


def parse(text: str) -> Header:
    version = re.search(r'^#define TRILLET_VERSION "(.+)"$', text, re.M)
    if version is None:
        raise HeaderError("TRILLET_VERSION is missing")
    comments = list(_COMMENT.finditer(text))
    introduction = _bare(comments[1]["text"])
    summary, sections = _sections(introduction)
    declarations: list[Declaration] = []
    open_groups: list[tuple[str, tuple[Block, ...], list[_Raw]]] = []
    for comment in comments[2:]:
        bare = _bare(comment["text"])
        if bare.startswith("===="):
            title, _, rest = bare.strip("= \n").partition("\n")
            open_groups.append((title.strip(), blocks(rest.split("\n")), []))
        elif comment["doc"] and comment["code"]:
            code = comment["code"].strip()
            if open_groups:
                open_groups[-1][2].append(_raw(bare, code))
            else:
                declarations.append(_declaration(bare, code))
    groups = tuple(
        Group(title, about, tuple(_function(raw, title, functions) for raw in functions))
        for title, about, functions in open_groups
    )
    declared = len(re.findall(r"\btrillet_\w+\((?=[^;{]*\);$)", _without_comments(text), re.M))
    if not groups or declared != sum(len(group.functions) for group in groups):
        raise HeaderError(f"{declared} functions are declared, but not as many are documented")
    return Header(version[1], summary, sections, tuple(declarations), groups)


def _without_comments(text: str) -> str:
    return re.sub(r"^typedef[^;]*;", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S), flags=re.M)


def _bare(comment: str) -> str:
    """A comment's text without its stars; indentation is kept, for it has a meaning."""
    lines = [re.sub(r"^ ?\* ?", "", line).rstrip() for line in comment.strip().split("\n")]
    return "\n".join(lines).strip("\n")


def _sections(text: str) -> tuple[str, tuple[Section, ...]]:
    pieces = _HEADING.split("\n" + text + "\n")
    summary = plain(pieces[0].strip().split("\n"))
    sections = tuple(
        Section(title, blocks(body.split("\n")))
        for title, body in zip(pieces[1::3], pieces[3::3], strict=True)
    )
    return summary, sections


# MARK: Declarations


def _declaration(comment: str, code: str) -> Declaration:
    name = re.search(r"#define (\w+)|\(\*(\w+)\)|(\w+);$", code)
    if name is None:
        raise HeaderError(f"what is declared by '{code}'?")
    first, *rest = blocks(comment.split("\n"))
    if not isinstance(first, Paragraph):
        raise HeaderError(f"{code}: begins without a sentence")
    return Declaration(next(part for part in name.groups() if part), code, first.text, tuple(rest))


# MARK: Functions


@dataclass(frozen=True)
class _Raw:
    name: str
    code: str
    comment: str


def _raw(comment: str, code: str) -> _Raw:
    name = re.search(r"\b(trillet_\w+)\(", code)
    if name is None:
        raise HeaderError(f"which function is declared by '{code}'?")
    return _Raw(name[1], code, comment)


def _function(raw: _Raw, group: str, siblings: Sequence[_Raw]) -> Function:
    parts = _parts(raw)
    first, *rest = blocks(parts["text"])
    if not isinstance(first, Paragraph):
        raise HeaderError(f"{raw.name}: begins without a sentence")
    returns, errors = _returns(parts["Returns"])
    named = dict.fromkeys(found for found in _NAMED.findall(raw.comment) if found != raw.name)
    see_also = dict.fromkeys([*named, *(other.name for other in siblings if other is not raw)])
    return Function(
        name=raw.name,
        code=raw.code,
        group=group,
        summary=first.text,
        text=tuple(rest),
        parameters=tuple(_parameters(raw.name, parts.get("Parameters", []))),
        returns=returns,
        errors=errors,
        notes=tuple((note, plain(parts[note])) for note in _NOTES),
        see_also=tuple(see_also),
    )


def _parts(raw: _Raw) -> dict[str, list[str]]:
    """The lines of the comment by what they are about; "text" is what stands before them."""
    parts: dict[str, list[str]] = {"text": []}
    lines = parts["text"]
    for line in raw.comment.split("\n"):
        found = re.match(rf"(Parameters|Returns|{'|'.join(_NOTES)}):(?: |$)(.*)", line)
        if found:
            lines = parts.setdefault(found[1], [])
            if found[2]:
                lines.append(found[2])
        else:
            lines.append(line)
    missing = [name for name in ("Returns", *_NOTES) if name not in parts]
    if missing:
        raise HeaderError(f"{raw.name}: does not say: {', '.join(missing)}")
    return parts


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _parameters(function: str, lines: Sequence[str]) -> Iterator[Parameter]:
    for head, body in _items([line for line in lines if line.strip()], 2):
        name, colon, text = head.strip().partition(": ")
        if not colon:
            raise HeaderError(f"{function}: '{head.strip()}' is no parameter")
        count = next((at for at, line in enumerate(body) if _FIELD.match(line.strip())), len(body))
        yield Parameter(name, plain([text, *body[:count]]), tuple(_fields(body[count:], 4)))


def _items(lines: Sequence[str], indentation: int) -> Iterator[tuple[str, list[str]]]:
    """Each line that is indented so far, with the deeper ones that follow it."""
    head: str | None = None
    body: list[str] = []
    for line in lines:
        if _indentation(line) > indentation and head is not None:
            body.append(line)
        else:
            if head is not None:
                yield head, body
            head, body = line, []
    if head is not None:
        yield head, body


def _fields(lines: Sequence[str], indentation: int) -> Iterator[Field]:
    for head, body in _items(lines, indentation):
        found = _FIELD.match(head.strip())
        if found is None:
            raise HeaderError(f"'{head.strip()}' is no field")
        # Members are indented by two, the rest of a sentence by four.
        count = next(
            (at for at, line in enumerate(body) if _indentation(line) < indentation + 4), len(body)
        )
        members = tuple(_fields(body[count:], indentation + 2))
        yield Field(found["name"], found["kind"], plain([found["text"], *body[:count]]), members)


def _returns(lines: Sequence[str]) -> tuple[tuple[Block, ...], tuple[ErrorCase, ...]]:
    text = [lines[0], *(line[2:] for line in lines[1:])]
    at = next((at for at, line in enumerate(text) if line.startswith("Errors: ")), len(text))
    errors: list[list[str]] = []
    common = ""
    for line in text[at:]:
        stripped = line.removeprefix("Errors: ").strip()
        if re.match(r"\d{3} ", stripped):
            errors.append([stripped])
        elif stripped.startswith(("And those", "those that")):
            common = stripped.removeprefix("And ")
        elif stripped and common:
            common += " " + stripped
        elif stripped:
            errors[-1].append(stripped)
    cases = [_error_case(plain(error)) for error in errors]
    if common:
        cases.append(ErrorCase("", common[0].upper() + common[1:]))
    # The JSON of an example is indented by two more.
    shown = ["  " + line if line.startswith("  ") else line for line in text[:at]]
    return blocks(shown), tuple(cases)


def _error_case(text: str) -> ErrorCase:
    status, _, meaning = text.partition(": ")
    return ErrorCase(status, meaning)
