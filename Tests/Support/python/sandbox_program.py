"""Where trillet-sandbox is, and how it is started."""

from __future__ import annotations

import json
import os
import select
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 10.0

Process = subprocess.Popen[bytes]


def binary() -> Path:
    """The program under test.

    Raises:
        FileNotFoundError: it is neither where TRILLET_SANDBOX says nor built.
    """
    candidates = [
        ROOT / "build/bin/trillet-sandbox",
        ROOT / "Tools/.build/release/trillet-sandbox",
        ROOT / "Tools/.build/debug/trillet-sandbox",
    ]
    if named := os.environ.get("TRILLET_SANDBOX"):
        candidates = [Path(named)]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise FileNotFoundError(
        f"trillet-sandbox is not at {', '.join(map(str, candidates))}: "
        "build it with `make tools` or set TRILLET_SANDBOX"
    )


def started(command: list[str]) -> tuple[Process, dict[str, Any]]:
    """The process and its ready event, which comes when it listens.

    Raises:
        RuntimeError: it did not start; the message has what it wrote.
    """
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if readable else b""
    if not line:
        process.kill()
        _, errors = process.communicate()
        raise RuntimeError(f"{Path(command[0]).name} did not start: {errors.decode()}")
    ready: dict[str, Any] = json.loads(line)
    return process, ready
