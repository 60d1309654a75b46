"""Runs commands inside the folders with a Debian that Tests/Distributions/make-root makes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

INSIDE = Path(__file__).resolve().parents[2] / "Distributions/inside"


def inside(
    root: Path, *command: str, data: str | Path | None = None, seconds: int = 900
) -> tuple[str, int]:
    """Runs a command inside a folder, with `data` at /data; gives its output and exit status."""
    environment = {**os.environ, "TRILLET_TEST_DATA": str(data or "")}
    try:
        done = subprocess.run(
            [str(INSIDE), str(root), *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        output = expired.output or b""
        text = output.decode(errors="replace") if isinstance(output, bytes) else output
        return f"{text}\nended after {seconds} s\n", 124
    return done.stdout, done.returncode
