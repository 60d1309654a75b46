"""The page for people, in a browser: what it shows, how it follows, what its buttons do."""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from browser import PANELS, Browser
from conftest import StartSandbox
from sandbox import OTHER_KEY, OTHER_WORKSPACE, Sandbox, ready_agent, start_batch

pytestmark = pytest.mark.usefixtures("quiet_console")


@pytest.fixture
def busy(start_sandbox: StartSandbox) -> Sandbox:
    """A server whose time runs fast."""
    return start_sandbox("--requests-per-minute", "0", "--speed", "600")


def send_call(sandbox: Sandbox, agent: str, **fields: object) -> str:
    answer = sandbox.post(
        "/api/v1/calls/call", {"agentId": agent, "toNumber": "+12025550164", **fields}
    )
    assert answer.status == 200, answer.body
    identifier: str = answer.json["callId"]
    return identifier


def clock(sandbox: Sandbox) -> dict[str, Any]:
    reading: dict[str, Any] = sandbox.get("/sandbox/clock").json
    return reading


def test_every_panel_shows_what_the_workspace_holds(busy: Sandbox, browser: Browser) -> None:
    agent = ready_agent(busy)
    call = send_call(busy, agent)
    batch = start_batch(busy, agent, 3)
    browser.open(busy)
    expected = {
        "calls": call,
        "batches": batch,
        "agents": agent,
        "flows": "Renewal reminder",
        "numbers": "+1202555",
        "requests": "/api/v1/calls/call",
        "deliveries": "",
        "faults": "everything works",
    }
    for panel in PANELS:
        browser.show(panel)
        browser.until(lambda panel=panel: expected[panel] in browser.text(f"#panel-{panel}"))  # type: ignore[misc]
        shown = [
            one.get_attribute("id") for one in browser.all("main > section") if one.is_displayed()
        ]
        assert shown == [f"panel-{panel}"]


def test_an_empty_sandbox_says_what_to_do(busy: Sandbox, browser: Browser) -> None:
    browser.open(busy)
    browser.until(lambda: "POST /api/v1/calls/call" in browser.text("#panel-calls"))


def test_a_call_appears_and_ends_while_one_looks(busy: Sandbox, browser: Browser) -> None:
    agent = ready_agent(busy)
    browser.open(busy)
    call = send_call(busy, agent)
    browser.until(lambda: call in browser.text("#panel-calls"))
    badge = "#panel-calls tbody tr .badge"
    browser.until(lambda: browser.text(badge) not in ("", "queued", "ringing", "talking"))


def test_the_progress_of_a_batch_is_live(busy: Sandbox, browser: Browser) -> None:
    agent = ready_agent(busy)
    browser.open(busy, "#batches")
    batch = start_batch(busy, agent, 40)
    bar = "#panel-batches [role=progressbar]"
    browser.until(lambda: batch in browser.text("#panel-batches"))
    browser.until(lambda: "40 calls:" in browser.text("#panel-batches"))
    browser.until(lambda: "completed" in browser.text("#panel-batches .badge"))
    assert browser.find(bar).get_attribute("aria-valuenow") == "40"


def test_a_call_opens_with_its_timeline_and_transcript(busy: Sandbox, browser: Browser) -> None:
    agent = ready_agent(busy)
    call = send_call(
        busy, agent, dynamicVariables={"first_name": "Ada"}, metadata={"order": "A-17"}
    )
    browser.open(busy)
    browser.click_text("#panel-calls a", call)
    browser.until(lambda: "ended" in browser.text("#detail .timeline"))
    assert browser.text("#detail .timeline").startswith("queued")
    for text in (call, "+12025550164", "Ada", "A-17"):
        assert text in browser.text("#detail")


def test_the_address_leads_back_to_a_call(busy: Sandbox, browser: Browser) -> None:
    call = send_call(busy, ready_agent(busy))
    browser.open(busy, f"#calls/{call}")
    browser.until(lambda: call in browser.text("#detail-title"))


def test_a_request_shows_the_command_that_repeats_it(busy: Sandbox, browser: Browser) -> None:
    ready_agent(busy)
    browser.open(busy, "#requests")
    browser.click_text("#panel-requests a", "POST /api/v1/agents")
    browser.until(lambda: "curl" in browser.text("#detail pre"))
    command = browser.text("#detail pre")
    assert "$TRILLET_API_KEY" in command
    assert "sandbox-key" not in browser.text("#detail")
    assert '"name": "Front Desk"' in browser.text("#detail")
    origin = f"http://127.0.0.1:{busy.port}"
    browser.driver.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"origin": origin, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    browser.click("#detail .heading button")
    browser.until(lambda: "copied" in browser.text("#announcement"))
    copied = browser.run("return navigator.clipboard.readText()")
    assert copied.strip() == command.strip()


def test_requests_are_filtered(busy: Sandbox, browser: Browser) -> None:
    ready_agent(busy)
    busy.get("/api/v1/agents/unknown-one")
    browser.open(busy, "#requests")
    browser.until(lambda: len(browser.all("#request-list tbody tr")) >= 3)
    browser.fill("#request-filter", "agents.get")
    browser.until(lambda: len(browser.all("#request-list tbody tr")) == 1)
    assert "404" in browser.text("#request-list tbody tr")
    browser.fill("#request-filter", "nothing like it")
    browser.until(lambda: "No request matches" in browser.text("#request-list"))


