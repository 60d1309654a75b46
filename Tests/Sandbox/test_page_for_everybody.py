"""The page on a phone, in the dark, by keyboard and for a screen reader.

With TRILLET_SCREENSHOTS set to a folder the pictures of the documentation are written there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from browser import PANELS, Browser
from sandbox import Sandbox, agent_fields, contacts, flow_fields, ready_agent, start_batch

PROMPT = (
    "Confirm the appointment of {first_name} on Thursday at 10:30, or offer Friday at 14:00. "
    "Be brief and friendly."
)
PHONE = (390, 844)
SMALL_PHONE = (320, 640)


@pytest.fixture(scope="module")
def shown() -> Iterator[Sandbox]:
    """A server with something of everything, at a moment when much is going on."""
    sandbox = Sandbox("--requests-per-minute", "0")
    sandbox.post("/sandbox/clock", {"paused": True})
    agents = []
    for name, prompt in (("Front Desk", PROMPT), ("Renewals", "Remind {first_name}.")):
        agent = sandbox.post("/api/v1/agents", agent_fields(name=name)).json["_id"]
        flow = flow_fields(name=f"{name}, outbound", agent=agent, prompt=prompt)
        assert sandbox.post("/api/v1/flows", flow).status == 200
        agents.append(agent)
    start_batch(sandbox, agents[1], 48)
    sandbox.post("/sandbox/clock", {"advanceMs": 150_000})
    for index, name in enumerate(("Ada", "Grace", "Edsger", "Barbara")):
        order = {
            "agentId": agents[0],
            "toNumber": f"+1202555014{index}",
            "dynamicVariables": {"first_name": name},
            "metadata": {"appointment": f"A-{1700 + index}"},
        }
        assert sandbox.post("/api/v1/calls/call", order).status == 200
        sandbox.post("/sandbox/clock", {"advanceMs": 16_000})
    sandbox.post("/sandbox/faults", {"operation": "agents.get", "fault": "status", "status": 503})
    sandbox.get(f"/api/v1/agents/{agents[0]}")
    sandbox.upload("/v1/api/batch-calls/validate", contacts(3))
    sandbox.get("/api/v1/agents/64b0c0ffee64b0c0ffee64b0")
    yield sandbox
    sandbox.stop()


def keep(browser: Browser, name: str) -> None:
    """Keeps a picture when somebody wants them."""
    folder = os.environ.get("TRILLET_SCREENSHOTS")
    # A transition in the middle, or a message that is about to go, would differ from run to run.
    browser.until(lambda: browser.run("return document.getAnimations().length") == 0)
    picture = browser.driver.get_screenshot_as_png()
    assert picture.startswith(b"\x89PNG")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(picture)


def luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# The text and the ground of every element that shows text of its own.
COLOURS = """
const found = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  if (!own || !node.checkVisibility() || node.closest(".unseen, .skip, :disabled")) continue;
  let ground = node;
  while (ground && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)")
    ground = ground.parentElement;
  found.push([node.textContent.trim().slice(0, 40), getComputedStyle(node).color,
    ground ? getComputedStyle(ground).backgroundColor : "rgb(255, 255, 255)"]);
}
return found;
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_can_be_read(shown: Sandbox, browser: Browser, dark: bool) -> None:
    browser.look(dark=dark)
    browser.open(shown)
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (luminance(ground) < 0.1) is dark
    for panel in PANELS:
        browser.show(panel)
        # The row under the pointer has a ground of its own, mixed from two colours.
        weak = [
            (text, round(contrast(colour, behind), 2))
            for text, colour, behind in browser.run(COLOURS)
            if contrast(colour, behind) < 4.5
        ]
        assert weak == [], panel


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["phone", "small phone"])
def test_nothing_is_wider_than_a_phone(
    shown: Sandbox, browser: Browser, size: tuple[int, int]
) -> None:
    browser.look(size=size)
    browser.open(shown)
    for panel in PANELS:
        browser.show(panel)
        width = browser.run("return document.documentElement.scrollWidth")
        assert width <= size[0], panel
    browser.click("#clock-steering summary")
    assert browser.run("return document.documentElement.scrollWidth") <= size[0]
    browser.show("calls")
    browser.until(lambda: browser.all("#panel-calls a.link"))
    browser.click("#panel-calls a.link")
    browser.until(lambda: browser.text("#detail .timeline"))
    box = browser.run("return document.getElementById('detail').getBoundingClientRect().toJSON()")
    assert (box["left"], box["width"]) == (0, size[0])
    assert browser.run("return document.getElementById('detail').scrollWidth") <= size[0]


