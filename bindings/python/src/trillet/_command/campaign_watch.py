"""A campaign that is watched in a terminal."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from .._core.status_line import StatusLine
from .campaign_report import again, failure_line, line, progress
from .output import one_line

if TYPE_CHECKING:
    import argparse

    from ..campaign import Campaign, Status

LOOK_SECONDS = 1.0
# Green, red and yellow of the terminal's own palette.
STYLES = {"held": "bold red", "unknown": "bold yellow", "done": "green", "in_call": "cyan"}


class Screen(Protocol):
    def show(self, status: Status) -> None: ...

    def close(self) -> None: ...


def watch(campaign: Campaign, given: argparse.Namespace) -> Status:
    """Shows it on standard error until it has ended, or for ever while it is a draft or paused."""
    screen = screen_of_campaign()
    try:
        while True:
            status = campaign.status()
            if status.state in ("done", "cancelled"):
                return status
            screen.show(status)
            time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        screen.close()
        told = f"The campaign goes on. Look again: {again(given, 'status', '--watch')}"
        print(told, file=sys.stderr)
        raise
    finally:
        screen.close()


def screen_of_campaign() -> Screen:
    """A bar on a terminal, where rich is installed; else lines."""
    # The terminal's width and colours are rich's business; without either a line does.
    with suppress(Exception):
        if sys.stderr.isatty():
            return _RichScreen()
    return _LineScreen()


class _LineScreen:
    def __init__(self) -> None:
        self._line: StatusLine | None = StatusLine()

    def show(self, status: Status) -> None:
        if self._line is not None:
            self._line.show(line(status), f"{status.state} {status.waits_for is None}")

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


class _RichScreen:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        class Quiet(Console):
            def on_broken_pipe(self) -> None:
                # rich would end the program.
                self.quiet = True

        self._live = Live(console=Quiet(file=sys.stderr), auto_refresh=False, transient=True)
        self._live.start()

    def show(self, status: Status) -> None:
        # A closed terminal ends nothing.
        with suppress(OSError, ValueError):
            self._live.update(_picture(status), refresh=True)

    def close(self) -> None:
        with suppress(OSError, ValueError):
            self._live.stop()


def _picture(status: Status) -> Any:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    counts = Table.grid(padding=(0, 2))
    for state, count in status.contacts.items():
        style = STYLES.get(state, "")
        counts.add_row(Text(f"{count:,}", style=style, justify="right"), Text(state, style=style))
    head = f"{one_line(status.name)} {status.state}: {status.ended:,} of {status.total:,}"
    rows: list[Any] = [
        Text(head, style="bold"),
        ProgressBar(total=max(1, status.total), completed=status.ended),
        Text(progress(status)),
    ]
    if status.waits_for is not None:
        reason = one_line(status.waits_for)
        told = f"waits for {reason}" if status.state == "running" else reason
        rows.append(Text(told, style="yellow"))
    rows.append(counts)
    rows += [Text(failure_line(each), style="red") for each in status.failures]
    return Group(*rows)
