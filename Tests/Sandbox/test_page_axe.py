"""What axe finds on the page: nothing, on any screen, light or dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from axe import found_by_axe
from browser import PANELS, Browser
from sandbox import Sandbox, ready_agent, start_batch

SIZES = [(390, 844), (768, 1024), (1280, 860), (1600, 1000)]


class Shown:
    """A server with something of everything."""

    def __init__(self) -> None:
        self.sandbox = Sandbox("--requests-per-minute", "0", "--paused")
        self.agent = ready_agent(self.sandbox)
        self.batch = start_batch(self.sandbox, self.agent, 60)
        self.sandbox.steer(advanceMs=240_000)
        order = {
            "agentId": self.agent,
            "toNumber": "+15005550000",
            "callbackUrl": "http://127.0.0.1:9/hook",
            "dynamicVariables": {"first_name": "Ada"},
        }
        self.call: str = self.sandbox.post("/api/v1/calls/call", order).json["callId"]
        self.sandbox.steer(advanceMs=60_000)
        self.sandbox.post("/sandbox/faults", {"operation": "agents.get", "fault": "delay"})
        self.flow: str = self.first("flows")
        self.delivery: str = self.first("deliveries")

    def first(self, what: str) -> str:
        found: str = self.sandbox.get(f"/sandbox/{what}?limit=1").json["entries"][0]["id"]
        return found


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    held = Shown()
    yield held
    held.sandbox.stop()


def found_at_rest(browser: Browser) -> Any:
    """What axe finds once nothing moves any more."""
    browser.until(lambda: browser.run("return document.getAnimations().length") == 0)
    return found_by_axe(browser.driver)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_axe_finds_nothing_on_any_panel(
    shown: Shown, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    browser.look(dark=dark, size=size)
    browser.open(shown.sandbox)
    for panel in PANELS:
        browser.show(panel)
        browser.until(lambda panel=panel: browser.all(f"#panel-{panel} tbody tr"))  # type: ignore[misc]
        assert found_at_rest(browser) == [], panel
        width = browser.run("return document.documentElement.scrollWidth")
        assert width <= size[0], panel


@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]], ids=["phone", "desk"])
def test_axe_finds_nothing_in_what_opens(
    shown: Shown, browser: Browser, size: tuple[int, int]
) -> None:
    browser.look(size=size)
    browser.open(shown.sandbox)
    for address in (
        f"#/calls/{shown.call}",
        f"#/batches/{shown.batch}",
        f"#/agents/{shown.agent}",
        f"#/flows/{shown.flow}",
        f"#/deliveries/{shown.delivery}",
        "#/requests/1",
    ):
        browser.run("location.hash = arguments[0]", address)
        browser.until(lambda: browser.all("#detail-body .facts"))
        assert found_at_rest(browser) == [], address
    browser.click("#detail-close")
    browser.until(lambda: not browser.find("#detail").is_displayed())


def open_dialog(browser: Browser, panel: str, text: str, dialog: str) -> Callable[[], None]:
    def act() -> None:
        browser.show(panel)
        browser.click_text(f"#panel-{panel} .tools button", text)
        browser.until(lambda: browser.find(dialog).is_displayed())

    return act


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_dialogs(shown: Shown, browser: Browser, dark: bool) -> None:
    browser.look(dark=dark)
    for act in (
        open_dialog(browser, "calls", "Send a call", "#call-dialog"),
        open_dialog(browser, "batches", "Upload a CSV", "#contact-dialog"),
        lambda: browser.click("#reset"),
    ):
        browser.open(shown.sandbox)
        act()
        assert found_at_rest(browser) == []


def test_axe_finds_nothing_on_the_empty_page(browser: Browser) -> None:
    browser.look()
    sandbox = Sandbox("--requests-per-minute", "0")
    try:
        browser.open(sandbox)
        browser.until(lambda: browser.all(".start pre"))
        assert found_at_rest(browser) == []
    finally:
        sandbox.stop()
