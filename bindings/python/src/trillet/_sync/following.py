"""Follows a batch on behalf of a thread."""

from __future__ import annotations

import queue
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .._core.following import Followed, Outcome
from .._model.errors import ForkedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._core.base import Client
    from .._core.following import Event
    from .._model.options import RequestOptions

# How soon it is noticed that this is a forked process.
_SLICE_SECONDS = 1.0
# How long whoever leaves waits for files to be closed.
_PATIENCE_SECONDS = 0.25


class Following:
    """Follows a batch, for a thread that waits for its reports."""

    def __init__(
        self,
        client: Client,
        operation: str,
        fields: dict[str, object],
        options: RequestOptions | None,
    ) -> None:
        text = client._options(options, operation)
        self._response = client._response
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._followed = Followed(client, operation, fields, text, self._events.put)
        self.data: Any = None

    def next(self) -> dict[str, Any] | None:
        """The next report, to be answered; None at the end, when ``data`` is there."""
        while True:
            with suppress(queue.Empty):
                event = self._events.get(timeout=_SLICE_SECONDS)
                break
            if self._followed.is_lost:
                raise _forked(self._followed.operation)
        if isinstance(event, Outcome):
            if event.error is not None:
                raise event.error
            self.data = self._response(event.text, self._followed.operation).data
            return None
        return event

    def told(self, progress: Callable[[Any], object] | None, report: dict[str, Any]) -> bool:
        """Whether the progress function wants no more."""
        return progress is not None and bool(progress(report))

    def answer(self, wants_no_more: bool) -> None:
        self._followed.answer(wants_no_more)

    def leave(self) -> None:
        self._followed.leave()
        if not self._followed.is_lost:
            self._followed.thread.join(_PATIENCE_SECONDS)


def _forked(operation: str) -> ForkedError:
    meta = {"operation": operation, "attempts": 0}
    return ForkedError("the client was made before a fork", meta=meta)
