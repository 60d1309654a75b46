"""The manual page of a command."""

from __future__ import annotations

import re
from collections.abc import Iterator

from command_model import sentence
from roff import Page, prose, verbatim
from trillet._command.completion.model import Command, Option


def command_page(command: Command, version: str, day: str) -> str:
    page = Page(command.name, 1, day, version)
    summary = command.summary.rstrip(".").removeprefix("A ").removeprefix("The ")
    page.section("NAME").line(rf"{verbatim(command.name)} \- {prose(summary)}")
    page.section("SYNOPSIS")
    for at, below in enumerate(
        each for each in command.walk() if not each.commands or each is command
    ):
        if at:
            page.line(".br")
        page.line(_synopsis(below))
    introduction, sections = _split(command.description)
    page.section("DESCRIPTION")
    page.paragraph(sentence(command.summary))
    for paragraph in introduction:
        page.begin()
        page.paragraph(paragraph)
    page.section("OPTIONS")
    _write_options(page, command)
    if command.commands:
        page.section("COMMANDS")
    for below in list(command.walk())[1:]:
        _write_command(page, below)
    for title, items in sections:
        # The commands have their section already, with all that they take.
        if not title.startswith("SUBCOMMANDS"):
            page.section(title)
            if not any(meaning for _, meaning in items):
                page.code([term for term, _ in items])
                continue
            for term, meaning in items:
                page.item(rf"\fB{verbatim(term)}\fR")
                page.paragraph(meaning)
    page.section("SEE ALSO")
    other = "trillet-sandbox.1" if command.name == "trillet" else "trillet.1"
    page.references([other, "trillet.h.3"])
    return page.text()


def _synopsis(command: Command) -> str:
    words = [rf"\fB{verbatim(command.name)}\fR"]
    if command.commands:
        words += [r"[\fIOPTIONS\fR]", r"[\fICOMMAND\fR \&...]"]
    else:
        words.append(r"[\fIOPTIONS\fR]")
        words += [
            f"{_value(option)}" if option.is_required else f"[{_value(option)}]"
            for option in command.positionals
        ]
    return " ".join(words)


def _value(option: Option) -> str:
    return rf"\fI{verbatim(option.value.upper())}\fR"


def _write_command(page: Page, command: Command) -> None:
    if command.commands:
        return
    page.heading(command.name)
    page.paragraph(sentence(command.summary))
    for paragraph in _split(command.description)[0]:
        page.paragraph(paragraph)
    if not command.name.endswith(" serve"):
        _write_options(page, command)
    _write_examples(page, command)


def _write_examples(page: Page, command: Command) -> None:
    for title, body in _sections(command.description):
        if title.startswith("EXAMPLE"):
            page.code(body.strip("\n").split("\n"))


def _write_options(page: Page, command: Command) -> None:
    for option in (*command.positionals, *command.options):
        names = ", ".join(rf"\fB{verbatim(name)}\fR" for name in option.names)
        value = _value(option) if option.value else ""
        page.item(f"{names} {value}".strip())
        text = option.help
        if option.choices and option.choices[-1] not in text:
            text = f"{text} (one of {', '.join(option.choices)})"
        page.paragraph(sentence(text) if not text.endswith(")") else text[:1].upper() + text[1:])


_SECTION = re.compile(r"^([A-Z][A-Z ]+)(?: \([^)]*\))?:$", re.M)
Items = tuple[tuple[str, str], ...]


def _split(description: str) -> tuple[list[str], list[tuple[str, Items]]]:
    """The paragraphs, and the sections below them with their terms."""
    before = _SECTION.split(description)[0]
    paragraphs = [" ".join(text.split()) for text in before.split("\n\n") if text.strip()]
    return paragraphs, [(title, tuple(_items(body))) for title, body in _sections(description)]


def _sections(description: str) -> list[tuple[str, str]]:
    pieces = _SECTION.split(description)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def _items(body: str) -> Iterator[tuple[str, str]]:
    """`  TERM   meaning`, or a term with its meaning below it."""
    term = ""
    meaning: list[str] = []
    for line in filter(None, body.split("\n")):
        if line.startswith("  ") and not line.startswith("   "):
            if term:
                yield term, " ".join(meaning)
            term, _, rest = re.sub(r"  +", "\0", line.strip(), count=1).partition("\0")
            meaning = [rest] if rest else []
        else:
            meaning.append(line.strip())
    if term:
        yield term, " ".join(meaning)
