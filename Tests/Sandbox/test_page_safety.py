"""Stored text is never more than text on the page, and the page loads nothing from elsewhere."""

from __future__ import annotations

import json
import re

import pytest
from selenium.common.exceptions import JavascriptException

from browser import PANELS, Browser
from conftest import StartSandbox
from sandbox import Sandbox, agent_fields, contacts, flow_fields

ATTACKS = (
    "<script>window.broken = 1</script>",
    '"><img src=x onerror="window.broken = 1">',
    "'><svg onload=window.broken=1>",
    "</script><script>window.broken = 1</script>",
    "javascript:window.broken=1",
    "{{constructor.constructor('window.broken=1')()}}",
    '<iframe srcdoc="<script>parent.broken = 1</script>"></iframe>',
)
ATTACK = " ".join(ATTACKS)


@pytest.fixture
def attacked(start_sandbox: StartSandbox) -> Sandbox:
    """A server with hostile text wherever a client can leave some."""
    sandbox = start_sandbox(
        *("--requests-per-minute", "0", "--speed", "600"),
        *("--account", f"other-key:{ATTACKS[1]}"),
    )
    # What ends with the account must not be what the tests look at.
    voice = {"provider": "rime", "voiceId": ATTACK}
    agent = sandbox.post(
        "/api/v1/agents", agent_fields(name=ATTACK, llmModel=ATTACK, ttsModel=voice)
    ).json["_id"]
    flow = flow_fields(
        name=ATTACK,
        agent=agent,
        prompt=ATTACK + " {first_name}",
        welcomeMessage="ai_custom",
        customWelcomeMessage=ATTACK,
    )
    assert sandbox.post("/api/v1/flows", flow).status == 200
    order = {
        "agentId": agent,
        "toNumber": "+12025550164",
        "dynamicVariables": {"first_name": ATTACK, ATTACK: ATTACK},
        "metadata": {ATTACK: {"deeper": ATTACK}},
        "callbackUrl": "http://127.0.0.1:9/" + ATTACKS[0].replace(" ", ""),
    }
    assert sandbox.post("/api/v1/calls/call", order).status == 200
    csv = contacts(2).replace("Person 0", '"' + ATTACK.replace('"', '""') + '"')
    assert sandbox.upload("/v1/api/batch-calls", csv, agentId=agent).status == 200
    sandbox.request("GET", "/api/v1/agents/%3Cimg%20src=x%20onerror=window.broken=1%3E")
    sandbox.request("GET", "/nowhere", headers={"User-Agent": ATTACK, "X-Other": ATTACK})
    return sandbox


def addresses(browser: Browser, panel: str) -> list[str]:
    """Where the links of a panel lead, each once."""
    script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.hash)"
    return list(dict.fromkeys(browser.run(script, f"#panel-{panel} a.link")))


def test_no_stored_text_runs_or_becomes_markup(attacked: Sandbox, browser: Browser) -> None:
    browser.open(attacked)
    browser.until(lambda: len(browser.all("#panel-calls tbody tr")) == 3)
    for panel in PANELS:
        browser.show(panel)
        browser.until(lambda panel=panel: browser.text(f"#panel-{panel}"))  # type: ignore[misc]
        for address in addresses(browser, panel)[:12]:
            browser.run("location.hash = arguments[0]", address)
            # What names an item opens it; the others are lists.
            if address.count("/") > 1:
                browser.until(lambda: browser.find("#detail").is_displayed())
                browser.click("#detail-close")
    browser.show("agents")
    assert ATTACKS[0] in browser.text("#panel-agents")
    assert ATTACKS[1] in browser.text("#panel-agents")
    # Whatever was going to run has had its turn: two frames have been drawn since.
    browser.driver.execute_async_script(
        "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
    )
    assert browser.run("return window.broken") is None
    assert browser.run("return document.scripts.length") == 1
    assert browser.all("body img, body iframe, object, embed, body svg:not(.drawing svg)") == []
    assert browser.all("body a:not([href^='#'])") == []


