"""Writes the sources of the documentation site, from which mkdocs makes the site.

    python Tools/release/site_sources.py build/docs

The documents stay where they are read in the repository; the references follow from the headers.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import site_c
import site_cpp
import site_examples
import site_python
from header import Header, read
from site_links import rewritten

ROOT = Path(__file__).resolve().parents[2]

# Documents and their pages, in the order of the navigation.
GUIDES = {
    "docs/installing.md": "Installing",
    "docs/command.md": "The command",
    "docs/command-events.md": "Accounts, webhooks and logs",
    "docs/command-reference.md": "The commands, one by one",
    "docs/batches.md": "Batches",
    "docs/calls.md": "What became of a call",
    "docs/campaigns.md": "Campaigns",
    "docs/campaign-guide.md": "Running a campaign",
    "docs/campaign-engines.md": "Campaigns through Celery and Temporal",
    "docs/agents-as-code.md": "Agents as code",
    "docs/mcp.md": "Tools for a language model",
    "docs/resilience.md": "When the network fails",
    "docs/webhooks.md": "Webhooks",
    "docs/cpp.md": "C++",
    "docs/hosts.md": "In your program",
    "docs/sandbox.md": "Sandbox",
    "docs/testing-agents.md": "Testing agents",
}
PROJECT = {
    "docs/distributions.md": "Where it runs",
    "docs/benchmarks.md": "Benchmarks",
    "docs/decisions.md": "Decisions",
    "CHANGELOG.md": "Changelog",
    "CONTRIBUTING.md": "Contributing",
    "Tests/README.md": "Tests",
    "docs/releasing.md": "Releasing",
}
OWN_PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "Tests/README.md": "tests.md",
    "bindings/python/README.md": "python/index.md",
    "bindings/swift/README.md": "swift.md",
    "docs/reference.md": "reference.md",
    "LICENSE": "license.md",
}
# Alone in its tab, the start has nothing to show beside it, and long lines of code.
FRONT = {"index.md": "---\nhide: [navigation]\n---\n\n"}


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes the sources of the site.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    names = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")}
    if missing := sorted(names - set(documents())):
        print(f"{Path(__file__).name} does not place {', '.join(missing)}", file=sys.stderr)
        return 1
    header = read(ROOT / "include/trillet.h")
    shutil.rmtree(folder / "pages", ignore_errors=True)
    for page, text in all_pages(header):
        path = folder / "pages" / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.rstrip("\n") + "\n", "utf-8")
    for place in ("docs/images", "docs/site/assets"):
        shutil.copytree(ROOT / place, folder / "pages" / Path(place).name)
    # Both files are two folders deep, so that paths mean the same in them.
    own = {
        "INHERIT": "../../docs/site/mkdocs.yml",
        "site_name": f"libtrillet {header.version}",
        "nav": navigation(header),
    }
    (folder / "mkdocs.yml").write_text(json.dumps(own, indent=1) + "\n", "utf-8")
    return 0


def page_of(document: str) -> str:
    return OWN_PAGES.get(document) or Path(document).name


def documents() -> list[str]:
    return [*dict.fromkeys([*GUIDES, *PROJECT, *OWN_PAGES])]


def all_pages(header: Header) -> Iterator[tuple[str, str]]:
    pages = {document: page_of(document) for document in documents()}
    pages |= {"include/trillet.h": site_c.OVERVIEW} | site_examples.addresses()
    pages |= {f"include/{name}": page for name, page in site_cpp.PAGES.items()}
    pages |= {
        str(path.relative_to(ROOT)): f"images/{path.name}"
        for path in (ROOT / "docs/images").iterdir()
    }
    for document in documents():
        text = (ROOT / document).read_text("utf-8")
        if document == "LICENSE":
            text = f"# License\n\n```text\n{text}```\n"
        page = pages[document]
        yield page, FRONT.get(page, "") + rewritten(text, document, page, pages, ROOT)
    yield from site_c.pages(header)
    yield from site_cpp.pages(ROOT / "include", site_c.addresses(header))
    yield from site_python.pages(ROOT / "bindings/python/src/trillet")
    yield from site_examples.pages(ROOT)


def navigation(header: Header) -> list[object]:
    return [
        {"Start": "index.md"},
        {"Guides": [{title: page_of(document)} for document, title in GUIDES.items()]},
        {"Operations": "reference.md"},
        {"C": site_c.navigation(header)},
        {"C++": site_cpp.navigation()},
        {"Python": site_python.navigation()},
        {"Swift": "swift.md"},
        {"Examples": site_examples.navigation()},
        {
            "Project": [
                *({title: page_of(document)} for document, title in PROJECT.items()),
                {"License": page_of("LICENSE")},
            ]
        },
    ]


if __name__ == "__main__":
    sys.exit(main())
