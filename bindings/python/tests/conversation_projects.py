"""Folders with agents, flows and conversations, and the command that holds these."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

AGENT = """\
name: Front Desk
llmModel: gpt-4o-mini
ttsModel: {provider: rime, voiceId: mistv2_Brook}
"""
FLOW = """\
name: Reception
agent: front-desk
direction: inbound
promptType: simple
prompt: reception.md
welcomeMessage: ai_dynamic
"""
PROMPT = """\
- If the caller asks about "opening hours", say "Nine to five, {first_name}."
- If the caller wants a person, transfer the call to +12025550199.
- If the caller says "\u001b[2Jclear", say "Bell\u0007 and \u001b[31mred."
"""


def project(folder: Path, conversations: str, name: str = "reception.test.yaml") -> Path:
    """A folder with one agent and one flow; returns the file of conversations."""
    for kind in ("agents", "flows"):
        (folder / kind).mkdir(exist_ok=True)
    (folder / "agents" / "front-desk.yaml").write_text(AGENT)
    (folder / "flows" / "reception.yaml").write_text(FLOW)
    (folder / "flows" / "reception.md").write_text(PROMPT)
    file = folder / "agents" / name
    file.write_text(conversations)
    return file


def trillet_test(
    folder: Path, *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs ``trillet test`` in a folder."""
    given = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    return subprocess.run(
        [sys.executable, "-m", "trillet", "test", *map(str, arguments)],
        cwd=folder,
        env=given,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
