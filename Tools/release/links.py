"""Checks the links of a built site: every page and anchor that one names must be there.

    python Tools/release/links.py build/site    # ends with 1 and a line for each fault

Nothing that a browser loads by itself may come from elsewhere, so that the site works offline.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself, and where its address stands.
_LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
_LOADED_RELATIONS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload"}
_IN_STYLE = re.compile(r"url\(\s*['\"]?(?P<address>[^'\")]+)|@import\s+['\"](?P<imported>[^'\"]+)")


class _Page(HTMLParser):
    """The anchors of a page, its links, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.doubled: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.doubled |= self.anchors & {given["id"]}
            self.anchors.add(given["id"])
        if tag == "a" and "name" in given:
            self.anchors.add(given["name"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and _LOADED_RELATIONS & set(given.get("rel", "").split()):
            self.loaded.append(given.get("href", ""))
        if given.get(_LOADED.get(tag, "")):
            self.loaded.append(given[_LOADED[tag]])


def faults(site: Path) -> Iterator[str]:
    pages = {path: _Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    if not pages:
        yield f"{site} has no pages"
    for path, page in pages.items():
        # The page for what is not found is shown at any address.
        if path == site / "404.html":
            continue
        where = path.relative_to(site)
        for anchor in sorted(page.doubled):
            yield f"{where}: two elements have the id '{anchor}'"
        for address in page.links:
            yield from _link_faults(site, path, address, pages)
        for address in page.loaded:
            if _is_elsewhere(address):
                yield f"{where} loads {address}"
            else:
                yield from _link_faults(site, path, address, pages)
    for style in sorted(site.rglob("*.css")):
        for found in _IN_STYLE.finditer(style.read_text("utf-8")):
            address = found["address"] or found["imported"]
            if _is_elsewhere(address):
                yield f"{style.relative_to(site)} loads {address}"


def _is_elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme not in ("", "data") or bool(parts.netloc)


def _link_faults(site: Path, page: Path, address: str, pages: dict[Path, _Page]) -> Iterator[str]:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= "index.html"
    anchor = unquote(parts.fragment)
    where = page.relative_to(site)
    if not target.is_file() or not target.is_relative_to(site):
        yield f"{where}: {address} is not there"
    elif anchor and target in pages and anchor not in pages[target].anchors:
        yield f"{where}: {address} names an anchor that is not there"


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks the links of a built site.")
    parser.add_argument("site", type=Path)
    found = list(faults(parser.parse_args().site.resolve()))
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
