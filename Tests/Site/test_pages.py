"""What the site has, and how it looks in a browser."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from conftest import SCREENS

ROOT = Path(__file__).resolve().parents[2]
# What reaches beyond the window although nothing around it scrolls.
WIDE = """
    const width = document.documentElement.clientWidth;
    const scrolls = (element) => {
      for (let one = element; one !== document.body; one = one.parentElement) {
        const flow = getComputedStyle(one).overflowX;
        if (flow !== "visible" && one.getBoundingClientRect().right <= width + 1) return true;
      }
      return false;
    };
    return [...document.querySelectorAll(".md-content *")]
      .filter((one) => one.getBoundingClientRect().right > width + 1 && !scrolls(one))
      .map((one) => one.tagName + ": " + one.textContent.trim().slice(0, 60))
      .slice(0, 3);
"""


def pages(site: Path, screen: str) -> list[str]:
    """All for a phone; on a desk the pages of functions are one as another."""
    found = sorted(str(path.relative_to(site)) for path in site.rglob("*.html"))
    return [page for page in found if screen == "phone" or not page.startswith("c/trillet_")]


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_no_page_is_wider_than_the_screen(
    screen: str, site: Path, address: str, browser: Chrome
) -> None:
    wide = {}
    for page in pages(site, screen):
        browser.get(f"{address}/{page}")
        if found := browser.execute_script(WIDE):
            wide[page] = found
    assert wide == {}, screen


def test_every_function_of_the_header_has_a_page(site: Path) -> None:
    exported = (ROOT / "Sources/trillet.map").read_text("utf-8")
    names = set(re.findall(r"\b(trillet_\w+);", exported))
    assert names, "the list of exported names has another form"
    assert names - {path.stem for path in (site / "c").glob("*.html")} == set()


def test_every_class_of_the_cpp_header_is_described(site: Path) -> None:
    header = (ROOT / "include/trillet.hpp").read_text("utf-8")
    page = (site / "cpp/index.html").read_text("utf-8")
    classes = re.findall(r"^(?:class|struct|enum class) ([A-Z]\w+)\b(?!;)", header, re.M)
    hidden = {"ByName", "LogTarget", "ProgressTarget"}
    missing = [name for name in classes if f'id="trillet-{name.lower()}"' not in page]
    assert set(missing) == hidden


def test_every_name_of_the_python_package_is_described(site: Path) -> None:
    initial = (ROOT / "bindings/python/src/trillet/__init__.py").read_text("utf-8")
    listed = re.findall(r'^    "(\w+)",$', initial.split("__all__ = [")[1].split("]")[0], re.M)
    text = "".join(path.read_text("utf-8") for path in (site / "python").glob("*.html"))
    public = [name for name in listed if name != "__version__"]
    assert [name for name in public if not re.search(rf'id="trillet\.{name}["\.]', text)] == []


def test_every_document_and_example_is_shown(site: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "examples"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    shown = "".join(path.read_text("utf-8") for path in (site / "examples").glob("*.html"))
    # Data, and what only builds or runs the programs.
    unshown = (".csv", "Makefile", "run-demo", "Package.swift", "rustfmt.toml")
    missing = [name for name in listed if not name.endswith(unshown) and name not in shown]
    assert missing == []
    built = {path.stem for path in site.glob("*.html")}
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} - built == set()


@pytest.mark.parametrize("name", ["trillet_calls_send", "trillet_client_drain"])
def test_searching_finds_a_function(name: str, address: str, browser: Chrome) -> None:
    browser.get(f"{address}/index.html?q={name}")
    wait = WebDriverWait(browser, 20)
    wait.until(
        lambda now: any(
            f"c/{name}.html" in str(link.get_attribute("href"))
            for link in now.find_elements(By.CSS_SELECTOR, ".md-search-result__link")
        ),
        "the search has no such page",
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_site_follows_the_scheme_of_the_system(
    scheme: str, address: str, browser: Chrome
) -> None:
    wanted = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wanted]})
    browser.get(f"{address}/hosts.html")
    color = browser.execute_script(
        "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert (sum(color[:3]) < 200) == (scheme == "dark")


def test_the_console_has_no_errors(address: str, browser: Chrome) -> None:
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    for page in ("index.html", "benchmarks.html", "python/trillet.html", "cpp/index.html"):
        browser.get(f"{address}/{page}")
    lines = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [line["message"] for line in lines if line["level"] == "SEVERE"] == []
