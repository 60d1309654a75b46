"""The page of a campaign that has called for a day, and a headless Chromium."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from chromium import LOOPBACK_ONLY, chromium
from trillet.campaign import Campaign, Policy

ROOT = Path(__file__).resolve().parents[2]
MINUTE_MS = 60_000
CALLS = 240
ATTACK = '<img src=x onerror="window.broken=1"></script><script>window.broken=1</script>\'"\u202e'
OUTCOMES = ("completed", "completed", "no_answer", "voicemail", "busy", "failed", "x<svg onload=1>")


def called(database: Path) -> None:
    """Makes a campaign whose calls were placed every six minutes, with hostile text in it."""
    policy = Policy(windows=())
    campaign = Campaign.create(database, ATTACK, agent="a", account="a", policy=policy)
    campaign.add({"phone_number": f"+1202555{n:04}", "key": f"{n}{ATTACK}"} for n in range(400))
    campaign.start()
    campaign.close()
    now = int(time.time() * 1000)
    with sqlite3.connect(database) as connection:
        for number in range(1, CALLS + 1):
            at = now - (CALLS - number) * 6 * MINUTE_MS
            outcome = OUTCOMES[number % len(OUTCOMES)]
            state, contact = ("unknown", "held") if number % 60 == 0 else ("ended", "done")
            connection.execute(
                "INSERT INTO attempt (contact, n, campaign, account, phone, token, worker,"
                " intent_at, send_by, state, disposition) VALUES (?, 1, 1, 'a', ?, '', '', ?, 0,"
                " ?, ?)",
                (number, str(number), at, state, outcome if state == "ended" else None),
            )
            connection.execute(
                "UPDATE contact SET state = ?, disposition = ? WHERE id = ?",
                ("unknown" if number == 60 else contact, outcome, number),
            )
        connection.execute(
            "INSERT INTO event (at, campaign, contact, kind, detail) VALUES (?, 1, 60, 'unknown',"
            " ?)",
            (now, json.dumps({"reason": ATTACK})),
        )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("campaign") / "leads.db"
    called(found)
    return found


@pytest.fixture(scope="module")
def address(database: Path) -> Iterator[str]:
    """Of the page, as the command serves it."""
    words = ["campaign", "serve", str(database), "--port", "0", "--output", "json"]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "trillet", *words], env=variables, stdout=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        yield str(json.loads(served.stdout.readline())["url"])
        served.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    try:
        driver = chromium(LOOPBACK_ONLY)
    except FileNotFoundError as error:
        pytest.exit(str(error), returncode=1)
    driver.set_page_load_timeout(30)
    driver.set_script_timeout(60)
    yield driver
    driver.quit()
