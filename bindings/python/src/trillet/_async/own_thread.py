"""Blocking functions of the library that an event loop awaits, each on a thread of its own.

The library gives their answers in no other way, and what they decide is decided there: when a list
has ended, how often to look after a batch, which requests a drain still lets go.

Not on the loop's executor: that has few threads, and its end waits for them.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from .running_loop import running_loop

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

Result = TypeVar("Result")


def started(work: Callable[[], Result]) -> asyncio.Future[Result]:
    """What ``work`` will have returned. It goes on when nobody waits for it any more."""
    loop = running_loop("AsyncTrillet")
    future: asyncio.Future[Result] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            _tell(loop, future, None, error)
        else:
            _tell(loop, future, result, None)

    threading.Thread(target=run, name="trillet-await", daemon=True).start()
    return future


def _tell(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[Any],
    result: object,
    error: BaseException | None,
) -> None:
    def finish() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    with suppress(RuntimeError):  # The loop has closed, and nobody waits.
        loop.call_soon_threadsafe(finish)
