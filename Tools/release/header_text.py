"""The text of the header's comments: paragraphs, lists of terms, tables, and examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Code:
    """Shown as it stands."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """Terms and what each means."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | Code | Terms | Table

_TERM = re.compile(r"  (?P<term>[^\s]+)(?P<gap> {2,})(?P<text>\S.*)")
_HEAD = re.compile(r"[a-z ]+?(?: {2,}[a-z ]+?){2,}")


def plain(lines: Sequence[str]) -> str:
    """Lines of a sentence as one."""
    return " ".join(line.strip() for line in lines if line.strip())


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    return tuple(_block(lines) for lines in _separated(lines))


def _separated(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines between empty ones; code also ends where its indentation does."""
    block: list[str] = []
    for line in lines:
        begins_other = bool(block) and _is_code(block[0]) != _is_code(line)
        if block and (not line.strip() or (begins_other and not _TERM.match(block[0]))):
            yield block
            block = []
        if line.strip():
            block.append(line)
    if block:
        yield block


def _is_code(line: str) -> bool:
    return line.startswith("    ")


def _block(lines: Sequence[str]) -> Block:
    if _is_code(lines[0]):
        shown = tuple(line[4:] for line in lines)
        return _table(shown) if _HEAD.fullmatch(shown[0]) else Code(shown)
    if _TERM.match(lines[0]):
        items: list[tuple[str, list[str]]] = []
        for line in lines:
            found = _TERM.match(line)
            if found and not _is_code(line):
                items.append((found["term"], [found["text"]]))
            else:
                items[-1][1].append(line)
        return Terms(tuple((term, plain(text)) for term, text in items))
    return Paragraph(plain(lines))


def _table(lines: Sequence[str]) -> Table:
    """What stands below a word of the first line belongs to its column."""
    starts = [found.start() for found in re.finditer(r"(?:^|(?<=  ))\S", lines[0])]
    ends = [*starts[1:], None]

    def cells(line: str) -> list[str]:
        return [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]

    rows: list[list[str]] = []
    for line in lines[1:]:
        if line[:1].strip():
            rows.append(cells(line))
        else:
            more = cells(line)
            rows[-1] = [f"{old} {new}".strip() for old, new in zip(rows[-1], more, strict=True)]
    return Table(tuple(cells(lines[0])), tuple(tuple(row) for row in rows))
