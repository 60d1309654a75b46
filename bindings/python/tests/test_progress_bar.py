"""The bar that ``progress=True`` shows on standard error."""

from __future__ import annotations

import fcntl
import io
import os
import select
import struct
import sys
import termios
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from followed import FollowedBatch, look

if TYPE_CHECKING:
    import trillet
    from recording_server import RecordingServer


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(
    client: trillet.Trillet,
    server: RecordingServer,
    monkeypatch: pytest.MonkeyPatch,
    stream: io.StringIO,
) -> str:
    """What a wait for a batch writes there."""
    FollowedBatch(server, look(1, 4), look(2, 4), look(4, 4, status="completed"), calls=4)
    monkeypatch.setattr(sys, "stderr", stream)
    client.batch_calls.wait("batch_1", progress=True, min_interval_ms=20)
    return stream.getvalue()


def test_the_bar_is_of_rich_where_that_is_installed(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = shown(client, server, monkeypatch, Terminal())
    assert "batch_1 completed" in bar
    assert "4/4" in bar


def test_the_bar_is_of_tqdm_otherwise(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    bar = shown(client, server, monkeypatch, Terminal())
    assert "batch_1 completed" in bar
    assert "4/4" in bar


def test_a_line_stands_for_the_bar_where_neither_is_installed(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    line = shown(client, server, monkeypatch, Terminal())
    assert "batch_1 running: 2 of 4" in line
    assert "calls/min" in line
    assert "left" in line
    assert line.endswith("\n")


def test_a_file_gets_lines_and_no_bar(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(client, server, monkeypatch, io.StringIO())
    lines = text.splitlines()
    assert lines[0] == "batch_1 running: 1 of 4"
    assert lines[-1].startswith("batch_1 completed: 4 of 4")
    assert "\r" not in text


def test_results_show_the_bar_too(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    FollowedBatch(server, look(3, 3, status="completed"), calls=3)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert len(list(client.batch_calls.results("batch_1", progress=True))) == 3
    assert "3/3" in terminal.getvalue()


class Gone(Terminal):
    """Standard error of a program whose reader has left."""

    def write(self, _text: str, /) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


class Deaf(Gone):
    def isatty(self) -> bool:
        return False


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("missing", [(), ("rich",), ("rich", "tqdm")])
@pytest.mark.parametrize("stream", [Gone(), Deaf(), closed(), None], ids=repr)
def test_a_bar_that_nobody_can_see_does_not_end_the_wait(
    client: trillet.Trillet,
    server: RecordingServer,
    monkeypatch: pytest.MonkeyPatch,
    missing: tuple[str, ...],
    stream: io.StringIO | None,
) -> None:
    for module in missing:
        monkeypatch.setitem(sys.modules, module, None)
    FollowedBatch(server, look(1, 4), look(4, 4, status="completed"), calls=4)
    monkeypatch.setattr(sys, "stderr", stream)
    end = client.batch_calls.wait("batch_1", progress=True, min_interval_ms=20)
    assert end["completed"] == 4


def test_a_module_that_is_not_the_one_meant_does_not_end_the_wait(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "tqdm", ModuleType("tqdm"))
    bar = shown(client, server, monkeypatch, Terminal())
    assert "batch_1 completed: 4 of 4" in bar


def test_a_line_is_no_longer_than_the_terminal_is_wide(
    client: trillet.Trillet, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    reader, writer = os.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
    FollowedBatch(server, look(1, 4), look(4, 4, status="completed"), calls=4)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        client.batch_calls.wait("batch_1", progress=True, min_interval_ms=20)
        text = ""
        while "completed" not in text and select.select([reader], [], [], 10)[0]:
            text += os.read(reader, 4096).decode()
    os.close(reader)
    lines = [line.partition("\033")[0] for line in text.split("\r")]
    assert max(map(len, lines)) == 19
