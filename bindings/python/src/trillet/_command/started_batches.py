"""The batches that this command has started on this machine: the service has no list of them.

docs/decisions.md, batches-remembered-here
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .. import ConfigurationError
from .places import made_private, state_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MOST = 1000
_NO_FILE = (OSError, ConfigurationError)


def _file() -> Path:
    return state_folder() / "batches.jsonl"


def remember(batch: Mapping[str, Any]) -> None:
    """Keeps it. That it cannot be kept is no failure: the batch runs."""
    with suppress(*_NO_FILE):
        path = _file()
        made_private(path.parent)
        _shorten(path)
        line = json.dumps(batch) + "\n"
        # One write, which no other command that starts one comes between.
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def _shorten(path: Path) -> None:
    if not path.exists() or path.stat().st_size < _MOST * 200:
        return
    lines = path.read_text("utf-8", "replace").splitlines(keepends=True)
    if len(lines) >= 2 * _MOST:
        rest = path.with_suffix(f".{os.getpid()}")
        rest.write_text("".join(lines[-_MOST:]), "utf-8")
        rest.chmod(0o600)
        rest.replace(path)


def remembered() -> list[dict[str, Any]]:
    """The batches, the newest first; a line that was damaged is none."""
    found = []
    with suppress(*_NO_FILE):
        for line in _file().read_text("utf-8", "replace").splitlines():
            with suppress(ValueError):
                batch = json.loads(line)
                if isinstance(batch, dict) and isinstance(batch.get("batchId"), str):
                    found.append(batch)
    return found[::-1]
