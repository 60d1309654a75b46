"""Watching a campaign in a terminal."""

from __future__ import annotations

import io
import sys
import time
from typing import TYPE_CHECKING

import pytest

from campaign_places import ADA, begun
from trillet._command.command import main

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    """What a person sees who presses Ctrl-C at once."""

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    database = tmp_path / "leads.db"
    begun(str(database), "a", ADA, name="[red]spring\x1b[2J").close()
    monkeypatch.setattr(time, "sleep", interrupted)
    monkeypatch.setattr(sys, "stderr", stream)
    assert main(["campaign", "status", str(database), "--watch"]) == 130
    return stream.getvalue()


@pytest.mark.parametrize("has_rich", [True, False])
def test_ctrl_c_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_rich: bool
) -> None:
    if not has_rich:
        monkeypatch.setitem(sys.modules, "rich.console", None)
    seen = watched(tmp_path, monkeypatch, Terminal())
    assert "[red]spring\\x1b[2J running: 0 of 1" in seen
    assert f"trillet campaign status {tmp_path / 'leads.db'} --watch" in seen


def test_a_file_gets_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched(tmp_path, monkeypatch, io.StringIO())
    assert "running: 0 of 1, 0 calls/min" in seen
    assert "\x1b" not in seen
