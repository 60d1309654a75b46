"""Each command of the guide docs/command-events.md, in the order in which it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from commanding import PARSED
from conftest import ROOT
from homes import REASONABLE_SECONDS, Home
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from recording_server import RecordingServer

TEXT = (ROOT / "docs/command-events.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
# The script goes on when the listener is there, and has forwarded the event that is listed then.
READY = """\
wait_for() { for _ in $(seq 600); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; return 1; }
wait_for trillet trigger call.started
wait_for trillet events show 1
"""


def test_the_commands_of_the_guide_do_what_it_says(tmp_path: Path, server: RecordingServer) -> None:
    home = Home(tmp_path, RECEIVER=server.url, TRILLET_WEBHOOK_SECRET="whsec_sandbox")
    # A program, not a function of the shell: it is to get the signal.
    program = tmp_path / "bin" / "trillet"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m trillet "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    listen = next(place for place, block in enumerate(BLOCKS) if "listen" in block)
    lines = ["set -euo pipefail", *BLOCKS[: listen + 1], READY, *BLOCKS[listen + 1 :]]
    end = "kill -TERM $(jobs -p); wait"
    with Sandbox() as sandbox:
        done = subprocess.run(
            ["bash", "-c", "\n".join([*lines, end])],
            cwd=tmp_path,
            env={**home.variables, "SANDBOX": sandbox.url, "PATH": path},
            check=False,
            capture_output=True,
            text=True,
            timeout=2 * REASONABLE_SECONDS,
        )
        webhooks = sandbox.control("GET", "/sandbox/webhooks")["webhooks"]
    assert done.returncode == 0, done.stderr + done.stdout
    assert "* sandbox\t" in done.stdout
    assert "accepted (profile sandbox)" in done.stdout
    assert "1 call.started: HTTP 200" in done.stdout
    assert "sandbox-key" not in done.stdout + done.stderr
    types = [request.json.get("event") for request in server.requests]
    assert sorted(filter(None, types)) == ["call.completed", "call.started", "call.started"]
    assert webhooks == []


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`[^`\n]*?(--[a-z.-]+)", TEXT))))
def test_each_option_that_the_guide_names_is_one(option: str) -> None:
    assert option in PARSED
