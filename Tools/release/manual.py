"""Writes the manual pages: trillet.h(3), one for each function, and those of the commands.

    python Tools/release/manual.py build/man [--sandbox build/bin/trillet-sandbox]

The pages of the commands follow from what the commands themselves say of their arguments.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from command_model import of_sandbox, of_trillet
from command_pages import command_page
from header import Function, Group, Header, read
from header_text import Block, Code, Paragraph, Table, Terms
from roff import Page, prose, verbatim

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes the manual pages.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sandbox", type=Path, help="the program whose page is wanted, too")
    given = parser.parse_args()
    header = read(ROOT / "include/trillet.h")
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or "0")
    day = time.strftime("%Y-%m-%d", time.gmtime(epoch))
    pages = dict(library_pages(header, day))
    pages["trillet.1"] = command_page(of_trillet(), header.version, day)
    if given.sandbox:
        pages["trillet-sandbox.1"] = command_page(of_sandbox(given.sandbox), header.version, day)
    for name, text in pages.items():
        path = given.folder / f"man{name[-1]}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    wanted = {given.folder / f"man{name[-1]}" / name for name in pages}
    for path in given.folder.glob("man*/*"):
        if path not in wanted:
            path.unlink()
    return 0


def library_pages(header: Header, day: str) -> Iterator[tuple[str, str]]:
    yield "trillet.h.3", overview(header, day)
    for group in header.groups:
        for function in group.functions:
            yield f"{function.name}.3", function_page(function, header.version, day)


def overview(header: Header, day: str) -> str:
    page = Page("trillet.h", 3, day, header.version)
    about = header.summary.partition(": ")[2].rstrip(".")
    page.section("NAME").line(rf"trillet.h \- {prose(about)}")
    page.section("SYNOPSIS").code(
        ("#include <trillet.h>", "", "cc … $(pkg-config --cflags --libs trillet)")
    )
    page.section("DESCRIPTION")
    for section in header.sections:
        page.heading(section.title)
        _write(page, section.text)
    page.section("FUNCTIONS")
    for group in header.groups:
        _write_group(page, group)
    page.section("TYPES AND CONSTANTS")
    for declaration in header.declarations:
        page.item(verbatim(declaration.name))
        page.paragraph(declaration.summary)
        page.line(".RS")
        page.code(declaration.code.split("\n"))
        _write(page, declaration.text)
        page.line(".RE")
    page.section("SEE ALSO")
    page.references(["trillet.1", "trillet-sandbox.1"])
    return page.text()


def _write_group(page: Page, group: Group) -> None:
    page.heading(group.title)
    _write(page, group.text)
    for function in group.functions:
        page.item(rf"\fB{verbatim(function.name)}\fR(3)")
        page.paragraph(function.summary)


def function_page(function: Function, version: str, day: str) -> str:
    page = Page(function.name, 3, day, version)
    summary = function.summary.rstrip(".")
    page.section("NAME").line(
        rf"{verbatim(function.name)} \- {prose(summary[0].lower() + summary[1:])}"
    )
    page.section("SYNOPSIS").code(("#include <trillet.h>", "", *function.code.split("\n")))
    page.section("DESCRIPTION")
    page.paragraph(function.summary)
    _write(page, function.text)
    if function.parameters:
        page.section("PARAMETERS")
    for parameter in function.parameters:
        page.item(rf"\fI{verbatim(parameter.name)}\fR")
        page.paragraph(parameter.text)
        page.fields(parameter.fields)
    page.section("RETURN VALUE")
    _write(page, function.returns)
    if function.errors:
        page.section("ERRORS")
    for error in function.errors:
        if error.status:
            page.item(prose(error.status))
            page.paragraph(error.text)
        else:
            page.begin()
            page.line(r"Those that every request can have: see ERRORS in \fBtrillet.h\fR(3).")
    page.section("NOTES")
    for name, text in function.notes:
        page.item(verbatim(name))
        page.paragraph(text)
    page.section("SEE ALSO")
    # Callbacks have no page of their own: trillet.h(3) describes them.
    functions = [name for name in function.see_also if not name.endswith("_fn")]
    page.references([*(f"{name}.3" for name in functions), "trillet.h.3"])
    return page.text()


def _write(page: Page, text: Sequence[Block]) -> None:
    for block in text:
        if isinstance(block, Paragraph):
            page.begin()
            page.paragraph(block.text)
        elif isinstance(block, Code):
            page.code(block.lines)
        elif isinstance(block, Terms):
            for term, meaning in block.items:
                page.item(rf"\fB{verbatim(term)}\fR")
                page.paragraph(meaning)
        elif isinstance(block, Table):
            for first, *cells in block.rows:
                page.item(verbatim(first))
                for column, cell in zip(block.columns[1:], cells, strict=True):
                    page.begin_in_item()
                    page.paragraph(f"{column.capitalize()}: {cell}.")


if __name__ == "__main__":
    sys.exit(main())
