"""Writes a recording to a file, and reports on it, for `asyncio`.

The library writes in a call that blocks, so that a thread makes it; the event loop goes on.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from .._core.following import Followed, Outcome, checked_download
from .running_loop import running_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._core.base import Client
    from .._core.following import Event
    from .._model.options import RequestOptions


async def saved(
    client: Client,
    fields: dict[str, object],
    progress: Callable[[Any], object],
    options: RequestOptions | None,
) -> Any:
    """The answer in the end. ``progress`` is called in the event loop; it may be a coroutine."""
    checked_download(fields, progress)
    loop = running_loop("calls.recording")
    events: asyncio.Queue[Event] = asyncio.Queue()

    def deliver(event: Event) -> None:
        loop.call_soon_threadsafe(events.put_nowait, event)

    text = client._options(options, "calls.recording")
    followed = Followed(client, "calls.save_recording", fields, text, deliver)
    try:
        while not isinstance(event := await events.get(), Outcome):
            verdict = progress(event)
            if inspect.isawaitable(verdict):
                verdict = await verdict
            followed.answer(bool(verdict))
    except BaseException:
        followed.leave()
        raise
    if event.error is not None:
        raise event.error
    return client._response(event.text, "calls.recording").data
