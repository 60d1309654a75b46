"""The built site, behind a server on loopback, and a browser that looks at it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from chromium import LOOPBACK_ONLY, chromium

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("TRILLET_SITE", ROOT / "build/site"))
SCREENS = {"phone": (390, 844), "desk": (1280, 900)}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").is_file():
        pytest.exit(f"{SITE} has no pages: run `make docs`", returncode=1)
    return SITE


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    try:
        driver = chromium(LOOPBACK_ONLY)
    except FileNotFoundError as error:
        pytest.exit(str(error), returncode=1)
    driver.set_page_load_timeout(30)
    driver.set_script_timeout(30)
    yield driver
    driver.quit()


@pytest.fixture
def screen(request: pytest.FixtureRequest, browser: Chrome) -> Iterator[str]:
    width, height = SCREENS[request.param]
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    yield request.param
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
