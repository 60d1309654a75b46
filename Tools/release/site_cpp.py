"""The site's reference of the C++ headers: a page for each, with a section for each class."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from cpp_header import Entry, flat, read
from site_markdown import Prose, fenced

PAGES = {
    "trillet.hpp": "cpp/index.md",
    "trillet_requests.hpp": "cpp/requests.md",
    "trillet_sandbox.hpp": "cpp/sandbox.md",
}


def navigation() -> list[object]:
    return [{name: page} for name, page in PAGES.items()]


def pages(include: Path, links: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, page in PAGES.items():
        header = read(include / name)
        prose = Prose(links, "../")
        lines = [f"# {name}", "", *_comment(header.about, prose)]
        for scope, entry in sorted(flat(header.entries), key=_rank):
            lines += _entry(scope, entry, prose)
        yield page, "\n".join(lines)


def _rank(found: tuple[str, Entry]) -> tuple[bool, bool]:
    """What a program begins with comes first, and what it seldom names last."""
    scope, entry = found
    return scope.endswith("json"), entry.name not in ("Client", "Sandbox")


def _entry(scope: str, entry: Entry, prose: Prose) -> Iterator[str]:
    name = f"{scope}::{entry.name}"
    yield from (f"## {name} {{ #{name.lower().replace('::', '-')} }}", "")
    yield from fenced(entry.code if entry.kind in ("function", "enum") else _head(entry), "cpp")
    yield from _comment(entry.comment, prose)
    # All that one name does stands under one heading.
    named: dict[str, list[Entry]] = {}
    for member in entry.members:
        named.setdefault(member.name, []).append(member)
    for members in named.values():
        yield from _members(name, members, prose)


def _head(entry: Entry) -> list[str]:
    return [*entry.code[:-1], entry.code[-1] + ";"]


def _members(owner: str, members: list[Entry], prose: Prose) -> Iterator[str]:
    name = members[0].name
    shown = re.sub(r"([\\*_<>\[\]|~])", r"\\\1", name)
    address = re.sub(r"\W+", "-", f"{owner}-{name}".lower()).strip("-")
    yield from (f"### {shown} {{ #{address} }}", "")
    for member in members:
        for shown_entry in (member, *member.members):
            yield from fenced(shown_entry.code, "cpp")
            yield from _comment(shown_entry.comment, prose)


def _comment(lines: list[str], prose: Prose) -> Iterator[str]:
    paragraph: list[str] = []
    code: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("    "):
            code.append(line[4:])
            continue
        if code:
            yield from fenced(code, "cpp")
            code = []
        if line:
            paragraph.append(line)
        elif paragraph:
            yield from (prose.text(" ".join(paragraph)), "")
            paragraph = []
