"""The page of a campaign on phones and desks, light and dark, by keyboard and against hostile text.

With TRILLET_SCREENSHOTS set to a folder pictures are written there.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from axe import found_by_axe
from conftest import ATTACK

SECONDS = 20
WIDTHS = (390, 1280)


def opened(browser: Chrome, address: str, width: int = 1280, scheme: str = "light") -> None:
    """The page once it is live."""
    wanted = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wanted]})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    browser.get(address)
    WebDriverWait(browser, SECONDS).until(lambda _: text(browser, "#live") == "Live", "not live")


def text(browser: Chrome, selector: str) -> str:
    return browser.find_element(By.CSS_SELECTOR, selector).text


def keep(browser: Chrome, name: str) -> None:
    folder = os.environ.get("TRILLET_SCREENSHOTS")
    if folder:
        height = browser.execute_script("return document.documentElement.scrollHeight")
        picture = browser.execute_cdp_cmd(
            "Page.captureScreenshot",
            {
                "captureBeyondViewport": True,
                "clip": {
                    "x": 0,
                    "y": 0,
                    "width": browser.execute_script("return innerWidth"),
                    "height": height,
                    "scale": 1,
                },
            },
        )
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_to_mend(browser: Chrome, address: str, width: int, scheme: str) -> None:
    opened(browser, address, width, scheme)
    browser.find_element(By.CSS_SELECTOR, "#hours summary").click()
    keep(browser, f"campaign-{width}-{scheme}")
    assert found_by_axe(browser) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1600])
def test_nothing_is_wider_than_the_window(browser: Chrome, address: str, width: int) -> None:
    opened(browser, address, width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_no_stored_text_runs_or_becomes_markup(browser: Chrome, address: str) -> None:
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    opened(browser, address)
    assert text(browser, "#name") == ATTACK
    assert ATTACK in text(browser, "#failures")
    assert ATTACK in text(browser, "#doubts")
    assert "x<svg onload=1>" in text(browser, "#outcomes")
    assert browser.execute_script("return window.broken") is None
    assert browser.find_elements(By.CSS_SELECTOR, "body img, body script, iframe") == []
    # Nor does the page break its own rules of what may be loaded.
    log = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [line for line in log if line["level"] == "SEVERE"] == []


def test_who_is_in_doubt_comes_first(browser: Chrome, address: str) -> None:
    opened(browser, address)
    assert text(browser, "#doubts-title") == "In doubt: 3 held, 1 unknown"
    states = browser.find_elements(By.CSS_SELECTOR, "#doubts tbody .badge")
    assert [one.text for one in states] == ["held", "held", "held", "unknown"]
    tiles = browser.find_elements(By.CSS_SELECTOR, "#contacts li")
    assert [one.get_attribute("class") for one in tiles][:2] == ["held", "unknown"]


def test_plots_have_a_table_for_who_cannot_see_them(browser: Chrome, address: str) -> None:
    opened(browser, address)
    summary = browser.find_element(By.CSS_SELECTOR, "#hours summary")
    summary.send_keys(Keys.ENTER)
    rows = browser.find_elements(By.CSS_SELECTOR, "#hours tbody tr")
    assert 24 <= len(rows) <= 26
    drawing = browser.find_element(By.CSS_SELECTOR, "#hours svg")
    assert (drawing.get_attribute("aria-label") or "").startswith("240 calls from ")


def test_a_click_with_the_keyboard_survives_the_next_look(browser: Chrome, address: str) -> None:
    opened(browser, address)
    browser.find_element(By.CSS_SELECTOR, "#hours summary").send_keys(Keys.ENTER)
    browser.execute_script(
        "window.fetches = 0; const old = fetch;"
        "window.fetch = (...all) => { window.fetches++; return old(...all); }"
    )
    wait = WebDriverWait(browser, SECONDS)
    wait.until(lambda _: browser.execute_script("return window.fetches") > 2, "no looks")
    assert browser.execute_script("return document.activeElement.tagName") == "SUMMARY"
    assert browser.find_element(By.CSS_SELECTOR, "#hours details").get_attribute("open")