def test_the_clock_is_paused_stepped_jumped_and_sped_up(
    start_sandbox: StartSandbox, browser: Browser
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    call = send_call(sandbox, ready_agent(sandbox))
    browser.open(sandbox)
    browser.click("#clock-pause")
    browser.until(lambda: browser.text("#clock-state") == "Paused")
    assert browser.text("#clock-pause") == "Resume"
    stopped = clock(sandbox)
    assert stopped["paused"] is True

    browser.select("#clock-step-by", "3600000")
    browser.click("#clock-step button")
    browser.until(lambda: clock(sandbox)["now"] == stopped["now"] + 3_600_000)
    browser.until(lambda: clock(sandbox)["time"][:10] in browser.text("#clock-time"))
    browser.until(lambda: "talking" not in browser.text("#panel-calls"))
    assert call in browser.text("#panel-calls")

    # The field for a date and time takes its parts in an order that depends on the language.
    browser.run("document.getElementById('clock-jump-to').value = '2039-05-06T07:08:09'")
    browser.click("#clock-jump button")
    browser.until(lambda: browser.text("#clock-time") == "2039-05-06 07:08:09 UTC")
    assert clock(sandbox)["time"] == "2039-05-06T07:08:09.000Z"

    browser.run("document.getElementById('clock-jump-to').value = '2031-01-01T00:00:00'")
    browser.click("#clock-jump button")
    browser.until(lambda: "backwards" in browser.text("#announcement"))

    browser.fill("#clock-speed-value", "60")
    browser.click("#clock-speed button")
    browser.click("#clock-pause")
    browser.until(lambda: browser.text("#clock-state") == "× 60")
    assert clock(sandbox)["speed"] == 60


def test_the_page_follows_a_clock_steered_elsewhere(busy: Sandbox, browser: Browser) -> None:
    browser.open(busy)
    busy.post("/sandbox/clock", {"paused": True})
    browser.until(lambda: browser.text("#clock-state") == "Paused")


def test_a_fault_is_added_strikes_and_is_removed(busy: Sandbox, browser: Browser) -> None:
    browser.open(busy, "#faults")
    browser.select("#fault-add select", "agents.list")
    browser.fill("#fault-add [name=fault]", "status" + Keys.TAB)
    browser.fill("#fault-add [name=parameters]", "status=500")
    browser.click("#fault-add .main")
    browser.until(lambda: "agents.list" in browser.text("#fault-list"))
    assert "0 of 1" in browser.text("#fault-list")

    assert busy.get("/api/v1/flows").status == 200
    assert busy.get("/api/v1/agents").status == 500
    browser.until(lambda: "1 of 1" in browser.text("#fault-list"))

    browser.click_text("#fault-list button", "Remove")
    browser.until(lambda: "everything works" in browser.text("#fault-list"))


def test_all_faults_are_cleared_and_a_wrong_one_is_explained(
    busy: Sandbox, browser: Browser
) -> None:
    busy.post("/sandbox/faults", {"fault": "empty"})
    busy.post("/sandbox/faults", {"fault": "html"})
    browser.open(busy, "#faults")
    browser.until(lambda: len(browser.all("#fault-list tbody tr")) == 2)
    browser.click("#fault-clear")
    browser.until(lambda: "everything works" in browser.text("#fault-list"))
    browser.fill("#fault-add [name=fault]", "meteorite")
    browser.click("#fault-add .main")
    browser.until(lambda: "meteorite" in browser.text("#announcement"))


def test_a_reset_asks_first_and_then_forgets(busy: Sandbox, browser: Browser) -> None:
    agent = ready_agent(busy)
    browser.open(busy, "#agents")
    browser.until(lambda: agent in browser.text("#panel-agents"))
    browser.click("#reset")
    browser.click("#reset-cancel")
    assert agent in browser.text("#panel-agents")
    browser.click("#reset")
    browser.click("#reset-confirm")
    browser.until(lambda: "No agents yet" in browser.text("#panel-agents"))
    assert busy.get("/api/v1/agents").json["agents"] == []


def test_another_workspace_is_chosen(start_sandbox: StartSandbox, browser: Browser) -> None:
    sandbox = start_sandbox(
        "--requests-per-minute", "0", "--account", f"{OTHER_KEY}:{OTHER_WORKSPACE}"
    )
    mine = ready_agent(sandbox)
    browser.open(sandbox, "#agents")
    browser.until(lambda: mine in browser.text("#panel-agents"))
    browser.select("#workspace", OTHER_WORKSPACE)
    browser.until(lambda: "No agents yet" in browser.text("#panel-agents"))


def test_the_page_says_when_the_sandbox_is_gone(busy: Sandbox, browser: Browser) -> None:
    browser.open(busy)
    busy.stop()
    browser.until(lambda: browser.text("#live") in ("Reconnecting", "Not connected"))
