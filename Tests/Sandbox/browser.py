"""A headless Chromium that looks at the sandbox's page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from chromium import chromium
from sandbox import Sandbox

Result = TypeVar("Result")

PANELS = ("calls", "batches", "agents", "flows", "numbers", "requests", "deliveries", "faults")


class Browser:
    """One window."""

    def __init__(self, width: int = 1200, height: int = 860) -> None:
        self.driver = chromium(f"--window-size={width},{height}")

    def close(self) -> None:
        self.driver.quit()

    def open(self, sandbox: Sandbox, fragment: str = "") -> None:
        """Loads the page anew and waits until it is connected."""
        self.driver.get("about:blank")
        self.driver.get(f"http://127.0.0.1:{sandbox.port}/{fragment}")
        self.until(lambda: self.text("#live") == "Live")

    def answer(self, path: str, body: object) -> None:
        """From the next page on, lets requests for `path` be answered with `body`."""
        script = """
            {
              const original = window.fetch;
              window.fetch = (address, options) => String(address).split("?")[0] === PATH
                ? Promise.resolve(new Response(JSON.stringify(BODY))) : original(address, options);
            }
        """
        self.driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument",
            {"source": script.replace("PATH", json.dumps(path)).replace("BODY", json.dumps(body))},
        )

    def until(self, look: Callable[[], Result]) -> Result:
        """Looks again and again until it is true, for 15 seconds at most."""
        wait = WebDriverWait(self.driver, 15, poll_frequency=0.05)
        return wait.until(lambda _: look(), f"still not so; the page: {self.text('body')[:600]}")

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """The text shown; read in one go, since the page may replace the element any time."""
        found = self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        return str(found)

    def click(self, selector: str) -> None:
        self.find(selector).click()

    def click_text(self, selector: str, text: str) -> None:
        """Clicks the first element with exactly this text as soon as there is one."""

        def matching() -> WebElement | None:
            return next((one for one in self.all(selector) if one.text == text), None)

        found = self.until(matching)
        assert found is not None
        found.click()

    def show(self, panel: str) -> None:
        self.click(f"#tab-{panel}")

    def fill(self, selector: str, text: str) -> None:
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    def select(self, selector: str, value: str) -> None:
        Select(self.find(selector)).select_by_value(value)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        """What the console shows as errors, but for answers that are errors themselves."""
        lines: list[dict[str, Any]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [
            str(line["message"])
            for line in lines
            if line["level"] == "SEVERE" and "Failed to load resource" not in str(line["message"])
        ]

    def look(self, *, dark: bool = False, size: tuple[int, int] | None = None) -> None:
        """Shows the page as on a phone of that size, or as on this screen again, light or dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        if size:
            width, height = size
            self.driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True},
            )
        else:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
