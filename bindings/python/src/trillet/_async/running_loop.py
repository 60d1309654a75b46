"""The event loop that the calling task runs in."""

from __future__ import annotations

import asyncio
import sys


def running_loop(operation: str) -> asyncio.AbstractEventLoop:
    """The running loop.

    Raises:
        RuntimeError: There is none; under trio it says what to use there.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        if _is_in_trio():
            advice = "under trio use trio.to_thread.run_sync with a method of Trillet"
        else:
            advice = "await this in a task, for instance of asyncio.run, or use Trillet"
        raise RuntimeError(f"{operation}: AsyncTrillet is for asyncio only; {advice}") from None


def _is_in_trio() -> bool:
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True
