"""Markdown for the site from the text of headers, which is no Markdown but for its `code`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from header_text import Block, Code, Paragraph, Terms

_CODE = re.compile(r"(`[^`]+`)")
_SPECIAL = re.compile(r"([\\*_<>\[\]#|~])")
_WORD = re.compile(r"\b(trillet_\w+)(\(\))?|\bdocs/(\w+)\.md")
_NAME = re.compile(r"`(trillet_\w+)(?:\(\))?`")


class Prose:
    """Sentences whose names are links. `links` has the address of each name, as seen from the root
    of the site, and `up` is the way there from the page."""

    def __init__(self, links: Mapping[str, str], up: str, own: str = "") -> None:
        self._links = links
        self._up = up
        self._own = own

    def text(self, text: str) -> str:
        pieces = _CODE.split(text)
        return "".join(
            self._code(piece) if at % 2 else self._words(piece) for at, piece in enumerate(pieces)
        )

    def cell(self, text: str) -> str:
        """A sentence in a table, where a bar would end the cell in code, too."""
        return self.text(text).replace("\\|", "|").replace("|", "\\|")

    def _code(self, piece: str) -> str:
        name = _NAME.fullmatch(piece)
        return self._link(name[1], piece) if name else piece

    def _words(self, piece: str) -> str:
        written = []
        end = 0
        for found in _WORD.finditer(piece):
            written.append(_SPECIAL.sub(r"\\\1", piece[end : found.start()]))
            if found[3]:
                written.append(f"[docs/{found[3]}.md]({self._up}{found[3]}.md)")
            else:
                written.append(self._link(found[1], f"`{found[0]}`"))
            end = found.end()
        written.append(_SPECIAL.sub(r"\\\1", piece[end:]))
        return "".join(written)

    def _link(self, name: str, shown: str) -> str:
        if name == self._own or name not in self._links:
            return shown
        return f"[{shown}]({self._up}{self._links[name]})"

    def blocks(self, text: Sequence[Block]) -> Iterator[str]:
        for block in text:
            if isinstance(block, Paragraph):
                yield from (self.text(block.text), "")
            elif isinstance(block, Code):
                yield from fenced(block.lines)
            elif isinstance(block, Terms):
                for term, meaning in block.items:
                    yield from (f"`{term}`", f":   {self.text(meaning)}", "")
            else:
                yield from table(block.columns, [[self.cell(c) for c in row] for row in block.rows])


def fenced(lines: Sequence[str], language: str = "") -> Iterator[str]:
    """Code as it stands; what begins with a brace is an answer or a request."""
    language = language or ("json" if lines[0].startswith(("{", " {")) else "text")
    fence = "````" if any("```" in line for line in lines) else "```"
    yield from (f"{fence}{language}", *lines, fence, "")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "| " + " | ".join("---" for _ in columns) + " |"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""