def test_tabs_and_the_drawer_obey_the_keyboard(shown: Sandbox, browser: Browser) -> None:
    browser.look()
    browser.open(shown)
    browser.click("#tab-calls")
    for key, panel in (
        (Keys.ARROW_RIGHT, "batches"),
        (Keys.ARROW_LEFT, "calls"),
        (Keys.ARROW_LEFT, "faults"),
        (Keys.HOME, "calls"),
        (Keys.END, "faults"),
        (Keys.ARROW_RIGHT, "calls"),
    ):
        browser.driver.switch_to.active_element.send_keys(key)
        focused = browser.driver.switch_to.active_element
        assert focused.get_attribute("id") == f"tab-{panel}"
        assert focused.get_attribute("aria-selected") == "true"
        assert browser.find(f"#panel-{panel}").is_displayed()
    opener = browser.find("#panel-calls a.link")
    opener.send_keys(Keys.ENTER)
    browser.until(
        lambda: browser.driver.switch_to.active_element.get_attribute("id") == "detail-close"
    )
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    browser.until(lambda: not browser.find("#detail").is_displayed())
    assert browser.driver.switch_to.active_element == opener


def test_every_control_has_a_name(shown: Sandbox, browser: Browser) -> None:
    browser.look()
    browser.open(shown)
    for panel in PANELS:
        browser.show(panel)
        for control in browser.all("button, input, select, [role=progressbar], [role=tabpanel]"):
            if control.is_displayed():
                assert control.accessible_name, control.get_attribute("outerHTML")
    roles = [one.aria_role for one in browser.all("[role=tab]")]
    assert roles == ["tab"] * len(PANELS)
    assert browser.find("html").get_attribute("lang") == "en"


def test_a_server_with_work_makes_the_pictures(shown: Sandbox, browser: Browser) -> None:
    browser.look()
    browser.driver.set_window_size(1200, 1150)
    browser.open(shown)
    browser.until(lambda: len(browser.all("#panel-calls tbody tr")) > 5)
    browser.until(lambda: browser.all(".drawing rect"))
    keep(browser, "sandbox-calls")
    browser.driver.set_window_size(1200, 860)
    browser.look(dark=True)
    done = [row for row in browser.all("#panel-calls tbody tr") if "successful" in row.text]
    browser.click_text("#panel-calls a", done[0].text.split()[0])
    browser.until(lambda: browser.text("#detail .talk"))
    keep(browser, "sandbox-call")
    browser.look()
    browser.show("requests")
    browser.until(lambda: browser.all("#panel-requests a.link"))
    browser.click("#panel-requests a.link")
    browser.until(lambda: "curl" in browser.text("#detail pre"))
    keep(browser, "sandbox-request")
    browser.look(dark=True, size=PHONE)
    browser.open(shown, "#batches")
    browser.until(lambda: "calls:" in browser.text("#panel-batches"))
    keep(browser, "sandbox-phone")


def test_ready_agents_are_named_in_their_calls(shown: Sandbox, browser: Browser) -> None:
    browser.look()
    agent = ready_agent(shown)
    browser.open(shown, "#numbers")
    browser.until(lambda: agent in browser.text("#panel-numbers"))
    assert "free" in browser.text("#panel-numbers")
