"""What axe finds on a page that a browser shows.

TRILLET_AXE names another axe.min.js than that of the package axe_core_python.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

RUN = """;axe.run().then(({violations}) => violations.map(({id, nodes}) =>
  id + ': ' + nodes.map((one) => one.html).join(' ')))"""


def found_by_axe(browser: Chrome) -> Any:
    """A line for each rule that is broken, with the elements that break it."""
    answer = browser.execute_cdp_cmd(
        "Runtime.evaluate",
        {"expression": _script() + RUN, "awaitPromise": True, "returnByValue": True},
    )
    return answer["result"]["value"]


def _script() -> str:
    spec = find_spec("axe_core_python")
    assert spec is not None
    assert spec.submodule_search_locations
    given = os.environ.get("TRILLET_AXE")
    path = Path(given) if given else Path(spec.submodule_search_locations[0]) / "axe.min.js"
    return path.read_text()
