"""A headless Chromium for tests of pages."""

from __future__ import annotations

import os
import shutil

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

# Names of other machines lead nowhere, so that what is loaded from them is missed.
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def program(name: str) -> str:
    """Where a program is.

    Raises:
        FileNotFoundError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed: run `Tools/install-packages test`")
    return path


def chromium(*flags: str) -> Chrome:
    """Starts one, which keeps its console for `get_log("browser")`.

    Raises:
        FileNotFoundError: it is not installed.
    """
    options = ChromeOptions()
    options.binary_location = program("chromium")
    for flag in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    for flag in flags:
        options.add_argument(flag)
    if os.geteuid() == 0:
        # Chromium's own sandbox does not run as root, which containers often are.
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return Chrome(options=options, service=ChromeService(program("chromedriver")))
