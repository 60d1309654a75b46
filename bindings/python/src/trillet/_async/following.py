"""Follows a batch on behalf of a task."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from .._core.following import Followed, Outcome
from .running_loop import running_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._core.base import Client
    from .._core.following import Event


class AsyncFollowing:
    """Follows a batch, for a task that awaits its reports."""

    def __init__(
        self,
        client: Client,
        operation: str,
        fields: dict[str, object],
        options: bytes | None,
    ) -> None:
        self._response = client._response
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        loop = running_loop(operation)

        def deliver(event: Event) -> None:
            loop.call_soon_threadsafe(self._events.put_nowait, event)

        self._followed = Followed(client, operation, fields, options, deliver)
        self.data: Any = None

    async def next(self) -> dict[str, Any] | None:
        """The next report, to be answered; None at the end, when ``data`` is there."""
        event = await self._events.get()
        if isinstance(event, Outcome):
            if event.error is not None:
                raise event.error
            self.data = self._response(event.text, self._followed.operation).data
            return None
        return event

    async def told(self, progress: Callable[[Any], object] | None, report: dict[str, Any]) -> bool:
        """Whether the progress function wants no more."""
        if progress is None:
            return False
        verdict = progress(report)
        return bool(await verdict if inspect.isawaitable(verdict) else verdict)

    def answer(self, wants_no_more: bool) -> None:
        self._followed.answer(wants_no_more)

    def leave(self) -> None:
        self._followed.leave()
