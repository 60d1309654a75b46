"""Follows a batch on behalf of a task."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from .._json.answers import data_of
from .pager import AsyncPager

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._core.base import Client
    from .._model.options import RequestOptions
    from .event_loop import LoopDesk


class AsyncFollowing:
    """Follows a batch, for a task that awaits its reports."""

    def __init__(
        self,
        client: Client,
        operation: str,
        fields: dict[str, object],
        options: RequestOptions | None,
    ) -> None:
        self._pager = AsyncPager.over(client, operation, fields, options)
        self._desk: LoopDesk | None = None
        self.data: Any = None

    async def next(self) -> dict[str, Any] | None:
        """The next report, to be answered; None at the end, when ``data`` is there."""
        self._desk = self._pager.desk()
        told: dict[str, Any] = data_of(await self._desk.report(self._pager))
        if "nextLookMs" in told:
            return told
        self.data = told
        self._pager.free()
        return None

    async def told(self, progress: Callable[[Any], object] | None, report: dict[str, Any]) -> bool:
        """Whether the progress function wants no more."""
        if progress is None:
            return False
        verdict = progress(report)
        return bool(await verdict if inspect.isawaitable(verdict) else verdict)

    def answer(self, wants_no_more: bool) -> None:
        if wants_no_more:
            self._pager.stop()

    def leave(self) -> None:
        """Ends it; what is on its way is cancelled, and a file closed."""
        self._pager.free()
        if self._desk is not None:
            self._desk.catch_up()
