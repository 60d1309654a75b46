"""What a person does on the page: follows links, filters, sends calls, uploads files."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from browser import Browser
from conftest import StartSandbox
from receiver import Receiver
from sandbox import OTHER_KEY, OTHER_WORKSPACE, Sandbox, contacts, ready_agent, start_batch

pytestmark = pytest.mark.usefixtures("quiet_console")


@pytest.fixture
def calm(start_sandbox: StartSandbox) -> Sandbox:
    """A server whose time stands still."""
    return start_sandbox("--requests-per-minute", "0", "--paused")


def send_call(sandbox: Sandbox, agent: str, number: str = "+15005550000", **fields: object) -> str:
    answer = sandbox.post("/api/v1/calls/call", {"agentId": agent, "toNumber": number, **fields})
    assert answer.status == 200, answer.body
    call: str = answer.json["callId"]
    return call


def address(browser: Browser) -> str:
    return str(browser.run("return location.hash"))


def focused(browser: Browser) -> str:
    return str(browser.run("return document.activeElement.textContent"))


def rows(browser: Browser, panel: str = "calls") -> int:
    return len(browser.all(f"#panel-{panel} tbody tr"))


def test_a_link_opens_in_an_open_tab_while_calls_run(
    start_sandbox: StartSandbox, browser: Browser
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--speed", "20")
    agent = ready_agent(sandbox)
    start_batch(sandbox, agent, 400)
    calls = [send_call(sandbox, agent) for _ in range(2)]
    browser.open(sandbox, f"#/calls/{calls[0]}")
    browser.until(lambda: calls[0] in browser.text("#detail-title"))
    browser.run("location.hash = arguments[0]", f"#/calls/{calls[1]}")
    browser.until(lambda: calls[1] in browser.text("#detail-title"))
    browser.run("location.hash = arguments[0]", f"#/agents/{agent}")
    browser.until(lambda: "Front Desk" in browser.text("#detail-title"))
    browser.driver.back()
    browser.until(lambda: calls[1] in browser.text("#detail-title"))
    assert browser.find("#panel-calls").is_displayed()


def test_an_unknown_address_says_so(calm: Sandbox, browser: Browser) -> None:
    for what, text in (
        ("calls/none", "There is no call none"),
        ("batches/none", "There is no batch none"),
        ("agents/none", "There is no agent none"),
        ("flows/none", "There is no flow none"),
        ("requests/77", "no longer in the journal"),
        ("deliveries/none", "no longer there"),
    ):
        browser.open(calm, f"#/{what}")
        browser.until(lambda text=text: text in browser.text("#detail"))  # type: ignore[misc]
    browser.open(calm, "#/nowhere")
    assert browser.find("#panel-calls").is_displayed()


def test_states_filter_the_calls_and_stay_in_the_address(calm: Sandbox, browser: Browser) -> None:
    agent = ready_agent(calm)
    send_call(calm, agent)
    busy = send_call(calm, agent, "+15005550001")
    calm.steer(advanceMs=300_000)
    send_call(calm, agent)
    browser.open(calm)
    browser.until(lambda: rows(browser) == 3)
    assert "All 3" in browser.text(".states")
    assert "Failed 1" in browser.text(".states")
    browser.click(".state.failed")
    browser.until(lambda: rows(browser) == 1 and busy in browser.text("#panel-calls tbody"))
    assert address(browser) == "#/calls?state=failed"
    browser.click_text("#panel-calls a", busy)
    browser.until(lambda: busy in browser.text("#detail-title"))
    browser.click("#detail-close")
    browser.until(lambda: address(browser) == "#/calls?state=failed")
    assert rows(browser) == 1
    browser.open(calm, "#/calls?state=running")
    browser.until(lambda: rows(browser) == 1)
    browser.click_text("#panel-calls button", "Clear filters")
    browser.until(lambda: rows(browser) == 3)


def test_calls_are_searched_and_sorted(calm: Sandbox, browser: Browser) -> None:
    agent = ready_agent(calm)
    for index, name in enumerate(("Ada", "Grace", "Edsger")):
        send_call(calm, agent, f"+1202555010{index}", dynamicVariables={"first_name": name})
    browser.open(calm)
    browser.until(lambda: rows(browser) == 3)
    browser.find("body").send_keys("/")
    browser.driver.switch_to.active_element.send_keys("grace")
    browser.until(lambda: rows(browser) == 1)
    assert "+12025550101" in browser.text("#panel-calls tbody")
    browser.fill("#calls-search", "nobody")
    browser.until(lambda: "No call matches" in browser.text("#panel-calls"))
    browser.find("#calls-search").send_keys(Keys.CONTROL + "a", Keys.DELETE)
    browser.until(lambda: rows(browser) == 3)
    browser.click_text("#panel-calls .sort", "To")
    browser.until(lambda: browser.text("#panel-calls tbody tr").find("+12025550102") >= 0)
    browser.click_text("#panel-calls .sort", "To")
    browser.until(lambda: browser.text("#panel-calls tbody tr").find("+12025550100") >= 0)
    assert browser.all("#panel-calls [aria-sort=ascending]")


def test_the_list_obeys_the_arrow_keys_and_gets_the_focus_back(
    calm: Sandbox, browser: Browser
) -> None:
    agent = ready_agent(calm)
    calls = [send_call(calm, agent) for _ in range(120)][::-1]
    browser.open(calm)
    browser.until(lambda: rows(browser) > 3)
    browser.find("#calls-search").send_keys(Keys.ARROW_DOWN)
    browser.until(lambda: focused(browser) == calls[0])
    for key, index in (
        (Keys.ARROW_DOWN, 1),
        (Keys.ARROW_DOWN, 2),
        (Keys.ARROW_UP, 1),
        (Keys.END, 119),
        (Keys.ARROW_UP, 118),
        (Keys.HOME, 0),
        (Keys.ARROW_UP, 0),
    ):
        browser.driver.switch_to.active_element.send_keys(key)
        browser.until(lambda index=index: focused(browser) == calls[index])  # type: ignore[misc]
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.until(lambda: calls[0] in browser.text("#detail-title"))
    browser.until(lambda: focused(browser) == "Close")
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    browser.until(lambda: focused(browser) == calls[0])


def test_calls_that_come_while_somebody_reads_wait_for_a_click(
    calm: Sandbox, browser: Browser
) -> None:
    agent = ready_agent(calm)
    for _ in range(150):
        send_call(calm, agent)
    browser.open(calm)
    browser.until(lambda: rows(browser) > 3)
    browser.run("scrollTo(0, 3000)")
    # Two frames later the rows in sight are others.
    browser.until(
        lambda: browser.run("return document.querySelector('tbody tr').dataset.index > 20")
    )
    first = browser.text("#panel-calls tbody tr")
    new = send_call(calm, agent)
    browser.until(lambda: "1 newer" in browser.text("#panel-calls .newer"))
    assert browser.text("#panel-calls tbody tr") == first
    browser.click("#panel-calls .newer")
    browser.until(lambda: new in browser.text("#panel-calls tbody"))


def test_a_long_list_scrolls_to_its_end_with_few_rows_on_the_page(
    start_sandbox: StartSandbox, browser: Browser
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--paused", "--concurrency", "2000")
    agent = ready_agent(sandbox)
    oldest = send_call(sandbox, agent)
    start_batch(sandbox, agent, 4_000)
    sandbox.steer(advanceMs=600_000)
    browser.open(sandbox)
    browser.until(lambda: "4,001 calls" in browser.text("#panel-calls .count"))
    browser.run("scrollTo(0, document.documentElement.scrollHeight)")
    browser.until(lambda: oldest in browser.text("#panel-calls tbody"))
    assert rows(browser) < 60
    table = browser.find("#panel-calls table")
    assert table.get_attribute("aria-rowcount") == "4002"
    last = browser.run(
        "return document.querySelector('#panel-calls tbody tr:last-child').ariaRowIndex"
    )
    assert last == "4002"


def test_an_empty_page_helps_to_send_the_first_call(calm: Sandbox, browser: Browser) -> None:
    browser.open(calm)
    browser.until(
        lambda: "First command" in browser.text("#panel-calls") or browser.all(".start pre")
    )
    shown = browser.text(".start")
    assert "sandbox-key" in shown
    assert f"http://127.0.0.1:{calm.port}" in shown
    browser.click_text(".start button", "Create an example agent")
    browser.until(lambda: browser.find("#call-dialog").is_displayed())
    browser.fill("#call-number", "+15005550000")
    browser.click("#call-fields button.main")
    browser.until(lambda: "Call " in browser.text("#detail-title"))
    assert "+15005550000" in browser.text("#detail")
    browser.until(lambda: rows(browser) == 1)
    assert calm.get("/sandbox/ledger").json["totals"]["calls.send"]["effects"] == 1


def test_a_form_that_is_pressed_twice_sends_one_call(calm: Sandbox, browser: Browser) -> None:
    ready_agent(calm)
    browser.open(calm)
    browser.click_text("#panel-calls button", "Send a call")
    browser.until(lambda: browser.find("#call-number").is_displayed())
    browser.fill("#call-number", "+15005550000")
    browser.run("for (const _ of [1, 2]) document.getElementById('call-form').requestSubmit()")
    browser.until(lambda: browser.text("#detail-title").startswith("Call "))
    assert calm.request("GET", "/sandbox/calls").json["total"] == 1


def test_words_typed_last_do_not_lead_back_to_their_list(calm: Sandbox, browser: Browser) -> None:
    send_call(calm, ready_agent(calm))
    browser.open(calm)
    browser.until(lambda: rows(browser) == 1)
    browser.run(
        "const field = document.getElementById('calls-search'); field.value = 'Ada';"
        "field.dispatchEvent(new Event('input')); document.getElementById('tab-batches').click()"
    )
    browser.run("return new Promise((resolve) => setTimeout(resolve, 500))")
    assert address(browser) == "#/batches"
    assert browser.find("#panel-batches").is_displayed()


def test_a_call_that_is_refused_says_why_in_the_form(calm: Sandbox, browser: Browser) -> None:
    ready_agent(calm)
    browser.open(calm)
    browser.click_text("#panel-calls .tools button", "Send a call")
    browser.until(lambda: browser.find("#call-dialog").is_displayed())
    browser.fill("#call-number", "+15005550009")
    browser.click("#call-fields button.main")
    browser.until(lambda: "credits" in browser.text("#call-error"))
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    browser.until(lambda: not browser.find("#call-dialog").is_displayed())


def test_a_file_is_checked_before_its_contacts_are_called(
    calm: Sandbox, browser: Browser, tmp_path: Path
) -> None:
    ready_agent(calm)
    bad = tmp_path / "bad.csv"
    bad.write_text("phone_number,first_name\n+12025550101,Ada\n12,Grace\n+12025550101,Edsger\n")
    good = tmp_path / "good.csv"
    good.write_text(contacts(12))
    browser.open(calm, "#/batches")
    browser.click_text("#panel-batches button", "Upload a CSV")
    browser.until(lambda: browser.find("#contact-dialog").is_displayed())
    browser.find("#contact-file").send_keys(str(bad))
    browser.until(lambda: "1 bad" in browser.text("#contact-report"))
    assert "row 2 Invalid phone number" in browser.text("#contact-report")
    assert "already in row 1" in browser.text("#contact-report")
    assert not browser.find("#contact-start").is_enabled()
    browser.find("#contact-file").send_keys(str(good))
    browser.until(lambda: "12 rows: 12 good" in browser.text("#contact-report"))
    browser.click("#contact-start")
    browser.until(lambda: "batch_" in browser.text("#detail-title"))
    assert "12 calls" in browser.text("#detail")


def test_a_batch_is_cancelled_after_a_question_and_lists_its_calls(
    calm: Sandbox, browser: Browser
) -> None:
    batch = start_batch(calm, ready_agent(calm), 40)
    calm.steer(advanceMs=120_000)
    browser.open(calm, f"#/batches/{batch}")
    browser.until(lambda: "WHY CALLS FAILED" in browser.text("#detail"))
    browser.click_text("#detail button", "Cancel the batch…")
    browser.click_text("#confirm-dialog button", "Let it run")
    assert calm.get(f"/v1/api/batch-calls/{batch}").json["status"] == "processing"
    browser.click_text("#detail button", "Cancel the batch…")
    browser.click("#confirm-yes")
    browser.until(lambda: "cancelled" in browser.text("#detail .facts"))
    browser.click_text("#detail a", "Show its calls")
    browser.until(lambda: address(browser) == f"#/calls?batchId={batch}")
    browser.until(lambda: rows(browser) > 3)
    assert not browser.find("#detail").is_displayed()


def test_a_delivery_is_sent_again(
    start_sandbox: StartSandbox, browser: Browser, receiver: Receiver
) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0", "--speed", "600")
    call = send_call(sandbox, ready_agent(sandbox), callbackUrl=receiver.url())
    browser.open(sandbox, f"#/deliveries?search={call}&status=delivered")
    browser.until(lambda: browser.all("#panel-deliveries tbody a"))
    browser.click("#panel-deliveries tbody a")
    browser.until(lambda: len(browser.all("#detail .timeline li")) == 1)
    browser.click_text("#detail button", "Send again")
    browser.until(lambda: len(browser.all("#detail .timeline li")) == 2)


def test_a_fault_is_made_for_the_operation_of_a_request(calm: Sandbox, browser: Browser) -> None:
    ready_agent(calm)
    browser.open(calm, "#/requests")
    browser.click_text("#panel-requests a", "POST /api/v1/flows")
    browser.click_text("#detail a", "Let it fail next time…")
    browser.until(lambda: browser.find("#panel-faults").is_displayed())
    assert browser.find("#fault-add select").get_property("value") == "flows.create"


def test_another_key_is_asked_for_and_never_shown(
    start_sandbox: StartSandbox, browser: Browser
) -> None:
    sandbox = start_sandbox(
        *("--requests-per-minute", "0", "--paused"),
        *("--account", f"{OTHER_KEY}:{OTHER_WORKSPACE}"),
    )
    browser.open(sandbox)
    browser.select("#workspace", OTHER_WORKSPACE)
    browser.until(lambda: OTHER_WORKSPACE in browser.text(".start"))
    assert OTHER_KEY not in browser.text("body")
    browser.click_text(".start button", "Create an example agent")
    browser.until(lambda: browser.find("#key-dialog").is_displayed())
    browser.fill("#key-field", OTHER_KEY + Keys.ENTER)
    browser.until(lambda: browser.find("#call-dialog").is_displayed())
    headers = {"x-api-key": OTHER_KEY, "x-workspace-id": OTHER_WORKSPACE}
    listed = sandbox.request("GET", "/api/v1/agents", headers=headers).json["agents"]
    assert [agent["name"] for agent in listed] == ["Front Desk"]


def test_the_plot_reads_out_each_moment(calm: Sandbox, browser: Browser) -> None:
    agent = ready_agent(calm)
    start_batch(calm, agent, 40)
    calm.steer(advanceMs=200_000)
    send_call(calm, agent)
    browser.open(calm)
    browser.until(lambda: "talking" in browser.text(".reading"))
    assert browser.all(".drawing path.talking")
    assert browser.all(".drawing rect.successful")
    cursor = browser.find(".cursor")
    before = browser.text(".reading")
    cursor.send_keys(Keys.ARROW_LEFT)
    browser.until(lambda: browser.text(".reading") != before)
    assert cursor.get_attribute("aria-valuetext") == browser.text(".reading")
    label = browser.run("return document.querySelector('.drawing svg').getAttribute('aria-label')")
    assert label.startswith("Under way")
