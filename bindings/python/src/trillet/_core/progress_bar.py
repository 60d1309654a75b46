"""How a batch or calls get on, as a bar for people: what ``progress=True`` means."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from .status_line import StatusLine, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Drawing(Protocol):
    """What shows how many calls have ended, of how many."""

    def show(self, text: str, ended: int, total: int) -> None: ...

    def close(self) -> None: ...


class ProgressBar:
    """Shows the reports on a batch, or on calls, on standard error."""

    def __init__(self) -> None:
        self._drawing: Drawing | None = _drawing()

    def __call__(self, update: Mapping[str, Any]) -> None:
        if self._drawing is None:
            return
        name = update.get("batchId") or update.get("callId") or "calls"
        text = f"{name} {update['state']}"
        if update.get("failed"):
            text += f", {update['failed']} failed"
        try:
            self._drawing.show(printable(text), _ended(update), update.get("total", 1) or 0)
        except Exception:
            # Such as that of a closed standard error: what is followed goes on all the same.
            self.close()

    def close(self) -> None:
        """Leaves the bar as it stands."""
        drawing, self._drawing = self._drawing, None
        with suppress(Exception):
            if drawing is not None:
                drawing.close()


def _ended(update: Mapping[str, Any]) -> int:
    if "batchId" in update:
        return (update["completed"] or 0) + (update["failed"] or 0)
    if "total" in update:
        ended: int = update["ended"] + update["lost"] + update["ambiguous"]
        return ended
    return int(update["state"] in ("ended", "lost", "ambiguous"))


def bar_of(progress: Callable[[Any], object] | bool | None) -> Callable[[Any], object] | None:
    """The function that takes the reports: a bar where True was given."""
    if progress is None or progress is False:
        return None
    return ProgressBar() if progress is True else progress


def close_bar(progress: Callable[[Any], object] | None) -> None:
    """Ends a bar; any other function has nothing to end."""
    if isinstance(progress, ProgressBar):
        progress.close()


def _drawing() -> Drawing:
    if not is_terminal():
        return _Line()
    for kind in (_RichBar, _TqdmBar):
        try:
            return kind()
        except Exception:
            # It is not installed, or is another than is known here.
            continue
    return _Line()


def is_terminal() -> bool:
    """Whether standard error is one."""
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:
        return False


class _RichBar:
    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        class Quiet(Console):
            def on_broken_pipe(self) -> None:
                # rich would end the program, and take its standard output away.
                self.quiet = True

        self._bar = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[rate]}"),
            progress.TimeRemainingColumn(),
            console=Quiet(file=sys.stderr),
        )
        self._pace = _Pace()
        self._task: Any = None

    def show(self, text: str, ended: int, total: int) -> None:
        rate = self._pace.rate(ended)
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(text, total=total or None, completed=ended, rate=rate)
        self._bar.update(
            self._task, description=text, total=total or None, completed=ended, rate=rate
        )

    def close(self) -> None:
        self._bar.stop()


class _TqdmBar:
    def __init__(self) -> None:
        # It brings no types.
        self._new: Any = import_module("tqdm").tqdm
        self._bar: Any = None

    def show(self, text: str, ended: int, total: int) -> None:
        if self._bar is None:
            self._bar = self._new(total=total or None, initial=ended, unit="call", file=sys.stderr)
        self._bar.total = total or None
        self._bar.set_description_str(text, refresh=False)
        self._bar.update(ended - self._bar.n)
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


class _Line:
    """What stands for a bar where there is none."""

    def __init__(self) -> None:
        self._pace = _Pace()
        self._line = StatusLine()

    def show(self, text: str, ended: int, total: int) -> None:
        self._line.show(self._pace.line(text, ended, total), text)

    def close(self) -> None:
        self._line.close()


class _Pace:
    """How fast calls end, since the first report."""

    def __init__(self) -> None:
        self._start: tuple[float, int] | None = None

    def _per_second(self, ended: int) -> float:
        if self._start is None:
            self._start = monotonic(), ended
        seconds = monotonic() - self._start[0]
        return (ended - self._start[1]) / seconds if seconds > 0 else 0.0

    def rate(self, ended: int) -> str:
        per_second = self._per_second(ended)
        return f"{per_second * 60:.0f} calls/min" if per_second else ""

    def line(self, text: str, ended: int, total: int) -> str:
        if not total:
            return text
        parts = [f"{text}: {ended} of {total}"]
        per_second = self._per_second(ended)
        if per_second:
            parts.append(self.rate(ended))
            if ended < total:
                parts.append(f"{duration_text((total - ended) / per_second)} left")
        return ", ".join(parts)


def duration_text(seconds: float) -> str:
    """Such as 1:05, or 2:00:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
