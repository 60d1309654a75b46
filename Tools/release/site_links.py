"""Rewrites the links of documents that are read in the repository, too, for their pages."""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping
from pathlib import Path

_FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1$", re.M | re.S)
_LINK = re.compile(r"(?P<mark>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")


class SiteLinkError(Exception):
    """A document links to what is not there."""


def rewritten(text: str, document: str, page: str, pages: Mapping[str, str], root: Path) -> str:
    """The text of a document of the repository as the page says it. `pages` has the page of each
    file that has one; a link to any other becomes the path of the file."""

    def link(found: re.Match[str]) -> str:
        target, hash_mark, anchor = found["target"].partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return found[0]
        path = os.path.normpath(os.path.join(os.path.dirname(document), target))
        if not (root / path).exists():
            raise SiteLinkError(f"{document} links to {path}, which does not exist")
        if path in pages:
            there = os.path.relpath(pages[path], os.path.dirname(page) or ".")
            return f"{found['mark']}[{found['text']}]({there}{hash_mark}{anchor})"
        shown = found["text"]
        if path in shown:
            return shown if "`" in shown else f"`{shown}`"
        return f"{shown} (`{path}`)"

    written = []
    end = 0
    for fence in _FENCE.finditer(text):
        written += [_LINK.sub(link, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*written, _LINK.sub(link, text[end:])])
