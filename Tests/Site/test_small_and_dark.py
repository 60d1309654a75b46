"""What does not fit scrolls inside itself, the navigation is at hand, and text can be read."""

from __future__ import annotations

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 20
# One of each kind.
KINDS = {
    "start": "index.html",
    "guide": "hosts.html",
    "operations": "reference.html",
    "function": "c/trillet_calls_send.html",
    "c++": "cpp/index.html",
    "python": "python/trillet.html",
    "example": "examples/wsgi.html",
    "figures": "benchmarks.html",
}
PAGES = [pytest.param(page, id=kind) for kind, page in KINDS.items()]
# The widths of what is wider than the place it has, and whether it scrolls there.
OVERFLOWING = """
    return [...document.querySelectorAll(".md-content pre > code, .md-typeset__scrollwrap")]
      .filter((one) => one.scrollWidth > one.clientWidth + 1)
      .map((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX));
"""
# The least contrast of text to what is behind it, as the W3C computes it, and the text.
CONTRAST = """
    const channels = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = (color) => {
      const [red, green, blue] = channels(color).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    // What is behind an element, over the page: colors may let through what is below them.
    const behind = (element) => {
      const layers = [];
      for (let one = element; one; one = one.parentElement) {
        layers.unshift(channels(getComputedStyle(one).backgroundColor));
      }
      return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const over = (color, below) => {
      const share = color.length > 3 ? color[3] : 1;
      return [0, 1, 2].map((each) => color[each] * share + below[each] * (1 - share));
    };
    const text = (color) => `rgb(${color.join(",")})`;
    const found = [...document.querySelectorAll(
      ".md-content p, .md-content li, .md-content td, .md-content th, .md-content h1, "
      + ".md-content h2, .md-content a:not(.headerlink), .md-content code, .md-content pre span",
    )].filter((one) => one.textContent.trim()).map((one) => {
      const below = behind(one);
      const front = over(channels(getComputedStyle(one).color), below);
      const [low, high] = [light(text(front)), light(text(below))].sort((a, b) => a - b);
      return [(high + 0.05) / (low + 0.05), one.tagName + ": " + one.textContent.slice(0, 40)];
    });
    return found.sort((a, b) => a[0] - b[0])[0];
"""


@pytest.mark.parametrize("screen", ["phone"], indirect=True)
@pytest.mark.parametrize("page", PAGES)
def test_a_phone_never_scrolls_a_page_sideways(
    page: str, screen: str, address: str, browser: Chrome
) -> None:
    browser.get(f"{address}/{page}")
    browser.execute_script("window.scrollTo(10000, 0)")
    assert browser.execute_script("return window.scrollX") == 0
    assert all(browser.execute_script(OVERFLOWING)), page


@pytest.mark.parametrize("screen", ["phone"], indirect=True)
@pytest.mark.parametrize("page", ["hosts.html", "benchmarks.html", "cpp/index.html"])
def test_wide_tables_and_code_scroll_inside_themselves(
    page: str, screen: str, address: str, browser: Chrome
) -> None:
    browser.get(f"{address}/{page}")
    assert True in browser.execute_script(OVERFLOWING)


@pytest.mark.parametrize("screen", ["phone"], indirect=True)
def test_a_phone_has_the_navigation_behind_a_button(
    screen: str, address: str, browser: Chrome
) -> None:
    browser.get(f"{address}/hosts.html")
    entry = browser.find_element(By.CSS_SELECTOR, '.md-nav--primary a[href$="batches.html"]')
    assert not entry.is_displayed() or entry.rect["x"] < 0
    browser.find_element(By.CSS_SELECTOR, 'label.md-header__button[for="__drawer"]').click()
    wait = WebDriverWait(browser, SECONDS)
    wait.until(lambda _: entry.is_displayed() and 0 <= entry.rect["x"] < 390, "no navigation")
    entry.click()
    wait.until(lambda now: now.current_url.endswith("/batches.html"), "the entry leads nowhere")


@pytest.mark.parametrize("screen", ["phone"], indirect=True)
def test_a_phone_searches(screen: str, address: str, browser: Chrome) -> None:
    browser.get(f"{address}/hosts.html")
    browser.find_element(By.CSS_SELECTOR, 'label.md-header__button[for="__search"]').click()
    field = browser.find_element(By.CSS_SELECTOR, ".md-search__input")
    wait = WebDriverWait(browser, SECONDS)
    wait.until(lambda _: field.is_displayed(), "no field")
    field.send_keys("trillet_calls_send")
    found = '.md-search-result__link[href*="c/trillet_calls_send.html"]'
    wait.until(lambda now: now.find_elements(By.CSS_SELECTOR, found), "the search finds nothing")


@pytest.mark.parametrize("screen", ["desk"], indirect=True)
@pytest.mark.parametrize("page", PAGES)
def test_a_desk_shows_where_one_is(page: str, screen: str, address: str, browser: Chrome) -> None:
    browser.get(f"{address}/{page}")
    tabs = browser.find_elements(By.CSS_SELECTOR, ".md-tabs__link")
    assert len([tab for tab in tabs if tab.is_displayed()]) == len(tabs) > 5
    assert len(browser.find_elements(By.CSS_SELECTOR, ".md-tabs__item--active")) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_text_stands_out(page: str, scheme: str, address: str, browser: Chrome) -> None:
    wanted = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wanted]})
    browser.get(f"{address}/{page}")
    contrast, text = browser.execute_script(CONTRAST)
    assert contrast >= 4.5, text


def test_every_plot_of_the_benchmarks_is_drawn(address: str, browser: Chrome) -> None:
    browser.get(f"{address}/benchmarks.html")
    plots = browser.find_elements(By.CSS_SELECTOR, ".md-content img")
    assert plots
    wait = WebDriverWait(browser, SECONDS)
    drawn = (
        "return [...document.querySelectorAll('.md-content img')].every((one) => one.naturalWidth)"
    )
    wait.until(lambda now: now.execute_script(drawn), "a plot is missing")


# How many points of a picture are about as light as asked, of 0 to 255, and how light the last is.
LIGHTNESS = """
    const [png, wanted, done] = arguments;
    const picture = new Image();
    picture.onload = () => {
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const drawing = canvas.getContext("2d");
      drawing.drawImage(picture, 0, 0);
      const points = drawing.getImageData(0, 0, picture.width, picture.height).data;
      let found = 0;
      for (let each = 0; each < points.length; each += 4) {
        const [red, blue] = [points[each], points[each + 2]];
        if (Math.abs(red - wanted) < 8 && Math.abs(blue - wanted) < 24) found++;
      }
      done([found, points.at(-4)]);
    };
    picture.src = "data:image/png;base64," + png;
"""


@pytest.mark.parametrize("chosen", ["by the system", "by hand"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_plot_is_drawn_for_its_ground(
    scheme: str, chosen: str, address: str, browser: Chrome
) -> None:
    other = {"light": "dark", "dark": "light"}[scheme]
    system = {
        "name": "prefers-color-scheme",
        "value": scheme if chosen == "by the system" else other,
    }
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [system]})
    browser.get(f"{address}/benchmarks.html")
    if chosen == "by hand":
        name = {"light": "default", "dark": "slate"}[scheme]
        browser.execute_script(f"document.body.dataset.mdColorScheme = '{name}'")
    plot = browser.find_element(By.CSS_SELECTOR, '.md-content img[src$=".svg"]')
    text = {"light": 0x24, "dark": 0xE6}[scheme]
    points, ground = browser.execute_async_script(LIGHTNESS, plot.screenshot_as_base64, text)
    assert (ground > 200) == (scheme == "light")
    assert points > 50
