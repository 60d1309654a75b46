"""Pages of other origins in a browser on this machine."""

from __future__ import annotations

import pytest

from conftest import StartSandbox
from sandbox import Sandbox
from test_events import Listener

CONTROLS = ("/sandbox/events", "/sandbox/overview", "/sandbox/ledger", "/sandbox/clock")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", CONTROLS)
def test_a_page_of_another_origin_gets_nothing_although_it_sends_no_origin(
    sandbox: Sandbox, path: str, site: str
) -> None:
    for mode in ("no-cors", "navigate"):
        fetch = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "document"}
        answer = sandbox.request("GET", path, headers=fetch)
        assert (answer.status, answer.json["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_itself_and_the_address_bar_are_served(sandbox: Sandbox, site: str) -> None:
    for path in ("/", "/sandbox/overview"):
        assert sandbox.request("GET", path, headers={"Sec-Fetch-Site": site}).status == 200


def test_a_link_to_the_page_works_and_a_frame_of_it_does_not(sandbox: Sandbox) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    document = {**link, "Sec-Fetch-Dest": "document"}
    assert sandbox.request("GET", "/", headers=document).status == 200
    assert sandbox.request("GET", "/", headers={**link, "Sec-Fetch-Dest": "iframe"}).status == 403


def test_one_address_leaves_places_for_the_others(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--requests-per-minute", "0")
    listeners = [Listener(sandbox) for _ in range(32)]
    for listener in listeners:
        assert listener.next()[0] == "clock"
    refused = sandbox.get("/sandbox/events")
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert "32 listeners of your address" in refused.json["error"]["message"]
    other = Listener(sandbox, address="127.0.0.2")
    assert other.next()[0] == "clock"
    for listener in [*listeners, other]:
        listener.close()
