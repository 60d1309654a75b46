"""Writes docs/benchmarks.md: what is between a section's markers is replaced, the rest stays."""

from __future__ import annotations

import pathlib
import re

from suite.settings import ROOT

PAGE = ROOT / "docs/benchmarks.md"
IMAGES = ROOT / "docs/images"


class Report:
    """The page, in memory until it is written."""

    def __init__(self) -> None:
        self._text = PAGE.read_text()
        self._images: dict[str, str] = {}

    def replace(self, section: str, text: str) -> None:
        begin, end = f"<!-- bench: {section} -->", "<!-- end -->"
        pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(self._text):
            raise SystemExit(f"{PAGE} has no place for {section!r}: no line {begin}")
        self._text = pattern.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", self._text, count=1)

    def add_image(self, name: str, svg: str) -> None:
        self._images[name] = svg

    def write(self, folder: pathlib.Path | None) -> pathlib.Path:
        """Into the project, or into a folder that has the same places."""
        page = PAGE if folder is None else folder / PAGE.name
        images = IMAGES if folder is None else folder / IMAGES.name
        images.mkdir(parents=True, exist_ok=True)
        page.write_text(self._text)
        for name, svg in self._images.items():
            (images / name).write_text(svg)
        return page