def test_a_delivery_shows_its_attempts_and_body_as_text(attacked: Sandbox) -> None:
    delivery = {
        "sequence": 1,
        "id": "evt_1",
        "event": "call.completed",
        "callId": "q7m2x0c9zt",
        "workspaceId": "sandbox-workspace",
        "url": "http://127.0.0.1:9/" + ATTACKS[1],
        "status": "delivered",
        "at": 1932109360000,
        "dueAt": None,
        "attempts": [
            {"at": 1932109360000, "milliseconds": 3, "status": None, "error": ATTACKS[0]},
            {"at": 1932109365000, "milliseconds": 2, "status": 204, "error": None},
        ],
        "body": json.dumps({"event": "call.completed", "data": {"metadata": ATTACK}}),
        "signature": "5ee7d77f",
    }
    browser = Browser()
    try:
        listed = {"entries": [delivery], "matching": 1, "totals": {"delivered": 1}}
        browser.answer("/sandbox/deliveries", listed)
        browser.answer("/sandbox/deliveries/evt_1", delivery)
        browser.open(attacked, "#deliveries")
        browser.until(lambda: "evt_1" in browser.text("#panel-deliveries"))
        assert ATTACKS[1] in browser.text("#panel-deliveries")
        browser.click_text("#panel-deliveries a", "call.completed")
        browser.until(lambda: "5ee7d77f" in browser.text("#detail"))
        assert ATTACKS[0] in browser.text("#detail .timeline")
        assert "204" in browser.text("#detail .timeline")
        assert browser.run("return window.broken") is None
        assert browser.all("#panel-deliveries img, #detail img") == []
    finally:
        browser.close()


def test_the_transcript_of_an_attack_is_text(attacked: Sandbox, browser: Browser) -> None:
    browser.open(attacked)
    call = browser.until(
        lambda: next(
            (
                row.text.split()[0]
                for row in browser.all("#panel-calls tbody tr")
                if "+12025550164" in row.text and "successful" in row.text
            ),
            None,
        )
    )
    browser.click_text("#panel-calls a", str(call))
    browser.until(lambda: ATTACKS[0] in browser.text("#detail .talk"))
    assert ATTACKS[1] in browser.text("#detail")
    assert browser.run("return window.broken") is None


@pytest.mark.parametrize(
    "script",
    [
        "document.body.innerHTML = '<p>markup</p>'",
        "document.body.insertAdjacentHTML('beforeend', '<p>markup</p>')",
        "document.createElement('script').text = 'window.broken = 1'",
    ],
)
def test_the_browser_refuses_to_make_markup_of_text(
    attacked: Sandbox, browser: Browser, script: str
) -> None:
    browser.open(attacked)
    with pytest.raises(JavascriptException, match="Trusted"):
        browser.run(script)


def test_nothing_comes_from_elsewhere(attacked: Sandbox, browser: Browser) -> None:
    browser.open(attacked)
    loaded = browser.run("return performance.getEntriesByType('resource').map((one) => one.name)")
    origin = f"http://127.0.0.1:{attacked.port}/"
    assert loaded
    assert [one for one in loaded if not one.startswith((origin, "data:"))] == []
    source = attacked.get("/").body.decode()
    outside = set(re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*""", source))
    assert outside == set()


def test_each_answer_has_a_nonce_of_its_own(sandbox: Sandbox) -> None:
    nonces = set()
    for _ in range(3):
        answer = sandbox.get("/")
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"script-src 'nonce-([0-9a-f]{32})'", policy)
        assert nonce is not None
        assert "unsafe" not in policy
        assert answer.body.decode().count(f'nonce="{nonce[1]}"') == 2
        assert answer.headers["x-content-type-options"] == "nosniff"
        nonces.add(nonce[1])
    assert len(nonces) == 3


@pytest.mark.parametrize("path", ["/", "/sandbox/overview", "/sandbox/events"])
def test_other_pages_and_rebound_names_are_kept_out(sandbox: Sandbox, path: str) -> None:
    assert sandbox.request("GET", path, headers={"Host": "evil.example"}).status == 403
    assert sandbox.request("GET", path, headers={"Origin": "http://evil.example"}).status == 403
    assert sandbox.request("DELETE", path).status == 405
