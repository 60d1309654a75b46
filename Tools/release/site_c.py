"""The site's reference of the C library: an overview, the types, and a page for each function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from header import Field, Function, Group, Header
from site_markdown import Prose, fenced

OVERVIEW = "c/index.md"
TYPES = "c/types.md"


def addresses(header: Header) -> dict[str, str]:
    """Where each name of the header is described."""
    found = {
        declaration.name: f"{TYPES}#{anchor(declaration.name)}"
        for declaration in header.declarations
    }
    return found | {function.name: f"c/{function.name}.md" for function in header.functions}


def anchor(name: str) -> str:
    return name.lower()


def navigation(header: Header) -> list[object]:
    groups: list[object] = [
        {group.title: [{f.name: f"c/{f.name}.md"} for f in group.functions]}
        for group in header.groups
    ]
    return [OVERVIEW, {"Types and constants": TYPES}, *groups]


def pages(header: Header) -> Iterator[tuple[str, str]]:
    links = addresses(header)
    yield OVERVIEW, "\n".join(_overview(header, Prose(links, "../")))
    yield TYPES, "\n".join(_types(header, Prose(links, "../")))
    for function in header.functions:
        page = _function(function, Prose(links, "../", function.name))
        yield f"c/{function.name}.md", "\n".join(page)


def _overview(header: Header, prose: Prose) -> Iterator[str]:
    yield from ("# C library", "", prose.text(header.summary), "")
    yield from fenced(("#include <trillet.h>",), "c")
    yield from fenced(("cc … $(pkg-config --cflags --libs trillet)",), "sh")
    yield from ("## Functions", "")
    for group in header.groups:
        yield from _group(group, prose)
    for section in header.sections:
        yield from (f"## {section.title}", "")
        yield from prose.blocks(section.text)


def _group(group: Group, prose: Prose) -> Iterator[str]:
    yield from (f"### {group.title}", "")
    yield from prose.blocks(group.text)
    for function in group.functions:
        yield from (prose.text(f"{function.name}()"), f":   {prose.text(function.summary)}", "")


def _types(header: Header, prose: Prose) -> Iterator[str]:
    yield from ("# Types and constants", "")
    for declaration in header.declarations:
        yield from (f"## {declaration.name} {{ #{anchor(declaration.name)} }}", "")
        yield from fenced(declaration.code.split("\n"), "c")
        yield from (prose.text(declaration.summary), "")
        yield from prose.blocks(declaration.text)


def _function(function: Function, prose: Prose) -> Iterator[str]:
    yield from (f"# {function.name}", "", prose.text(function.summary), "")
    yield from fenced(function.code.split("\n"), "c")
    yield from prose.blocks(function.text)
    if function.parameters:
        yield from ("## Parameters", "")
    for parameter in function.parameters:
        yield from (f"`{parameter.name}`", f":   {prose.text(parameter.text)}", "")
        yield from _fields(parameter.fields, 1, prose)
    yield from ("## Return value", "")
    yield from prose.blocks(function.returns)
    if function.errors:
        yield from ("## Errors", "")
    for error in function.errors:
        if error.status:
            yield from (prose.text(error.status), f":   {prose.text(error.text)}", "")
        else:
            yield from (f"Those that [every request can have](../{OVERVIEW}#errors).", "")
    yield from ("## Notes", "")
    for name, text in function.notes:
        yield from (name, f":   {prose.text(text)}", "")
    if function.see_also:
        yield from ("## See also", "")
        yield from (", ".join(prose.text(f"`{name}`") for name in function.see_also), "")


def _fields(fields: Sequence[Field], depth: int, prose: Prose) -> Iterator[str]:
    space = "    " * depth
    for field in fields:
        yield from (f"{space}`{field.name}` *{prose.text(field.kind)}*",)
        yield from (f"{space}:   {prose.text(field.text)}", "")
        yield from _fields(field.members, depth + 1, prose)
