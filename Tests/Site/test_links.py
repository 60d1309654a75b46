"""The check of links finds what is wrong with a site, and only that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def checked(site: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, ROOT / "Tools/release/links.py", site],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == (1 if done.stderr else 0)
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="b.html">', "a.html: b.html is not there"),
        ('<a href="#gone">', "a.html: #gone names an anchor that is not there"),
        ('<a href="../outside.html">', "a.html: ../outside.html is not there"),
        ('<p id="x"></p><p id="x"></p>', "a.html: two elements have the id 'x'"),
        ('<img src="x.png">', "a.html: x.png is not there"),
        (
            '<script src="https://example.org/x.js"></script>',
            "a.html loads https://example.org/x.js",
        ),
        (
            '<link rel="stylesheet" href="//example.org/x.css">',
            "a.html loads //example.org/x.css",
        ),
    ],
)
def test_a_fault_is_named_with_its_page(tmp_path: Path, body: str, fault: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.html").write_text(f"<html><body>{body}</body></html>")
    assert checked(site) == [fault]


def test_a_style_that_loads_from_elsewhere_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>")
    (tmp_path / "a.css").write_text("p { background: url('https://example.org/x.png') }")
    assert checked(tmp_path) == ["a.css loads https://example.org/x.png"]


def test_links_that_lead_somewhere_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "b c.html").write_text('<h1 id="ä">')
    body = '<a href="b%20c.html#%C3%A4"><a href="#a" id="a"><a href="https://example.org/">'
    (tmp_path / "a.html").write_text(body)
    assert checked(tmp_path) == []


def test_a_folder_without_pages_is_a_fault(tmp_path: Path) -> None:
    assert checked(tmp_path) == [f"{tmp_path} has no pages"]


def test_the_built_site_has_no_fault(site: Path) -> None:
    assert checked(site) == []
