"""What type checkers find in a program that uses the package."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import trillet

def main(client: trillet.Trillet) -> None:
    voice: trillet.types.TtsModel = {"provider": "rime", "voiceId": "v", "language": "en"}
    agent = client.agents.create(name="a", llm_model="a-model-of-tomorrow", tts_model=voice)
    client.flows.create(
        name="f", direction="outbound", prompt_type="simple", agent=agent["_id"]
    )
    client.flows.create(
        name="f", direction="sideways", prompt_type="simple", agent=agent["_id"]
    )
    client.batch_calls.list_all_calls("b", status="lost")
    for record in client.calls.list_all_history(direction="outbound"):
        print(record["callid"])
    for call in client.batch_calls.results("b", details=True):
        details = call.get("details")
        print(details["callId"] if details else None, trillet.call_id(call))
    client.batch_calls.results("b", "results.csv", details=True)
    saved = client.calls.recording("r", file="r.mp3", progress=lambda now: print(now["bytes"]))
    sound: bytes = trillet.content(saved)
    number: int = trillet.call_id(sound)
    end = client.calls.wait("c")
    cost: float | None = end["record"].get("cost") if end["record"] else None
"""
WRONG = ["sideways", "lost", "callid", "details=True)\n    saved", "number: int"]


def test_a_checker_finds_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(program)],
        env={**os.environ, "MYPYPATH": str(ROOT / "bindings/python/src")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = {int(line) for line in re.findall(r"program\.py:(\d+): error", done.stdout)}
    expected = {PROGRAM[: PROGRAM.index(wrong)].count("\n") + 1 for wrong in WRONG}
    # A call over several lines is found where it begins.
    assert {
        line + 1 if "flows.create" in PROGRAM.splitlines()[line - 1] else line for line in found
    } == (expected), done.stdout + done.stderr


def test_the_package_says_that_it_is_typed() -> None:
    assert trillet.__file__ is not None
    assert (ROOT / "bindings/python/src/trillet/py.typed").exists()
