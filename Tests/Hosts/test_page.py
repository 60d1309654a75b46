"""The page about hosts shows only code that a test runs, of programs that are short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import ROOT

PAGE = ROOT / "docs/hosts.md"
FOLDERS = (ROOT / "examples/hosts", ROOT / "Tests/Hosts/nginx")
BLOCK = re.compile(r"^```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((\.\./[^)#]+)\)")


def plain(text: str) -> str:
    """The lines without their indentation."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def programs() -> list[str]:
    files = [file for folder in FOLDERS for file in sorted(folder.rglob("*")) if file.is_file()]
    return [plain(file.read_text()) for file in files]


@pytest.mark.parametrize("block", BLOCK.findall(PAGE.read_text()))
def test_code_of_the_page_stands_in_a_program_that_is_run(block: str) -> None:
    assert any(plain(block) in text for text in programs()), block


@pytest.mark.parametrize("path", LINK.findall(PAGE.read_text()))
def test_a_link_of_the_page_leads_to_a_file(path: str) -> None:
    assert (PAGE.parent / path).exists()


# C has to speak the language of its host, and is longer.
SHORT = [
    path
    for path in sorted((ROOT / "examples/hosts").glob("*/*"))
    if path.is_file() and path.suffix != ".c"
]
MOST_LINES = 40


@pytest.mark.parametrize("path", SHORT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_example_is_read_at_a_glance(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= MOST_LINES
    assert [line for line in lines if len(line) > 110] == []
